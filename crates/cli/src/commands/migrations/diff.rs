//! `realign migrations diff`, `dump-schema`: migrations out of schemas.

use realign::model::Database;
use realign::planner::{
    Change, Dialect, Expectation, Facts, Plan, Policy, Severity, Statement, create_plan, diff,
    drop_plan, plan,
};
use realign::runtime::{Error, ErrorKind};
use regex::Regex;

use super::context::Context;
use super::format::formatted;
use super::generate::{self, Draft, Told};
use super::migrate::aborted;
use crate::args::{DumpSchemaArgs, MigrationDiffArgs};
use crate::commands::schema::context as schema;
use crate::exit::Exit;
use crate::report::Out;
use crate::report::doctrine::console::Reply;
use crate::report::style::count;
use crate::settings::Settings;

const NOTHING: &str = "No changes detected in your mapping information.";

/// Writes a migration of what differs between the declaration and the database.
pub(super) fn run(args: &MigrationDiffArgs, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    let mut context = Context::reading(settings, out)?;
    let folder = generate::folder(settings, &mut context.console, args.namespace.as_deref())?;
    if let Some(exit) = pending(&mut context)? {
        return Ok(exit);
    }
    let site = context.site()?;
    let (dialect, facts) = (site.dialect, &site.facts);
    let engine = realign::engine(&settings.target()?)?;
    let declared = schema::declare(settings, engine, facts)?;
    out.diagnostics(&declared.diagnostics)?;
    if declared.has_errors() {
        return Err(Error::new(ErrorKind::Failed, "the mapping has errors").into());
    }
    let found = match &mut context.base {
        Some(base) if !args.from_empty_schema => base.live.inspect(settings)?.database,
        _ => Database::default(),
    };
    let mut policy = schema::policy(settings, false, &found, &declared);
    policy.protected.push(context.history.table.clone());
    let filter = args
        .filter_expression
        .as_deref()
        .map(expression)
        .transpose()?;
    let keep = |name: &str| filter.as_ref().is_none_or(|filter| filter.is_match(name));
    let wish = kept(&declared.database, &keep);
    let is = kept(&found, &keep);
    let Some((up, down)) = both(&is, &wish, dialect, facts, &policy)? else {
        return nothing(&mut context, args);
    };
    let draft = Draft {
        guard: guard(
            args.check_database_platform.as_deref().is_some_and(is_yes),
            dialect,
        ),
        up: lines(&context.site()?, &up, args.formatted, args.line_length),
        down: Some(lines(
            &context.site()?,
            &down,
            args.formatted,
            args.line_length,
        )),
    };
    let (version, path) = generate::write(settings, &folder, args.name.as_deref(), &draft)?;
    generate::tell(
        out,
        &mut context.console,
        Told {
            command: "migrations diff",
            doctrine: "Generated new migration class to",
            doubled: true,
            further: None,
        },
        version,
        &path,
    )?;
    Ok(Exit::Done)
}

/// Migrations that are not executed, or not there, make a diff wrong.
fn pending(context: &mut Context<'_>) -> anyhow::Result<Option<Exit>> {
    let (new, gone) = (
        context.overview.fresh().count(),
        context.overview.unavailable().count(),
    );
    if new == 0 && gone == 0 {
        return Ok(None);
    }
    if !context.spoken() {
        if new > 0 {
            context.out.notice(&format!(
                "warning: {} not executed; what they would change is in the diff as well",
                count(new, "migration")
            ))?;
        }
        return Ok(None);
    }
    if new > 0 {
        context
            .console
            .care(&format!("You have {new} available migrations to execute."))?;
    }
    if gone > 0 {
        context.console.care(&format!(
            "You have {gone} previously executed migrations in the database that are not registered migrations."
        ))?;
    }
    match context.console.ask("Are you sure you wish to continue?")? {
        Reply::Yes => Ok(None),
        Reply::No => {
            context.console.bad("Migration cancelled!")?;
            Ok(Some(Exit::Doctrine(3)))
        }
        Reply::Gone => aborted().map(Some),
    }
}

fn nothing(context: &mut Context<'_>, args: &MigrationDiffArgs) -> anyhow::Result<Exit> {
    if !args.allow_empty_diff {
        return Err(Error::new(ErrorKind::Failed, NOTHING).into());
    }
    if context.spoken() {
        context.console.bad(NOTHING)?;
    } else {
        context.out.chatter("Nothing differs.")?;
    }
    context
        .out
        .json(&super::run_document::RunDocument::nothing(
            "migrations diff",
            NOTHING,
        ))?;
    Ok(Exit::Done)
}

