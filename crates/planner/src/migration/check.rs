//! Checks in front of a migration: what has to hold, and what follows when it does.

use realign_model::{Column, Database, Origin, Table};

mod words;

use super::{Placeholders, fill};
use words::{Word, words};

use crate::{Aspect, Dialect, DoctrineColumn, Facts, NameKind};

/// What follows when a condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckKind {
    /// The migration is left out and recorded as skipped.
    SkipIf,
    /// The run stops.
    AbortIf,
    /// A warning, and the run goes on.
    WarnIf,
    /// A line for the person, whatever the database is.
    Note,
}

impl CheckKind {
    /// The word of the directive.
    pub fn word(self) -> &'static str {
        match self {
            Self::SkipIf => "skip-if",
            Self::AbortIf => "abort-if",
            Self::WarnIf => "warn-if",
            Self::Note => "note",
        }
    }
}

/// A check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What follows.
    pub kind: CheckKind,
    /// When.
    pub condition: Condition,
    /// What is said; else the condition itself is.
    pub message: Option<String>,
    /// Where it is written.
    pub origin: Origin,
}

impl Check {
    /// What is said.
    pub fn says(&self) -> String {
        match &self.message {
            Some(message) => message.clone(),
            None => self.condition.to_string(),
        }
    }
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Holds always.
    Always,
    /// Something of the schema is there or not.
    Structure(Structure),
    /// A query whose first value is true, or a number other than 0.
    Query(String),
    /// The engine is this one, or any other: its dialect or its vendor.
    Engine {
        /// The name.
        name: String,
        /// It has to be this one.
        is: bool,
    },
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Always => f.write_str("always"),
            Self::Structure(structure) => structure.fmt(f),
            Self::Query(sql) => f.write_str(sql),
            Self::Engine { name, is: true } => write!(f, "engine is {name}"),
            Self::Engine { name, is: false } => write!(f, "engine is not {name}"),
        }
    }
}

/// Something of the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Structure {
    /// What it is.
    pub object: Object,
    /// It has to be there, or has to be missing.
    pub there: bool,
}

/// An object that a condition names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Object {
    /// A table.
    Table(String),
    /// A view.
    View(String),
    /// A column, and the type that it has to have.
    Column {
        /// Its table.
        table: String,
        /// The column.
        column: String,
        /// Its type, as the engine's SQL has it.
        data_type: Option<String>,
    },
    /// An index.
    Index {
        /// Its table; any when it is not named.
        table: Option<String>,
        /// The index.
        index: String,
    },
}

impl std::fmt::Display for Structure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.object {
            Object::Table(name) => write!(f, "table {name}")?,
            Object::View(name) => write!(f, "view {name}")?,
            Object::Column {
                table,
                column,
                data_type,
            } => {
                write!(f, "column {table}.{column}")?;
                if let Some(data_type) = data_type {
                    return write!(
                        f,
                        " {} {data_type}",
                        if self.there { "is" } else { "is not" }
                    );
                }
            }
            Object::Index { table, index } => {
                write!(f, "index {index}")?;
                if let Some(table) = table {
                    write!(f, " on {table}")?;
                }
            }
        }
        f.write_str(if self.there { " exists" } else { " is missing" })
    }
}

impl Condition {
    /// The same with values in place of placeholders. The error is the name of one that has none.
    pub fn filled(&self, values: &Placeholders) -> Result<Self, String> {
        let fill = |text: &String| fill(text, values).map_err(|(_, name)| name);
        Ok(match self {
            Self::Always | Self::Engine { .. } => self.clone(),
            Self::Query(sql) => Self::Query(fill(sql)?),
            Self::Structure(structure) => Self::Structure(Structure {
                there: structure.there,
                object: match &structure.object {
                    Object::Table(name) => Object::Table(fill(name)?),
                    Object::View(name) => Object::View(fill(name)?),
                    Object::Column {
                        table,
                        column,
                        data_type,
                    } => Object::Column {
                        table: fill(table)?,
                        column: fill(column)?,
                        data_type: data_type.clone(),
                    },
                    Object::Index { table, index } => Object::Index {
                        table: table.as_ref().map(fill).transpose()?,
                        index: fill(index)?,
                    },
                },
            }),
        })
    }

