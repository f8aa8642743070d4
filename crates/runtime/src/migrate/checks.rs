//! Asking the database what the checks of a migration want to know.

use realign_model::Database;
use realign_planner::Value;
use realign_planner::migration::{Check, CheckKind, Condition, Phase};

use super::Loaded;
use crate::kernel::Site;
use crate::{Connection, Error, ErrorKind, inspect_known};

/// What follows from the checks of a migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// A warning.
    Warning(String),
    /// A line for the person.
    Note(String),
    /// It is left out; in which phase, and why.
    Skip(Phase, String),
    /// The run stops; in which phase, and why.
    Abort(Phase, String),
}

/// Goes through the checks in their order, to the first that leaves the migration out or stops
/// the run. Only reads.
pub(super) fn judge(
    connection: &mut Connection,
    site: &Site,
    loaded: &Loaded,
) -> Result<Vec<Told>, Error> {
    let mut told = Vec::new();
    let mut asked = Asked { schema: None };
    for (phase, check) in &loaded.checks {
        if !asked.holds(connection, site, check)? {
            continue;
        }
        match check.kind {
            CheckKind::WarnIf => told.push(Told::Warning(check.says())),
            CheckKind::Note => told.push(Told::Note(check.says())),
            CheckKind::SkipIf => {
                told.push(Told::Skip(*phase, check.says()));
                break;
            }
            CheckKind::AbortIf => {
                told.push(Told::Abort(*phase, check.says()));
                break;
            }
        }
    }
    Ok(told)
}

/// What is said once a migration has run.
pub(super) fn closing(
    connection: &mut Connection,
    site: &Site,
    loaded: &Loaded,
) -> Result<Vec<Told>, Error> {
    let mut told = Vec::new();
    let mut asked = Asked { schema: None };
    for check in &loaded.closing {
        if asked.holds(connection, site, check)? {
            told.push(match check.kind {
                CheckKind::Note => Told::Note(check.says()),
                CheckKind::WarnIf | CheckKind::SkipIf | CheckKind::AbortIf => {
                    Told::Warning(check.says())
                }
            });
        }
    }
    Ok(told)
}

/// The schema, asked once for all checks of a migration.
struct Asked {
    schema: Option<Database>,
}

impl Asked {
    fn holds(
        &mut self,
        connection: &mut Connection,
        site: &Site,
        check: &Check,
    ) -> Result<bool, Error> {
        match &check.condition {
            Condition::Always => Ok(true),
            Condition::Engine { name, is } => {
                let here = *name == site.dialect.name() || *name == site.facts.vendor;
                Ok(here == *is)
            }
            Condition::Query(sql) => {
                let value = connection
                    .scalar(sql)
                    .map_err(|error| error.with_note(format!("check at {}", check.origin)))?;
                Ok(is_true(&value))
            }
            Condition::Structure(structure) => {
                if self.schema.is_none() {
                    let found = inspect_known(connection, site.dialect, site.facts.clone())?;
                    self.schema = Some(found.database);
                }
                let schema = self.schema.get_or_insert_with(Database::default);
                structure
                    .holds(schema, site.dialect, &site.facts)
                    .map_err(|message| {
                        Error::new(
                            ErrorKind::Failed,
                            format!(
                                "the check `{}` can't be decided: {message}",
                                check.condition
                            ),
                        )
                        .with_note(format!("at {}", check.origin))
                    })
            }
        }
    }
}

/// What counts as true: a number other than 0, and the words that engines print for it.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Int(n) => *n != 0,
        Value::UInt(n) => *n != 0,
        Value::Real(n) => *n != 0.0,
        Value::Text(text) => {
            let text = text.trim().to_ascii_lowercase();
            matches!(text.as_str(), "t" | "true" | "yes" | "y" | "on")
                || text.parse::<f64>().is_ok_and(|n| n != 0.0)
        }
        Value::Bytes(bytes) => bytes.iter().any(|byte| *byte != 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_engines_call_true() {
        for value in [
            Value::Int(2),
            Value::Text("t".to_owned()),
            Value::Text("1".to_owned()),
            Value::Bytes([1].into()),
        ] {
            assert!(is_true(&value), "{value:?}");
        }
        for value in [
            Value::Null,
            Value::Int(0),
            Value::Text("f".to_owned()),
            Value::Text("0".to_owned()),
            Value::Text("maybe".to_owned()),
            Value::Bytes([0].into()),
        ] {
            assert!(!is_true(&value), "{value:?}");
        }
    }
}