/// The way there and the way back; none when nothing differs.
fn both(
    is: &Database,
    wish: &Database,
    dialect: &dyn Dialect,
    facts: &Facts,
    policy: &Policy,
) -> anyhow::Result<Option<(Plan, Plan)>> {
    let sizes = std::collections::BTreeMap::new();
    let changes = diff(is, wish, dialect, facts, policy);
    let up = plan(&changes, is, wish, dialect, facts, &sizes, policy);
    if let Some(refusal) = up.refusals.iter().find(|r| r.severity == Severity::Error) {
        return Err(Error::new(ErrorKind::Refused, refusal.message.clone()).into());
    }
    if up.is_empty() {
        return Ok(None);
    }
    let (before, after) = sides(&changes.changes);
    let back = Policy {
        complete: true,
        ignore: Vec::new(),
        protected: Vec::new(),
        renames: reversed(policy),
        scope: policy.scope,
    };
    let changes = diff(&after, &before, dialect, facts, &back);
    let down = plan(&changes, &after, &before, dialect, facts, &sizes, &back);
    Ok(Some((up, down)))
}

/// What changes, before and after.
fn sides(changes: &[Change]) -> (Database, Database) {
    let (mut before, mut after) = (Database::default(), Database::default());
    for change in changes {
        match change {
            Change::CreateTable(table) => after.tables.push(table.clone()),
            Change::DropTable(table) => before.tables.push(table.clone()),
            Change::AlterTable(change) => {
                before.tables.push(change.is.clone());
                after.tables.push(change.target.clone());
            }
            Change::CreateSequence(sequence) => after.sequences.push(sequence.clone()),
            Change::DropSequence(sequence) => before.sequences.push(sequence.clone()),
            Change::AlterSequence { is, wish } => {
                before.sequences.push(is.clone());
                after.sequences.push(wish.clone());
            }
            Change::CreateView(view) => after.views.push(view.clone()),
            Change::DropView(view) => before.views.push(view.clone()),
            Change::ReplaceView { is, wish } => {
                before.views.push(is.clone());
                after.views.push(wish.clone());
            }
            Change::CreateTrigger(trigger) => after.triggers.push(trigger.clone()),
            Change::DropTrigger(trigger) => before.triggers.push(trigger.clone()),
            Change::ReplaceTrigger { is, wish } => {
                before.triggers.push(is.clone());
                after.triggers.push(wish.clone());
            }
            Change::CreateObject(object) => object.clone().put_into(&mut after),
            Change::DropObject(object) => object.clone().put_into(&mut before),
            Change::ReplaceObject { is, wish } => {
                is.clone().put_into(&mut before);
                wish.clone().put_into(&mut after);
            }
            Change::RenameTable { .. } => {}
        }
    }
    (before, after)
}

fn reversed(policy: &Policy) -> realign::planner::Renames {
    let renames = &policy.renames;
    let table = |name: &String| {
        renames
            .tables
            .iter()
            .find(|(_, new)| new == name)
            .map_or_else(|| name.clone(), |(old, _)| old.clone())
    };
    realign::planner::Renames {
        tables: renames
            .tables
            .iter()
            .map(|(a, b)| (b.clone(), a.clone()))
            .collect(),
        columns: renames
            .columns
            .iter()
            .map(|(of, a, b)| (table(of), b.clone(), a.clone()))
            .collect(),
    }
}

