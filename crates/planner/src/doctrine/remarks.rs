//! What is said of a mapping in the same words on every engine.

use indexmap::IndexMap;
use realign_model::{Ident, Origin};

use crate::{DbalType, Diagnostic, DoctrineColumn, DoctrineIndex};

impl DoctrineColumn {
    /// A NOT NULL column of a type, with nothing else said of it.
    pub fn new(name: impl Into<Ident>, type_name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            type_name: type_name.into(),
            length: None,
            precision: None,
            scale: None,
            fixed: false,
            unsigned: false,
            not_null: true,
            default: None,
            autoincrement: false,
            comment: None,
            definition: None,
            version: false,
            values: Vec::new(),
            options: IndexMap::new(),
            custom: None,
            origin: Origin::None,
        }
    }

    /// The name of the type in the mapping.
    pub fn mapped_type(&self) -> &str {
        self.custom
            .as_ref()
            .map_or(&self.type_name, |custom| &custom.name)
    }

    /// The mark that DBAL 2 and 3 put into the comment, empty for none; `marked` tells whether the
    /// platform asks for it with a type of DBAL's.
    pub fn type_mark(&self, marked: bool) -> String {
        match &self.custom {
            Some(custom) if custom.marked => custom.name.clone(),
            None if marked => self.type_name.clone(),
            Some(_) | None => String::new(),
        }
    }

    /// The type's own SQL, where it is no type of DBAL's.
    pub fn type_sql(&self) -> Option<&str> {
        self.custom.as_ref()?.sql.as_deref()
    }

    /// The column's type needs something that the mapping does not give; `why` tells since when
    /// or where.
    pub fn type_lacks(&self, what: &str, why: &str) -> Diagnostic {
        Diagnostic::error(
            "D061",
            format!(
                "column {}: type `{}` needs {what}",
                self.name,
                self.mapped_type()
            ),
        )
        .at(self.origin.clone())
        .with_note(why)
    }

    /// The length of the longest word of an `enum`, for engines that make a text of it.
    pub fn longest_value(&self) -> Result<u32, Diagnostic> {
        let longest = self.values.iter().map(|word| word.chars().count()).max();
        match longest {
            Some(longest) => Ok(u32::try_from(longest).unwrap_or(u32::MAX)),
            None => Err(self.type_lacks("`values`", "an enum has to list its words")),
        }
    }

    /// An empty default where the type's values are written without quotes: nothing would stand
    /// behind DEFAULT.
    pub fn check_default(&self, dbal_type: DbalType) -> Result<(), Diagnostic> {
        let bare = dbal_type.is_integer() || dbal_type == DbalType::Boolean;
        match &self.default {
            Some(default) if bare && default.trim().is_empty() => {
                Err(self.default_is_no_value("leave the option out, or give a number"))
            }
            _ => Ok(()),
        }
    }

    /// The default is no value of the column's type.
    pub fn default_is_no_value(&self, help: &str) -> Diagnostic {
        let default = self.default.as_deref().unwrap_or_default();
        let shown = if default.trim().is_empty() {
            "an empty default".to_owned()
        } else {
            format!("the default `{default}`")
        };
        Diagnostic::error(
            "D061",
            format!(
                "column {}: {shown} is no value of type `{}`",
                self.name,
                self.mapped_type()
            ),
        )
        .at(self.origin.clone())
        .with_help(help)
    }

    /// The `column-definition` can't be read, or only a part of it; `consequence` tells what
    /// becomes of it.
    pub fn definition_unread(&self, reason: &str, consequence: &str) -> Diagnostic {
        Diagnostic::warning(
            "D062",
            format!(
                "column {}: can't read its column-definition: {reason}",
                self.name
            ),
        )
        .at(self.origin.clone())
        .with_note(consequence)
        .with_help("begin it with a type, followed by NOT NULL, DEFAULT, COLLATE or GENERATED")
    }

    /// The `column-definition` makes more than a column: a key, a check, a reference.
    pub fn definition_makes(&self, more: &str) -> Diagnostic {
        Diagnostic::warning(
            "D062",
            format!(
                "column {}: its column-definition also makes {more}",
                self.name
            ),
        )
        .at(self.origin.clone())
        .with_note("that is sent as written, and not compared")
        .with_help("declare it as an index, unique constraint or association of the mapping")
    }
}

impl DoctrineIndex {
    /// An option of the index that does nothing on this engine.
    pub fn option_ignored(&self, option: &str, reason: &str) -> Diagnostic {
        Diagnostic::warning(
            "D064",
            format!(
                "index {}: the option `{option}` has no effect here",
                self.name
            ),
        )
        .at(self.origin.clone())
        .with_note(reason)
    }
}
