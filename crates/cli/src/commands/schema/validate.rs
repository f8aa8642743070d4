//! `realign schema validate`: does the database fit the mapping?

use std::mem::ManuallyDrop;

use realign::Declared;
use realign::planner::{Finding, Plan, Severity, Statement, Weight, diff, name_collisions, plan};
use realign::sources::ClassReport;

use super::context::{self, Live, Server};
use super::scratch;
use crate::args::ValidateArgs;
use crate::exit::Exit;
use crate::report::document::{
    CheckStatus, ClassDocument, DatabaseDocument, MappingDocument, SyncDocument, ValidateDocument,
};
use crate::report::{Out, findings};
use crate::settings::Settings;

/// Checks the mapping by itself, then the database against it.
pub(super) fn run(args: &ValidateArgs, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    if args.skip_sync {
        let server = Server::any(settings)?;
        let declared = context::declare(settings, server.engine, &server.facts)?;
        let mapping = mapping(args, &declared);
        return end(args, out, None, mapping, skipped(), None);
    }
    let mut live = Live::configured(settings)?;
    let (found, declared) = live.inspect_and_declare(settings)?;
    // The program ends with this. To free two schemas value by value takes a quarter as long as to
    // compare them, and the kernel takes them as a whole.
    let (found, mut declared) = (ManuallyDrop::new(found), ManuallyDrop::new(declared));
    scratch::settle(settings, Some(&live), &found.facts, &mut declared, out)?;
    let database = live.document(&found.facts);
    let site = live.site(&found.facts);
    if let Some(standing) =
        crate::commands::upgrade::standing(settings, &mut live.connection, &site)?
        && let Some(warning) = standing.warning()
    {
        out.notice(&format!("warning: {warning}"))?;
    }
    if declared.has_errors() {
        // What could only be read in part would differ where it could not.
        let mapping = mapping(
            &ValidateArgs {
                skip_mapping: false,
                ..*args
            },
            &declared,
        );
        return end(args, out, Some(database), mapping, skipped(), None);
    }
    let policy = context::policy(settings, args.complete, &found.database, &declared);
    let dialect = live.engine.dialect;
    let mut differences = diff(
        &found.database,
        &declared.database,
        dialect,
        &found.facts,
        &policy,
    );
    // An alias lists them, as Doctrine does since 2.13.
    let listed = out.speech.is_some() && out.verbose > 0 && !differences.in_sync();
    let steps = listed.then(|| {
        plan(
            &differences,
            &found.database,
            &declared.database,
            dialect,
            &found.facts,
            &found.sizes,
            &policy,
        )
    });
    let mut diagnostics = std::mem::take(&mut differences.errors);
    diagnostics.extend(name_collisions(&declared.database, dialect, &found.facts));
    let fine = differences.in_sync() && diagnostics.is_empty();
    diagnostics.extend(found.remarks.iter().cloned());
    let of = |weight: Weight| -> Vec<Finding> { differences.of(weight).cloned().collect() };
    let sync = SyncDocument {
        status: if fine {
            CheckStatus::Ok
        } else {
            CheckStatus::Fail
        },
        differences: of(Weight::Differs),
        notes: of(Weight::Note),
        cannot_tell: of(Weight::CannotTell),
        diagnostics,
    };
    end(
        args,
        out,
        Some(database),
        mapping(args, &declared),
        sync,
        steps.as_ref(),
    )
}

fn mapping(args: &ValidateArgs, declared: &Declared) -> MappingDocument {
    let tables = declared.database.tables.len();
    let classes = declared.classes.len();
    if args.skip_mapping {
        return MappingDocument {
            status: CheckStatus::Skipped,
            classes,
            tables,
            invalid: Vec::new(),
            warned: Vec::new(),
            diagnostics: Vec::new(),
        };
    }
    let invalid = of_severity(&declared.classes, Severity::Error);
    let fine = !declared.has_errors() && invalid.is_empty();
    MappingDocument {
        status: if fine {
            CheckStatus::Ok
        } else {
            CheckStatus::Fail
        },
        classes,
        tables,
        invalid,
        warned: of_severity(&declared.classes, Severity::Warning),
        diagnostics: declared.diagnostics.clone(),
    }
}

/// The classes with failed checks of a severity.
fn of_severity(classes: &[ClassReport], severity: Severity) -> Vec<ClassDocument> {
    let of = |class: &ClassReport| {
        let problems = class.problems.iter();
        ClassDocument {
            class: class.name.clone(),
            origin: class.origin.clone(),
            problems: problems
                .filter(|problem| problem.severity == severity)
                .cloned()
                .collect(),
        }
    };
    classes
        .iter()
        .map(of)
        .filter(|class| !class.problems.is_empty())
        .collect()
}

fn skipped() -> SyncDocument {
    SyncDocument {
        status: CheckStatus::Skipped,
        differences: Vec::new(),
        notes: Vec::new(),
        cannot_tell: Vec::new(),
        diagnostics: Vec::new(),
    }
}

/// What a person reads.
fn told(args: &ValidateArgs, out: Out, mapping: &MappingDocument, sync: &SyncDocument) -> String {
    let mut text = findings::mapping(mapping);
    text.push_str(&findings::sync(sync, args.complete, out.verbose > 0));
    if sync.status == CheckStatus::Fail {
        text.push_str("\nNext: realign schema update --dump-sql");
        if args.complete {
            text.push_str(" --complete");
        }
    }
    text
}

fn end(
    args: &ValidateArgs,
    out: Out,
    database: Option<DatabaseDocument>,
    mapping: MappingDocument,
    sync: SyncDocument,
    steps: Option<&Plan>,
) -> anyhow::Result<Exit> {
    let exit = match (
        mapping.status == CheckStatus::Fail,
        sync.status == CheckStatus::Fail,
    ) {
        (false, false) => Exit::Done,
        (true, false) => Exit::Failed,
        (false, true) => Exit::NotInSync,
        (true, true) => Exit::InvalidAndNotInSync,
    };
    out.diagnostics(&mapping.diagnostics)?;
    out.diagnostics(&sync.diagnostics)?;
    match out.speech {
        Some(speech) => {
            let listed: Option<Vec<&Statement>> = steps.map(|plan| {
                plan.steps
                    .iter()
                    .flat_map(|step| &step.statements)
                    .collect()
            });
            out.spoken(speech, &speech.verdict(&mapping, &sync, listed.as_deref()))?;
        }
        None => out.text(&told(args, out, &mapping, &sync))?,
    }
    out.json(&ValidateDocument {
        command: "schema validate",
        database,
        mapping,
        sync,
        exit_code: exit.code(),
    })?;
    Ok(exit)
}
