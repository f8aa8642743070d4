//! `realign schema drop`: what is declared, or everything.

use std::collections::BTreeSet;

use realign::model::{Database, ObjectName};
use realign::planner::{Diagnostic, NameKind, drop_plan};
use realign::runtime::kernel::RunKind;
use realign::runtime::{Inspection, precheck};

use super::context::{self, Live};
use super::execute::{Goal, Job, changed_meanwhile, execute, hold};
use super::update::{queries, refuse_as};
use crate::args::DropArgs;
use crate::exit::Exit;
use crate::report::doctrine::{Mode, Work};
use crate::report::document::{Outcome, RunDocument};
use crate::report::style::count;
use crate::report::{self, Out};
use crate::settings::Settings;

const COMMAND: &str = "schema drop";

/// Drops what is declared, or shows how.
pub(super) fn run(args: &DropArgs, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    let out = out.reserving_sql(args.dump_sql);
    let mode = Mode {
        dump: args.dump_sql,
        force: args.force,
    };
    let mut live = Live::configured(settings)?;
    let found = live.inspect(settings)?;
    out.diagnostics(&found.remarks)?;
    let database = live.document(&found.facts);
    let declared = if args.full_database {
        realign::Declared {
            database: Database::default(),
            classes: Vec::new(),
            diagnostics: Vec::new(),
            scope: realign::planner::Scope::ALL,
            data_statements: 0,
            skipped_bytes: 0,
        }
    } else {
        context::declare(settings, live.engine, &found.facts)?
    };
    out.diagnostics(&declared.diagnostics)?;
    if declared.has_errors() {
        return refuse_as(
            COMMAND,
            out,
            Some(database),
            declared.diagnostics,
            "the mapping has errors",
        );
    }
    let policy = context::policy(settings, false, &found.database, &declared);
    let choice = Choice {
        found: &found,
        dialect: live.engine.dialect,
    };
    let wanted = choice.objects(&declared.database, args.full_database, |name| {
        policy.leaves_table(name)
    });
    let mut plan = drop_plan(&wanted, &found.database, live.engine.dialect, &found.facts);
    plan.refusals.extend(choice.still_referred_to(&wanted));
    if plan.is_empty() && plan.refusals.is_empty() {
        match out.speech {
            Some(speech) => out.spoken(speech, &speech.nothing(Work::Drop, mode))?,
            None => out.chatter("Nothing to drop. The database is empty!")?,
        }
        let mut document = RunDocument::planned(COMMAND, Some(database), &plan, &[]);
        document.outcome = Outcome::NothingToDo;
        out.json(&document)?;
        return Ok(Exit::Done);
    }
    if args.full_database {
        for table in &found.database.tables {
            let name = table.name.to_string();
            if policy.leaves_table(&name) {
                out.notice(&format!("kept: {name}"))?;
            }
        }
    }
    if args.dump_sql {
        out.dump(Work::Drop, mode, plan.statements())?;
    }
    if args.force {
        let names: Vec<ObjectName> = wanted
            .tables
            .iter()
            .map(|table| table.name.clone())
            .chain(wanted.views.iter().map(|view| view.name.clone()))
            .collect();
        let job = Job {
            command: COMMAND,
            work: Work::Drop,
            mode,
            plan: &plan,
            consent: context::consent(&args.allow, true),
            kind: RunKind::Drop,
            goal: Goal::Gone(names),
            out,
        };
        let locked = if plan.refusals.is_empty() {
            match hold(&mut live, &plan, COMMAND, settings, out)? {
                (locked, true) => Some(locked),
                (_, false) => return Err(changed_meanwhile().into()),
            }
        } else {
            None
        };
        return execute(&job, &mut live, locked.as_ref(), settings);
    }
    let exit = if args.dump_sql {
        Exit::Done
    } else {
        Exit::Failed
    };
    let losses = if args.dump_sql || !plan.refusals.is_empty() {
        Vec::new()
    } else {
        precheck(&mut live.connection, &plan)?.losses
    };
    out.diagnostics(&plan.refusals)?;
    if let Some(speech) = out.speech.filter(|_| !args.dump_sql) {
        let text = speech.planned(Work::Drop, mode, queries(&plan));
        out.spoken(speech, &text)?;
    } else if !args.dump_sql {
        let mut text = format!(
            "Would execute {} in {}:\n\n",
            count(queries(&plan), "query"),
            live.shown(&found.facts)
        );
        text.push_str(&report::plan::steps(
            &plan,
            &losses,
            settings.output.verbose > 0,
        ));
        text.push_str("\nNothing is executed yet.   --force runs it   --dump-sql prints it");
        if losses.iter().any(|loss| loss.count != Some(0)) {
            text.push_str("\nTables with rows also need --allow destructive.");
        }
        out.text(&text)?;
    }
    let mut document = RunDocument::planned(COMMAND, Some(database), &plan, &losses);
    document.diagnostics = [found.remarks, declared.diagnostics, plan.refusals].concat();
    document.exit_code = exit.code();
    out.json(&document)?;
    Ok(exit)
}

