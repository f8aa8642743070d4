//! A migration that can't go on, and whose work a schema update does in its place.

use realign::planner::StatementKind;
use realign::planner::migration::{Direction, Version};
use realign::runtime::migrate::Loader;
use realign::runtime::process::quoted;
use realign::runtime::{Error, ErrorKind};

use super::context::{Context, broken};
use super::version;
use crate::args::{ForgetArgs, VersionArgs};
use crate::config::Transaction;
use crate::report::Out;
use crate::report::style::one_line;
use crate::settings::Settings;

/// The migration that is in the way: the one that stands half-way, else the first that is left.
///
/// What it would still do must be definitions alone: the declared schema has those, and only
/// those, in any case. Rows that it would change are for a person to decide on.
pub(in crate::commands) fn in_the_way(
    settings: &Settings,
    out: Out,
) -> anyhow::Result<Option<Version>> {
    let mut context = Context::reading(settings, out)?;
    let half_way = match context.base {
        Some(_) => context.half_way()?,
        None => None,
    };
    let (version, done) = match &half_way {
        Some(stand) => (stand.version.clone(), stand.done),
        None => match context.overview.fresh().next() {
            Some(version) => (version.clone(), 0),
            None => return Ok(None),
        },
    };
    let placeholders = context.placeholders(&[])?;
    let site = context.site()?;
    let loader = Loader {
        site: &site,
        directory: &context.directory,
        placeholders: &placeholders,
        transactions: settings.migrations.transaction != Transaction::None,
    };
    let loaded = match loader.load(std::slice::from_ref(&version), Direction::Up)? {
        Ok(loaded) => loaded,
        Err(problems) => return Err(broken(out, &problems)?),
    };
    let scripts = site.dialect.scripts();
    let rows: Vec<&str> = loaded
        .iter()
        .flat_map(|migration| migration.unit.statements.iter().skip(done))
        .map(|statement| statement.sql.as_str())
        .filter(|sql| match scripts.nature(sql, &site.facts).kind {
            StatementKind::Definition | StatementKind::Query | StatementKind::Session => false,
            StatementKind::Data | StatementKind::Transaction | StatementKind::Other => true,
        })
        .collect();
    if rows.is_empty() {
        return Ok(Some(version));
    }
    let error = Error::new(
        ErrorKind::Refused,
        format!("{version} would still change rows, which no schema update does in its place"),
    );
    let error = rows
        .iter()
        .take(5)
        .fold(error, |error, sql| error.with_note(one_line(sql, 200)));
    Err(error
        .with_note("nothing was changed")
        .with_help(format!(
            "do by hand what is left of it, then say that it has run: realign migrations version {} --add",
            quoted(version.as_str())
        ))
        .into())
}

/// Takes what stands half-way out of the books; the database itself stays as it is.
pub(in crate::commands) fn forget_half_way(
    version: &Version,
    settings: &Settings,
    out: Out,
) -> anyhow::Result<()> {
    let mut context = Context::reading(settings, out)?;
    let stands = match context.base {
        Some(_) => context
            .half_way()?
            .is_some_and(|stand| stand.version == *version),
        None => false,
    };
    drop(context);
    if stands {
        let args = ForgetArgs {
            versions: vec![version.to_string()],
        };
        version::forget(&args, settings, out)?;
    }
    Ok(())
}

/// Records it as executed: the schema that it leads to is there.
pub(in crate::commands) fn done_otherwise(
    version: &Version,
    settings: &Settings,
    out: Out,
) -> anyhow::Result<()> {
    let args = VersionArgs {
        version: Some(version.to_string()),
        add: true,
        delete: false,
        all: false,
        range_from: None,
        range_to: None,
    };
    version::run(&args, settings, out)?;
    Ok(())
}
