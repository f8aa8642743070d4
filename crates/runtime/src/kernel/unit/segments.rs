//! Cutting a unit into the largest transactions that its statements allow.

use std::ops::Range;

use realign_planner::StatementKind;

use super::Unit;
use crate::Error;
use crate::kernel::journal::refused_transaction;

/// Statements that are run in the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Segment {
    /// In one transaction.
    Together(Range<usize>),
    /// On its own.
    Alone(usize),
}

/// BEGIN and COMMIT that a file has itself: the kernel's own are in their place. Under locks on
/// some tables of a session's own (LOCK TABLES) nothing could be recorded; who follows the rules
/// is held off by the kernel's lock.
pub(in crate::kernel) fn is_bracket(sql: &str, kind: StatementKind) -> bool {
    kind == StatementKind::Transaction
        && matches!(
            first_word(sql).as_str(),
            "BEGIN" | "START" | "COMMIT" | "END" | "LOCK" | "UNLOCK"
        )
}

fn first_word(sql: &str) -> String {
    sql.trim_start()
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .collect::<String>()
        .to_ascii_uppercase()
}

/// The largest transactions that the statements from `from` on allow.
pub(super) fn segments(unit: &Unit, from: usize) -> Result<Vec<Segment>, Error> {
    let mut segments = Vec::new();
    let mut begun: Option<usize> = None;
    let mut bracketed = false;
    let total = unit.statements.len();
    for (index, statement) in unit.statements.iter().enumerate().skip(from) {
        let nature = &statement.nature;
        let word = first_word(&statement.sql);
        if nature.kind == StatementKind::Transaction {
            match word.as_str() {
                "BEGIN" | "START" => {
                    close(&mut segments, &mut begun, index);
                    begun = Some(index);
                    bracketed = true;
                    continue;
                }
                "COMMIT" | "END" => {
                    begun.get_or_insert(index);
                    bracketed = false;
                    if !unit.transaction {
                        close(&mut segments, &mut begun, index + 1);
                    }
                    continue;
                }
                "LOCK" | "UNLOCK" => {
                    begun.get_or_insert(index);
                    continue;
                }
                "ROLLBACK" if !statement.sql.to_ascii_uppercase().contains(" TO") => {
                    return Err(refused_transaction(&unit.name));
                }
                _ => {}
            }
        }
        let together = !nature.commits && !nature.alone && (unit.transaction || bracketed);
        if together {
            begun.get_or_insert(index);
        } else {
            close(&mut segments, &mut begun, index);
            segments.push(Segment::Alone(index));
        }
    }
    close(&mut segments, &mut begun, total);
    // One of nothing but brackets needs no commit.
    let is_sent = |index: usize| {
        let statement = &unit.statements[index];
        !is_bracket(&statement.sql, statement.nature.kind)
    };
    segments.retain(|segment| match segment {
        Segment::Together(range) => range.clone().any(is_sent),
        Segment::Alone(_) => true,
    });
    Ok(segments)
}

fn close(segments: &mut Vec<Segment>, begun: &mut Option<usize>, end: usize) {
    if let Some(start) = begun.take()
        && start < end
    {
        segments.push(Segment::Together(start..end));
    }
}
#[cfg(test)]
mod tests {
    use realign_model::Origin;
    use realign_planner::Nature;

    use super::super::UnitStatement;
    use super::*;

    fn statement(sql: &str, kind: StatementKind, commits: bool) -> UnitStatement {
        UnitStatement {
            sql: sql.to_owned(),
            nature: Nature {
                commits,
                ..Nature::of(kind)
            },
            origin: Origin::None,
            rows: None,
        }
    }

    fn unit(statements: Vec<UnitStatement>) -> Unit {
        Unit {
            name: "20261122093000".to_owned(),
            statements,
            transaction: true,
            lock_timeout: None,
            statement_timeout: None,
        }
    }

    #[test]
    fn statements_share_the_largest_transactions_there_are() {
        use StatementKind::{Data, Definition, Session};
        let unit = unit(vec![
            statement("CREATE TABLE t (a INT)", Definition, true),
            statement("INSERT INTO t VALUES (1)", Data, false),
            statement("UPDATE t SET a = 2", Data, false),
            statement("ALTER TABLE t ADD b INT", Definition, true),
            statement("SET @x = 1", Session, false),
        ]);
        assert_eq!(
            segments(&unit, 0).unwrap(),
            [
                Segment::Alone(0),
                Segment::Together(1..3),
                Segment::Alone(3),
                Segment::Together(4..5)
            ]
        );
        assert_eq!(
            segments(&unit, 2).unwrap(),
            [
                Segment::Together(2..3),
                Segment::Alone(3),
                Segment::Together(4..5)
            ]
        );
    }

    #[test]
    fn locks_on_tables_are_left_to_the_kernel() {
        use StatementKind::{Data, Definition, Transaction};
        let unit = unit(vec![
            statement("LOCK TABLES t WRITE", Transaction, true),
            statement("ALTER TABLE t DISABLE KEYS", Definition, true),
            statement("INSERT INTO t VALUES (1)", Data, false),
            statement("UNLOCK TABLES", Transaction, true),
            statement("LOCK TABLES u WRITE", Transaction, true),
        ]);
        assert_eq!(
            segments(&unit, 0).unwrap(),
            [Segment::Alone(1), Segment::Together(2..5)]
        );
        assert!(is_bracket("unlock tables", Transaction));
        assert!(!is_bracket("LOCK TABLE t", StatementKind::Other));
    }

    #[test]
    fn a_rollback_is_refused_and_own_brackets_are_taken() {
        use StatementKind::{Data, Transaction};
        let own = unit(vec![
            statement("BEGIN", Transaction, false),
            statement("INSERT INTO t VALUES (1)", Data, false),
            statement("COMMIT", Transaction, false),
        ]);
        assert_eq!(segments(&own, 0).unwrap(), [Segment::Together(0..3)]);
        assert!(is_bracket("begin", Transaction));
        let back = unit(vec![statement("ROLLBACK", Transaction, false)]);
        assert!(segments(&back, 0).is_err());
        let to = unit(vec![statement(
            "ROLLBACK TO SAVEPOINT a",
            Transaction,
            false,
        )]);
        assert!(segments(&to, 0).is_ok());
    }
}