    /// Reads a condition. The error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let words = words(text)?;
        let lower: Vec<String> = words.iter().map(|w| w.text.to_ascii_lowercase()).collect();
        let first = lower.first().map_or("", String::as_str);
        match first {
            "always" if words.len() == 1 => Ok(Self::Always),
            "not" => match Self::parse(text.trim_start().get(3..).unwrap_or_default())? {
                Self::Structure(structure) => Ok(Self::Structure(Structure {
                    there: !structure.there,
                    ..structure
                })),
                Self::Always | Self::Query(_) | Self::Engine { .. } => {
                    Err("`not` goes before table, view, column and index only".to_owned())
                }
            },
            "engine" => match lower.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                [_, "is", name] => Ok(Self::Engine {
                    name: name.to_owned(),
                    is: true,
                }),
                [_, "is", "not", name] => Ok(Self::Engine {
                    name: name.to_owned(),
                    is: false,
                }),
                _ => Err("write `engine is NAME` or `engine is not NAME`".to_owned()),
            },
            "table" | "view" | "column" | "index" => structure(first, &words, &lower),
            "select" | "with" | "values" | "exists" | "show" | "pragma" => {
                Ok(Self::Query(text.trim().trim_end_matches(';').to_owned()))
            }
            _ if text.trim_start().starts_with('(') => {
                Ok(Self::Query(format!("SELECT {}", text.trim())))
            }
            _ => Err(
                "write `table NAME exists`, `column TABLE.COLUMN is TYPE`, `index NAME missing`, or a query"
                    .to_owned(),
            ),
        }
    }
}

fn structure(kind: &str, words: &[Word], lower: &[String]) -> Result<Condition, String> {
    let name = words
        .get(1)
        .ok_or_else(|| format!("the name of the {kind} is missing"))?;
    let mut rest: Vec<&str> = lower.iter().skip(2).map(String::as_str).collect();
    let whole = || name.parts.join(".");
    let object = match kind {
        "table" => Object::Table(whole()),
        "view" => Object::View(whole()),
        "index" => {
            let table = match rest.split_first() {
                Some((&"on", _)) => {
                    let table = words.get(3).ok_or("after `on` the table is missing")?;
                    rest.drain(..2.min(rest.len()));
                    Some(table.parts.join("."))
                }
                _ => None,
            };
            Object::Index {
                table,
                index: whole(),
            }
        }
        _ => {
            let Some((column, table)) = name.parts.split_last().filter(|(_, t)| !t.is_empty())
            else {
                return Err("write the column as TABLE.COLUMN".to_owned());
            };
            let (column, table) = (column.clone(), table.join("."));
            if rest.first() == Some(&"is") && !matches!(rest[..], ["is", "missing"]) {
                let negated = rest.get(1) == Some(&"not");
                let from = if negated { 4 } else { 3 };
                let data_type: Vec<&str> =
                    words.iter().skip(from).map(|w| w.text.as_str()).collect();
                if data_type.is_empty() {
                    return Err("after `is` the type is missing".to_owned());
                }
                return Ok(Condition::Structure(Structure {
                    object: Object::Column {
                        table,
                        column,
                        data_type: Some(data_type.join(" ")),
                    },
                    there: !negated,
                }));
            }
            Object::Column {
                table,
                column,
                data_type: None,
            }
        }
    };
    let there = match rest[..] {
        ["exists"] => true,
        ["missing"] | ["is", "missing"] | ["does", "not", "exist"] => false,
        _ => return Err(format!("after the {kind} write `exists` or `missing`")),
    };
    Ok(Condition::Structure(Structure { object, there }))
}