/// Chooses among the objects of a database.
struct Choice<'a> {
    found: &'a Inspection,
    dialect: &'static dyn realign::planner::Dialect,
}

impl Choice<'_> {
    fn fold(&self, name: &ObjectName) -> String {
        self.dialect
            .compare()
            .fold(NameKind::Table, &name.to_string(), &self.found.facts)
    }

    /// The live objects that go: the declared ones, or all that nothing protects.
    fn objects(&self, declared: &Database, all: bool, leaves: impl Fn(&str) -> bool) -> Database {
        let names: BTreeSet<String> = declared
            .tables
            .iter()
            .map(|table| &table.name)
            .chain(declared.views.iter().map(|view| &view.name))
            .chain(declared.sequences.iter().map(|sequence| &sequence.name))
            .map(|name| self.fold(name))
            .collect();
        let goes = |name: &ObjectName| {
            !leaves(&name.to_string()) && (all || names.contains(&self.fold(name)))
        };
        let mut wanted = self.found.database.clone();
        wanted.tables.retain(|table| goes(&table.name));
        wanted.views.retain(|view| goes(&view.name));
        wanted.sequences.retain(|sequence| goes(&sequence.name));
        // What belongs to a table goes with it; what belongs to none is not ours to drop.
        wanted.triggers.clear();
        wanted.routines.clear();
        wanted.events.clear();
        wanted.enums.clear();
        wanted.domains.clear();
        wanted.extensions.clear();
        wanted.namespaces.clear();
        // A table that is kept as text is one like all others, where everything goes.
        let compare = self.dialect.compare();
        wanted.opaque.retain(|opaque| {
            all && opaque.kind.contains("table")
                && compare.lets_go(opaque, &self.found.facts)
                && goes(&opaque.name)
        });
        wanted
    }

    /// Tables that stay and refer to one that goes: the server would refuse, or be left
    /// with keys that lead nowhere.
    fn still_referred_to(&self, wanted: &Database) -> Vec<Diagnostic> {
        let gone: BTreeSet<String> = wanted
            .tables
            .iter()
            .map(|table| self.fold(&table.name))
            .collect();
        let mut found = Vec::new();
        for table in &self.found.database.tables {
            if gone.contains(&self.fold(&table.name)) {
                continue;
            }
            for key in &table.foreign_keys {
                if gone.contains(&self.fold(&key.ref_table)) {
                    found.push(
                        Diagnostic::error(
                            "R003",
                            format!(
                                "{} stays and refers to {}, which would go",
                                table.name, key.ref_table
                            ),
                        )
                        .with_note("nothing was changed")
                        .with_help(
                            "drop that foreign key first, or everything with --full-database",
                        ),
                    );
                }
            }
        }
        found
    }
}
