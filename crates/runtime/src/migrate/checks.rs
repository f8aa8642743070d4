//! Asking the database what the checks of a migration want to know.

use realign_model::Database;
use realign_planner::Value;
use realign_planner::migration::{Check, CheckKind, Condition, Phase};

use super::Loaded;
use super::ahead::Ahead;
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
    /// What the answer is can't be told before those ahead of it have run.
    Later(Check),
}

/// Goes through the checks in their order, to the first that leaves the migration out or stops
/// the run. Only reads. `ahead` is what a run would have done by then, and a rehearsal has not.
pub(super) fn judge(
    connection: &mut Connection,
    site: &Site,
    loaded: &Loaded,
    ahead: Option<&mut Ahead<'_>>,
) -> Result<Vec<Told>, Error> {
    let mut told = Vec::new();
    let mut asked = Asked {
        schema: None,
        ahead: ahead.filter(|ahead| !ahead.is_nothing()),
    };
    for (phase, check) in &loaded.checks {
        match asked.holds(connection, site, check)? {
            Some(true) => {}
            Some(false) => continue,
            None => {
                told.push(Told::Later(check.clone()));
                continue;
            }
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
    let mut asked = Asked {
        schema: None,
        ahead: None,
    };
    for check in &loaded.closing {
        if asked.holds(connection, site, check)? == Some(true) {
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
struct Asked<'a, 'l> {
    schema: Option<Database>,
    ahead: Option<&'a mut Ahead<'l>>,
}

impl Asked<'_, '_> {
    /// Whether it holds; none where that can't be told before others have run.
    fn holds(
        &mut self,
        connection: &mut Connection,
        site: &Site,
        check: &Check,
    ) -> Result<Option<bool>, Error> {
        match &check.condition {
            Condition::Always => Ok(Some(true)),
            Condition::Engine { name, is } => {
                let here = *name == site.dialect.name() || *name == site.facts.vendor;
                Ok(Some(here == *is))
            }
            Condition::Query(sql) => {
                if self.ahead.as_ref().is_some_and(|ahead| ahead.changes(sql)) {
                    return Ok(None);
                }
                match connection.scalar(sql) {
                    Ok(value) => Ok(Some(is_true(&value))),
                    Err(error) if self.ahead.is_some() && error.kind == ErrorKind::Refused => {
                        Ok(None)
                    }
                    Err(error) => Err(error.with_note(format!("check at {}", check.origin))),
                }
            }
            Condition::Structure(structure) => {
                let schema = if let Some(ahead) = &mut self.ahead {
                    let Some(schema) = ahead.schema(connection, site)? else {
                        return Ok(None);
                    };
                    schema
                } else {
                    if self.schema.is_none() {
                        let found = inspect_known(connection, site.dialect, site.facts.clone())?;
                        self.schema = Some(found.database);
                    }
                    self.schema.get_or_insert_with(Database::default)
                };
                let holds = structure.holds(schema, site.dialect, &site.facts);
                holds.map(Some).map_err(|message| {
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