impl Structure {
    /// True when it holds in this database. The error says that a type can't be read.
    pub fn holds(
        &self,
        database: &Database,
        dialect: &dyn Dialect,
        facts: &Facts,
    ) -> Result<bool, String> {
        let compare = dialect.compare();
        let same = |kind: NameKind, a: &str, b: &str| {
            compare.fold(kind, a, facts) == compare.fold(kind, b, facts)
        };
        let table = |name: &str| {
            database.tables.iter().find(|table| {
                same(NameKind::Table, &table.name.to_string(), name)
                    || same(NameKind::Table, &table.name.name.text, name)
            })
        };
        let found = match &self.object {
            Object::Table(name) => table(name).is_some(),
            Object::View(name) => database.views.iter().any(|view| {
                same(NameKind::Table, &view.name.to_string(), name)
                    || same(NameKind::Table, &view.name.name.text, name)
            }),
            Object::Column {
                table: name,
                column,
                data_type,
            } => {
                let live = table(name).and_then(|table| {
                    let columns = &table.columns;
                    let column = columns
                        .iter()
                        .find(|c| same(NameKind::Column, &c.name.text, column))?;
                    Some((column, table))
                });
                match (live, data_type) {
                    (None, _) => false,
                    (Some(_), None) => true,
                    (Some(live), Some(wanted)) => has_type(live, wanted, dialect, facts)?,
                }
            }
            Object::Index { table: name, index } => database
                .tables
                .iter()
                .filter(|table| {
                    name.as_ref().is_none_or(|name| {
                        same(NameKind::Table, &table.name.to_string(), name)
                            || same(NameKind::Table, &table.name.name.text, name)
                    })
                })
                .any(|table| {
                    table
                        .indexes
                        .iter()
                        .any(|i| same(NameKind::Index, i.name_str(), index))
                }),
        };
        Ok(found == self.there)
    }
}

/// Whether a live column has a type, as the engine compares types.
fn has_type(
    live: (&Column, &Table),
    wanted: &str,
    dialect: &dyn Dialect,
    facts: &Facts,
) -> Result<bool, String> {
    let declared = DoctrineColumn {
        not_null: false,
        definition: Some(wanted.to_owned()),
        ..DoctrineColumn::new("wanted", "string")
    };
    let mut remarks = Vec::new();
    let wish = dialect
        .doctrine()
        .column(&declared, facts, &mut remarks)
        .map_err(|diagnostic| diagnostic.message)?;
    if let Some(remark) = remarks.into_iter().next() {
        return Err(remark.message);
    }
    let differences = dialect
        .compare()
        .column(live, (&wish, live.1), facts, &mut Vec::new());
    Ok(!differences
        .iter()
        .any(|difference| difference.aspect == Aspect::Type))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        match Condition::parse(text) {
            Ok(condition) => condition.to_string(),
            Err(error) => format!("error: {error}"),
        }
    }

    #[test]
    fn conditions_in_words() {
        for (text, meant) in [
            ("table leads exists", "table leads exists"),
            ("table leads is missing", "table leads is missing"),
            ("not table `leads` exists", "table leads is missing"),
            ("TABLE app.leads EXISTS", "table app.leads exists"),
            ("column leads.country exists", "column leads.country exists"),
            (
                "column a.leads.country is varchar(20)",
                "column a.leads.country is varchar(20)",
            ),
            (
                "column leads.\"my col\" is not DECIMAL(10, 2)",
                "column leads.my col is not DECIMAL(10, 2)",
            ),
            ("index i on leads missing", "index i on leads is missing"),
            ("index i exists", "index i exists"),
            ("always", "always"),
            ("engine is not SQLite", "engine is not sqlite"),
            (
                "select count(*) > 3 from leads;",
                "select count(*) > 3 from leads",
            ),
            ("(SELECT 1)", "SELECT (SELECT 1)"),
        ] {
            assert_eq!(read(text), meant, "{text}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_said() {
        for text in [
            "",
            "tabel leads exists",
            "table leads",
            "table",
            "column country exists",
            "column a.b is",
            "index i on",
            "table \"leads exists",
            "not select 1",
            "not not",
        ] {
            assert!(read(text).starts_with("error: "), "{text}: {}", read(text));
        }
    }
}
