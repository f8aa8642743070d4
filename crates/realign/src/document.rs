//! The schema document: a schema as JSON, for other tools to write and to read.

use realign_model::{Database, Table};
use realign_planner::Facts;
use realign_runtime::{Error, ErrorKind};
use serde::{Deserialize, Serialize};

/// Version of the document. Another one is refused.
pub const SCHEMA_FORMAT: u32 = 1;

/// A schema as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SchemaDocument {
    /// [`SCHEMA_FORMAT`].
    pub format: u32,
    /// The server it was read from or made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Map<String, serde_json::Value>>")]
    pub facts: Option<Facts>,
    /// The schema.
    pub database: Database,
}

impl SchemaDocument {
    /// A document of this version.
    pub fn new(database: Database, facts: Option<Facts>) -> Self {
        Self {
            format: SCHEMA_FORMAT,
            facts,
            database,
        }
    }

    /// Reads a document; `shown` is its name in messages.
    pub fn read(text: &str, shown: &str) -> Result<Self, Error> {
        let bad = |message: String| {
            Error::new(
                ErrorKind::Usage,
                format!("{shown} is no schema document: {message}"),
            )
            .with_help("`realign schema inspect --format json` writes one")
        };
        let document: Self = serde_json::from_str(text).map_err(|error| bad(error.to_string()))?;
        if document.format != SCHEMA_FORMAT {
            return Err(bad(format!(
                "its format is {}, this version reads {SCHEMA_FORMAT}",
                document.format
            )));
        }
        Ok(document)
    }

    /// The published description of the document, as JSON Schema.
    pub fn json_schema() -> String {
        printed(&schemars::schema_for!(Self))
    }

    /// The same without what only says where something was read from: what other tools read.
    #[must_use]
    pub fn bare(mut self) -> Self {
        // Origins would make two equal schemas look different.
        self.database.forget_origins();
        // The texts that a server keeps of its tables and views; those of triggers and routines
        // are all that there is of them.
        for view in &mut self.database.views {
            view.source_text = None;
        }
        // Where a table has something that the model has no words for, its text is all there is.
        let understood = |table: &&mut Table| table.opaque.is_empty();
        for table in self.database.tables.iter_mut().filter(understood) {
            table.source_text = None;
        }
        self
    }
}

/// The published description of a plan, as JSON Schema.
pub fn plan_schema() -> String {
    printed(&schemars::schema_for!(realign_planner::Plan))
}

fn printed(schema: &schemars::Schema) -> String {
    // A schema is plain JSON: writing it cannot fail.
    let mut text = serde_json::to_string_pretty(schema).unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use realign_model::{
        Column, DataType, Database, Expr, Ident, ObjectName, Origin, Table, Trigger,
    };

    use super::SchemaDocument;

    #[test]
    fn what_is_written_can_be_read() {
        let mut table = Table::new(ObjectName::bare("cust"));
        table.origin = Origin::Server;
        table.source_text = Some("CREATE TABLE cust (name)".to_owned());
        let trigger = Trigger {
            name: ObjectName::bare("tr"),
            table: ObjectName::bare("cust"),
            source_text: Expr::new("CREATE TRIGGER tr"),
            settings: realign_model::SessionSettings::new(),
            origin: Origin::Server,
        };
        table
            .columns
            .push(Column::new(Ident::new("name"), DataType::varchar(20)));
        let document = SchemaDocument::new(
            Database {
                tables: vec![table],
                triggers: vec![trigger],
                ..Database::default()
            },
            None,
        );
        let text = serde_json::to_string(&document.clone().bare()).expect("plain data");
        assert!(!text.contains("origin"), "{text}");
        assert!(!text.contains("CREATE TABLE"), "{text}");
        let read = SchemaDocument::read(&text, "-").expect("our own document");
        assert_eq!(
            read.database.tables[0].columns,
            document.database.tables[0].columns
        );
        assert_eq!(
            read.database.triggers[0].source_text.as_str(),
            "CREATE TRIGGER tr"
        );
    }

    #[test]
    fn another_format_is_refused() {
        let error = SchemaDocument::read(r#"{"format":9,"database":{}}"#, "a.json").unwrap_err();
        assert!(error.message.contains("its format is 9"), "{error}");
        assert!(SchemaDocument::read("[", "a.json").is_err());
    }
}
