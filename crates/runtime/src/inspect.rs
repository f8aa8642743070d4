//! Reading a live database: what the server is, and what it holds.

use std::collections::BTreeMap;

use realign_model::Database;
use realign_planner::{
    CatalogQuery, Diagnostic, Dialect, Facts, OWN_TABLES, Profile, Rows, TableSize,
};

use crate::error::AGAIN;
use crate::{Connection, Error};

/// What one look at a database found.
#[derive(Debug, Clone, Default)]
pub struct Inspection {
    /// The server, and whose spelling is followed.
    pub facts: Facts,
    /// The schema.
    pub database: Database,
    /// Sizes by table name as the engine prints it.
    pub sizes: BTreeMap<String, TableSize>,
    /// What is opaque, what was cut.
    pub remarks: Vec<Diagnostic>,
}

/// Reads facts and schema. The number of queries does not depend on the number of tables (that
/// of views and routines may count), and every one is a read: an account with SELECT only is enough.
pub fn inspect(
    connection: &mut Connection,
    dialect: &dyn Dialect,
    profile: Profile,
) -> Result<Inspection, Error> {
    let facts = facts(connection, dialect, profile)?;
    inspect_known(connection, dialect, facts)
}

/// Reads the schema of a server whose facts are known.
pub fn inspect_known(
    connection: &mut Connection,
    dialect: &dyn Dialect,
    facts: Facts,
) -> Result<Inspection, Error> {
    let mut answers = ask(connection, &dialect.catalog(&facts))?;
    let details = dialect.catalog_details(&answers, &facts);
    answers.extend(ask(connection, &details)?);
    let mut found = dialect.assemble(answers, &facts);
    // The books are in no comparison and in no fingerprint.
    found
        .database
        .tables
        .retain(|table| !OWN_TABLES.contains(&table.name.name.text.as_str()));
    Ok(Inspection {
        facts,
        database: found.database,
        sizes: found.sizes,
        remarks: found.remarks,
    })
}

/// Asks a server what it is.
pub fn facts(
    connection: &mut Connection,
    dialect: &dyn Dialect,
    profile: Profile,
) -> Result<Facts, Error> {
    let (facts, _) = facts_beside(connection, dialect, profile, Vec::new())?;
    Ok(facts)
}

/// The same, and what these queries give, which go along.
pub(crate) fn facts_beside(
    connection: &mut Connection,
    dialect: &dyn Dialect,
    profile: Profile,
    others: Vec<CatalogQuery>,
) -> Result<(Facts, Vec<Rows>), Error> {
    let mut queries = dialect.facts_queries();
    let own = queries.len();
    queries.extend(others);
    let mut answers = ask(connection, &queries)?;
    let others = answers.split_off(own.min(answers.len()));
    let mut facts = dialect.facts(&answers);
    facts.doctrine = profile;
    Ok((facts, others))
}

/// How many queries share a message with settings: a driver keeps a whole message's rows in its
/// own form before they are read, and those of all tables' columns are many.
const TOGETHER: usize = 2;

/// An answer to each. They go in few messages where the line takes several statements: a line that
/// is long would else be waited for once for each.
fn ask(connection: &mut Connection, queries: &[CatalogQuery]) -> Result<Vec<Rows>, Error> {
    let whole = queries.len().max(1);
    let (head, rest, size) = match queries.split_first() {
        Some((first, rest)) if first.setting => (Some(first), rest, TOGETHER),
        _ => (None, queries, whole),
    };
    let mut answers = Vec::with_capacity(queries.len());
    answers.extend(head.map(|_| Rows::default()));
    for part in rest.chunks(size) {
        let message: Vec<String> = head
            .into_iter()
            .chain(part)
            .map(|query| query.sql.clone())
            .collect();
        match connection.run_all(&message)? {
            Ok(found) if found.len() == message.len() => {
                let found = found.into_iter().skip(message.len() - part.len());
                answers.extend(found.map(|answer| answer.rows));
            }
            Ok(_) | Err(_) => return one_by_one(connection, queries),
        }
    }
    Ok(answers)
}

/// The same with a message for each, so that it is known which one is refused.
fn one_by_one(connection: &mut Connection, queries: &[CatalogQuery]) -> Result<Vec<Rows>, Error> {
    let mut answers = Vec::with_capacity(queries.len());
    for query in queries {
        if query.setting {
            answers.push(Rows::default());
            continue;
        }
        match connection.run(&query.sql)? {
            Ok(answer) => answers.push(answer.rows),
            Err(_) if query.optional => answers.push(Rows::default()),
            Err(refusal) => {
                let error = Error::sql(&query.sql, refusal);
                let help = help(&error);
                return Err(error
                    .with_note(format!("while reading the catalogue: {}", query.name))
                    .with_help(help));
            }
        }
    }
    Ok(answers)
}

/// What to do about a catalogue that can't be read. Every server says "denied" of a right that is
/// missing, unless it speaks another language.
fn help(error: &Error) -> &'static str {
    match error.refusal() {
        Some(refusal) if refusal.message.contains("denied") => {
            "`realign doctor` shows which privileges are missing"
        }
        Some(refusal) if refusal.retryable => AGAIN,
        Some(_) | None => "`realign doctor` looks at the connection, the server and its rights",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::{Script, scalar};
    use crate::{ErrorKind, SqlError};

    #[test]
    fn what_is_asked_alone_has_no_setting_with_it() {
        let query = |sql: &str, optional, setting| CatalogQuery {
            name: "a query",
            sql: sql.to_owned(),
            optional,
            setting,
        };
        let queries = [
            query("SET a", false, true),
            query("SELECT 1", false, false),
            query("SELECT 2", true, false),
        ];
        let script = Script::new()
            .answer("SELECT 1", scalar(1))
            .refuse("SELECT 2", "denied")
            .answer("SELECT 1", scalar(1))
            .refuse("SELECT 2", "denied");
        let answers = ask(&mut script.open(), &queries).unwrap();
        assert_eq!(answers, [Rows::default(), scalar(1), Rows::default()]);
        let together = ["SET a", "SELECT 1", "SELECT 2"];
        assert_eq!(script.sent(), [&together[..], &together[1..]].concat());
    }

    #[test]
    fn only_a_want_of_rights_is_told_as_one() {
        let refused = |message: &str| {
            let refusal = SqlError {
                message: message.to_owned(),
                ..SqlError::default()
            };
            help(&Error::sql("SELECT 1", refusal))
        };
        for words in [
            "permission denied for table pg_proc",
            "SELECT command denied to user 'app'@'h' for table 'x'",
            "Access denied for user 'app'@'%' to database 'shop'",
        ] {
            assert!(refused(words).contains("privileges"), "{words}");
        }
        let other = "canceling statement due to statement timeout";
        assert!(refused(other).contains("looks at the connection"));
        let busy = Error::sql(
            "SELECT 1",
            SqlError {
                message: "somebody has locked it".to_owned(),
                retryable: true,
                ..SqlError::default()
            },
        );
        assert_eq!((busy.kind, help(&busy)), (ErrorKind::Locked, AGAIN));
        let lost = Error::new(ErrorKind::Unreachable, "the connection broke");
        assert!(help(&lost).contains("looks at the connection"));
    }
}
