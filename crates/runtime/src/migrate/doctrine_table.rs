//! The table of Doctrine Migrations: made, written and brought up to date as Doctrine does it,
//! so that Doctrine can go on with it.

use std::time::Duration;

use indexmap::IndexMap;
use realign_model::{Database, Ident, ObjectName, PrimaryKey, Table};
use realign_planner::migration::{Overview, Version};
use realign_planner::{
    DoctrineColumn, Policy, Scope, Severity, TableDefaults, create_plan, diff, plan,
};

use super::{History, Layout};
use crate::kernel::{Site, Took};
use crate::{Connection, Error, ErrorKind, inspect_known};

/// Its name when nobody gives one.
pub(super) const USUAL: &str = "doctrine_migration_versions";

/// The table as Doctrine Migrations 3 declares it.
fn declared(site: &Site, history: &History) -> Result<Table, Error> {
    let platform = site.dialect.doctrine();
    let mut table = Table::new(ObjectName::bare(&history.table));
    let names = &history.columns;
    for (name, type_name, length, not_null) in [
        (&names.version, "string", Some(names.length), true),
        (&names.executed_at, "datetime", None, false),
        (&names.execution_time, "integer", None, false),
    ] {
        let column = DoctrineColumn {
            length,
            not_null,
            ..DoctrineColumn::new(Ident::new(name), type_name)
        };
        let column = platform
            .column(&column, &site.facts, &mut Vec::new())
            .map_err(|diagnostic| Error::new(ErrorKind::Failed, diagnostic.message))?;
        table.columns.push(column);
    }
    table.primary_key = Some(Box::new(PrimaryKey::over([Ident::new(&names.version)])));
    // What DBAL gives a table of which nobody says more.
    let (charset, collation) = if site.facts.doctrine.dbal_at_least(4, 0) {
        ("utf8mb4", "utf8mb4_unicode_ci")
    } else {
        ("utf8", "utf8_unicode_ci")
    };
    let defaults = TableDefaults {
        charset: Some(charset.to_owned()),
        collation: Some(collation.to_owned()),
        engine: None,
    };
    (table.options, _) = platform.table_options(&IndexMap::new(), &defaults, &site.facts);
    Ok(table)
}

/// The statements that make it.
pub(super) fn create(site: &Site, history: &History) -> Result<Vec<String>, Error> {
    let wish = Database {
        tables: vec![declared(site, history)?],
        ..Database::default()
    };
    let plan = create_plan(&wish, site.dialect, &site.facts);
    Ok(steps(&plan))
}

fn steps(plan: &realign_planner::Plan) -> Vec<String> {
    plan.steps
        .iter()
        .flat_map(|step| &step.statements)
        .map(|statement| statement.sql.clone())
        .collect()
}

/// A row as Doctrine of this layout writes it.
pub(super) fn insert(
    site: &Site,
    history: &History,
    version: &Version,
    at: Option<&str>,
    took: Option<Took>,
) -> String {
    let book = site.book();
    let names = &history.columns;
    let moment = at.map_or_else(|| "NULL".to_owned(), |at| book.text(at));
    let short = || book.text(version.short());
    let (columns, values): (Vec<&String>, Vec<String>) = match history.layout {
        Layout::Doctrine1 => (vec![&names.version], vec![short()]),
        Layout::Doctrine2 => {
            // Its column may refuse NULL.
            let now = super::now();
            let moment = book.text(at.unwrap_or(&now));
            (
                vec![&names.version, &names.executed_at],
                vec![short(), moment],
            )
        }
        Layout::Doctrine3 | Layout::Own => (
            vec![&names.version, &names.executed_at, &names.execution_time],
            vec![
                book.text(version.as_str()),
                moment,
                took.map_or_else(|| "NULL".to_owned(), Took::sql),
            ],
        ),
    };
    let columns: Vec<String> = columns.iter().map(|name| site.quote(name)).collect();
    format!(
        "INSERT INTO {} ({}) VALUES ({})",
        site.quote(&history.table),
        columns.join(", "),
        values.join(", ")
    )
}

impl History {
    /// The statements that bring a table of Doctrine's to the layout of Doctrine Migrations 3,
    /// short versions rewritten. Asked for by name only; nothing when nothing is to be done.
    pub fn synchronisation(
        &self,
        connection: &mut Connection,
        site: &Site,
        overview: &Overview,
    ) -> Result<Vec<String>, Error> {
        if !self.exists || !self.is_doctrine() {
            return self.preparation(site);
        }
        let found = inspect_known(connection, site.dialect, site.facts.clone())?;
        let Some(is) = found
            .database
            .tables
            .into_iter()
            .find(|table| table.name.name.text.eq_ignore_ascii_case(&self.table))
        else {
            return Ok(Vec::new());
        };
        let wanted = usize::try_from(self.columns.length).unwrap_or(usize::MAX);
        if let Some(long) = overview
            .executed_versions()
            .map(Version::as_str)
            .find(|version| version.chars().count() > wanted)
        {
            return Err(Error::new(
                ErrorKind::Refused,
                format!(
                    "{} can't be brought up to date: a version is longer than {wanted} characters",
                    self.table
                ),
            )
            .with_note(long.to_owned())
            .with_note("nothing was changed")
            .with_help("set `length` in [migrations.columns]"));
        }
        let mut wish = declared(site, self)?;
        // The table's own character set is nobody's business here, as in Doctrine.
        wish.options.clone_from(&is.options);
        wish.name.clone_from(&is.name);
        let (is, wish) = (one(is), one(wish));
        let policy = Policy {
            complete: false,
            ignore: Vec::new(),
            protected: Vec::new(),
            renames: realign_planner::Renames::default(),
            scope: Scope::MAPPING,
        };
        let changes = diff(&is, &wish, site.dialect, &site.facts, &policy);
        let plan = plan(
            &changes,
            &is,
            &wish,
            site.dialect,
            &site.facts,
            &found.sizes,
            &policy,
        );
        if let Some(refusal) = plan.refusals.iter().find(|r| r.severity == Severity::Error) {
            return Err(Error::new(ErrorKind::Refused, refusal.message.clone()));
        }
        let mut statements: Vec<String> = steps(&plan);
        if statements.is_empty() && !self.is_short() {
            return Ok(statements);
        }
        for row in &overview.executed {
            if row.version != row.recorded {
                let column = site.quote(&self.columns.version);
                statements.push(format!(
                    "UPDATE {} SET {column} = {} WHERE {column} = {}",
                    site.quote(&self.table),
                    site.book().text(row.version.as_str()),
                    site.book().text(row.recorded.as_str())
                ));
            }
        }
        // What the short names could not hold.
        let skipped = self.skipped(connection, site)?;
        let whole = Self {
            layout: Layout::Doctrine3,
            ..self.clone()
        };
        for row in &overview.executed {
            if self.doubled.contains(&row.version) && !skipped.contains(row.version.as_str()) {
                let at = row.at.as_deref();
                let took = row.milliseconds.and_then(|time| u64::try_from(time).ok());
                let took = took.map(|time| Took::Known(Duration::from_millis(time)));
                statements.push(insert(site, &whole, &row.version, at, took));
            }
        }
        if !self.own_exists {
            statements.extend(
                Self {
                    exists: true,
                    ..self.clone()
                }
                .preparation(site)?,
            );
        }
        Ok(statements)
    }
}

fn one(table: Table) -> Database {
    Database {
        tables: vec![table],
        ..Database::default()
    }
}