/// Writes a migration that makes the database's present schema.
pub(super) fn dump(args: &DumpSchemaArgs, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    let mut context = Context::reading(settings, out)?;
    let folder = generate::folder(settings, &mut context.console, args.namespace.as_deref())?;
    let others = context
        .overview
        .available
        .iter()
        .any(|version| version.namespace() == folder.namespace.as_deref());
    if others {
        return Err(match &folder.namespace {
            Some(namespace) => Error::new(
                ErrorKind::Failed,
                format!("Delete any previous migrations in the namespace \"{namespace}\" before dumping your schema."),
            ),
            None => Error::new(
                ErrorKind::Failed,
                format!("{} holds migrations already", folder.path.display()),
            )
            .with_help("a dump is to be the only one: take the others out of the folder first"),
        }
        .into());
    }
    let mut leave = Vec::with_capacity(args.filter_tables.len());
    for text in &args.filter_tables {
        leave.push(expression(text)?);
    }
    let mut database = match &mut context.base {
        Some(base) => base.live.inspect(settings)?.database,
        None => Database::default(),
    };
    let history = realign::history_tables(&database, &Database::default(), &context.history.table);
    let site = context.site()?;
    database = kept(&database, &|name| {
        !history.iter().any(|table| table.eq_ignore_ascii_case(name))
            && !leave.iter().any(|filter| filter.is_match(name))
            && !site.dialect.is_internal_table(name)
    });
    if database.tables.is_empty() {
        return Err(Error::new(
            ErrorKind::Failed,
            "Your database schema does not contain any tables.",
        )
        .with_help("`realign status` shows which database this is")
        .into());
    }
    let up = create_plan(&database, site.dialect, &site.facts);
    let down = drop_plan(&database, &database, site.dialect, &site.facts);
    let draft = Draft {
        guard: guard(true, site.dialect),
        up: lines(&site, &up, args.formatted, args.line_length),
        down: Some(lines(&site, &down, args.formatted, args.line_length)),
    };
    let (version, path) = generate::write(settings, &folder, None, &draft)?;
    generate::tell(
        out,
        &mut context.console,
        Told {
            command: "migrations dump-schema",
            doctrine: "Dumped your schema to a new migration class at",
            doubled: true,
            further: Some(
                "To use this as a rollup migration you can use the migrations:rollup command.",
            ),
        },
        version,
        &path,
    )?;
    Ok(Exit::Done)
}

/// Tables of these names, and all that is no table.
fn kept(database: &Database, keep: &dyn Fn(&str) -> bool) -> Database {
    let mut kept = database.clone();
    kept.tables.retain(|table| keep(&table.name.to_string()));
    kept
}

/// A check that the migration runs on this engine only.
fn guard(wanted: bool, dialect: &dyn Dialect) -> String {
    if !wanted {
        return String::new();
    }
    let name = dialect.name();
    format!(
        "-- realign:abort-if \"Migration can only be executed safely on '{name}'.\" engine is not {name}\n"
    )
}

fn is_yes(text: &str) -> bool {
    matches!(text, "1" | "true" | "yes" | "on")
}

/// The statements of a plan. What surrounds them is the run's business: its transaction, its
/// time limits. Kept is what has to be set outside of every transaction for the statements to do
/// what they say; left out are questions, whose answers nobody would read.
fn lines(
    site: &realign::runtime::kernel::Site,
    plan: &Plan,
    format: bool,
    length: usize,
) -> Vec<String> {
    let scripts = site.dialect.scripts();
    let around = |statement: &&Statement| scripts.nature(&statement.sql, &site.facts).alone;
    plan.opening
        .iter()
        .filter(around)
        .chain(plan.steps.iter().flat_map(|step| &step.statements))
        .chain(plan.closing.iter().filter(around))
        .filter(|statement| statement.expect == Expectation::Done)
        .map(|statement| {
            if format {
                formatted(&statement.sql, length)
            } else {
                statement.sql.clone()
            }
        })
        .collect()
}

/// A regular expression, with or without the delimiters that PHP wants.
fn expression(text: &str) -> anyhow::Result<Regex> {
    let delimited = |open: char, close: char| {
        text.strip_prefix(open)
            .and_then(|rest| rest.rsplit_once(close))
            .filter(|(_, flags)| flags.chars().all(|c| "imsxuU".contains(c)))
    };
    let pairs = [('/', '/'), ('#', '#'), ('~', '~'), ('{', '}'), ('@', '@')];
    let pattern = match pairs
        .iter()
        .find_map(|(open, close)| delimited(*open, *close))
    {
        Some((pattern, flags)) => {
            let flags: String = flags.chars().filter(|c| "imsx".contains(*c)).collect();
            if flags.is_empty() {
                pattern.to_owned()
            } else {
                format!("(?{flags}){pattern}")
            }
        }
        None => text.to_owned(),
    };
    Regex::new(&pattern).map_err(|error| {
        super::migrate::senseless(
            &format!("`{text}` is no regular expression: {error}"),
            "write it as in /^cust_/",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::expression;

    #[test]
    fn expressions_with_and_without_delimiters() {
        for (text, name, found) in [
            ("/^book$/", "book", true),
            ("^book$", "books", false),
            ("~BOOK~i", "my_book", true),
            ("#a|b#", "b", true),
            ("author", "author", true),
        ] {
            assert_eq!(expression(text).unwrap().is_match(name), found, "{text}");
        }
        assert!(expression("/(/").is_err());
    }
}
