//! `realign migrations diff`, `dump-schema`: migrations out of schemas.

use std::fmt::Write as _;

use realign::model::Database;
use realign::planner::{Dialect, Expectation, Statement, create_plan};
use realign::runtime::{Error, ErrorKind};
use regex::Regex;

use super::context::Context;
use super::format::formatted;
use super::generate::{self, Draft, Told};
use super::migrate::aborted;
use super::ways::{Way, away, kept, undeclared, ways};
use crate::args::{DumpSchemaArgs, MigrationDiffArgs};
use crate::commands::schema::context as schema;
use crate::exit::Exit;
use crate::report::Out;
use crate::report::doctrine::console::Reply;
use crate::report::style::{CARE, count, one_line, paint};
use crate::settings::Settings;

/// How much of a name is shown.
const WIDTH: usize = 80;

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
    let mut policy = schema::policy(settings, args.complete, &found, &declared);
    policy.protected.push(context.history.table.clone());
    let filter = args
        .filter_expression
        .as_deref()
        .map(expression)
        .transpose()?;
    let keep = |name: &str| filter.as_ref().is_none_or(|filter| filter.is_match(name));
    let wish = kept(&declared.database, &keep);
    let is = kept(&found, &keep);
    let Some(ways) = ways(&is, &wish, dialect, facts, &policy)? else {
        let undeclared = !args.complete && undeclared(&is, &wish, dialect, facts, policy);
        return nothing(&mut context, args, undeclared);
    };
    let site = context.site()?;
    let lines = |way: &Way| lines(&site, way, args.formatted, args.line_length);
    let draft = Draft {
        guard: guard(
            args.check_database_platform.as_deref().is_some_and(is_yes),
            dialect,
        ),
        up: lines(&ways.up),
        down: Some(lines(&ways.down)),
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

fn nothing(
    context: &mut Context<'_>,
    args: &MigrationDiffArgs,
    undeclared: bool,
) -> anyhow::Result<Exit> {
    if !args.allow_empty_diff {
        let error = Error::new(ErrorKind::Failed, NOTHING);
        return Err(if undeclared {
            error.with_help("the database has what nothing declares: --complete takes it away, `realign schema validate --complete` names it").into()
        } else {
            error.into()
        });
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
    let up = Way {
        opening: site.dialect.script_opening(&database, &site.facts),
        plan: create_plan(&database, site.dialect, &site.facts),
    };
    let down = away(&database, &up.plan, site.dialect, &site.facts);
    let missing = left_out(&database);
    let mut head = guard(true, site.dialect);
    if let Some(missing) = &missing {
        let _ = writeln!(head, "-- {missing}");
    }
    let draft = Draft {
        guard: head,
        up: lines(&site, &up, args.formatted, args.line_length),
        down: Some(lines(&site, &down, args.formatted, args.line_length)),
    };
    let (version, path) = generate::write(settings, &folder, None, &draft)?;
    if let Some(missing) = missing {
        out.chatter(&format!("{}  {missing}", paint(CARE, "warning")))?;
    }
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

/// What is there and not in a dump: objects of which nothing is read but their names.
fn left_out(database: &Database) -> Option<String> {
    let others = database.opaque.iter().filter(|one| one.text.is_empty());
    let names: Vec<String> = others
        .map(|one| format!("{} {}", one.kind, one_line(&one.name.to_string(), WIDTH)))
        .collect();
    let told = || {
        format!(
            "left out, as no more than the names are read: {}",
            names.join(", ")
        )
    };
    (!names.is_empty()).then(told)
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

/// The statements of a way. What surrounds them is the run's business: its transaction, its
/// time limits. Kept is what has to be set outside of every transaction for the statements to do
/// what they say; left out are questions, whose answers nobody would read.
fn lines(
    site: &realign::runtime::kernel::Site,
    way: &Way,
    format: bool,
    length: usize,
) -> Vec<String> {
    let scripts = site.dialect.scripts();
    let around = |statement: &&Statement| scripts.nature(&statement.sql, &site.facts).alone;
    let plan = &way.plan;
    way.opening
        .iter()
        .chain(plan.opening.iter().filter(around))
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
