//! What a session needs around generated statements.

use realign_model::Database;
use realign_planner::{Envelope, Statement, Step};

/// How long a statement waits for a table that others use.
const LOCK_TIMEOUT: &str = "10s";
/// How long one statement may run: a table of hundreds of millions of rows is rewritten in
/// less, and one that hangs does not hold its locks for a night.
const STATEMENT_TIMEOUT: &str = "1h";

/// The statements around these steps. Definitions are transactional here: all or nothing.
pub(crate) fn envelope(steps: &[Step]) -> Envelope {
    if steps.is_empty() {
        return Envelope::default();
    }
    let mut opening = vec![
        Statement::new("BEGIN"),
        Statement::new(format!("SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")),
        Statement::new(format!(
            "SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'"
        )),
        // A backslash in a literal means itself, whatever the server's default is.
        Statement::new("SET LOCAL standard_conforming_strings = on"),
    ];
    // A body may name what is made after it.
    let is_routine = |sql: &str| {
        let mut words = sql.split_whitespace().map(str::to_ascii_uppercase);
        words.next().as_deref() == Some("CREATE")
            && words
                .take(3)
                .any(|word| word == "FUNCTION" || word == "PROCEDURE")
    };
    let statements = steps.iter().flat_map(|step| &step.statements);
    if statements
        .into_iter()
        .any(|statement| is_routine(&statement.sql))
    {
        opening.push(Statement::new("SET LOCAL check_function_bodies = off"));
    }
    Envelope {
        opening,
        closing: vec![Statement::new("COMMIT")],
        abort: vec![Statement::new("ROLLBACK")],
        atomic: true,
    }
}

/// The bodies of a script are not checked when they are made: one may name what is made after it.
pub(crate) fn script_opening(database: &Database) -> Vec<Statement> {
    if database.routines.is_empty() {
        return Vec::new();
    }
    vec![Statement::new("SET check_function_bodies = off")]
}

#[cfg(test)]
mod tests {
    use realign_planner::{Phase, Step};

    use super::envelope;

    #[test]
    fn everything_is_one_transaction_and_nothing_is_none() {
        assert!(envelope(&[]).opening.is_empty());
        let around = envelope(&[Step::new(Phase::Alter, "t", Vec::new())]);
        assert!(around.atomic);
        assert_eq!(around.opening[0].sql, "BEGIN");
        assert_eq!(around.closing[0].sql, "COMMIT");
    }
}
