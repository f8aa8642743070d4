//! Options of tables and of databases.

use super::{Parser, Read};
use crate::lexer::{TokenKind, name_value, string_value};

/// An option of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TableOption {
    /// `ENGINE`.
    Engine(String),
    /// `CHARACTER SET`; none is the default.
    Charset(Option<String>),
    /// `COLLATE`; none is the default.
    Collation(Option<String>),
    /// `COMMENT`.
    Comment(String),
    /// `ROW_FORMAT`.
    RowFormat(String),
    /// `AUTO_INCREMENT`.
    AutoIncrement(u64),
    /// `WITH SYSTEM VERSIONING`.
    SystemVersioning,
    /// Another one that the catalogue shows: its name in upper case and its value.
    Other(String, String),
    /// One that is not kept with the definition.
    NotKept,
}

/// Options that say where things lie, which the catalogue does not tell.
const NOT_KEPT: &[&str] = &[
    "DATA",
    "INDEX",
    "UNION",
    "INSERT_METHOD",
    "TABLESPACE",
    "STORAGE",
    "START",
    "SECONDARY_ENGINE",
    "ENGINE_ATTRIBUTE",
    "SECONDARY_ENGINE_ATTRIBUTE",
    "AUTOEXTEND_SIZE",
    "CONNECTION",
    "PASSWORD",
    "READ",
];

impl Parser<'_> {
    /// One option; the comma behind it is not taken.
    pub(super) fn table_option(&mut self) -> Read<TableOption> {
        self.cursor.eat_word("DEFAULT");
        let Some((kind, text)) = self.cursor.peek() else {
            return self.fail("a table option");
        };
        let word = match kind {
            TokenKind::Word | TokenKind::Quoted => name_value(kind, text)
                .unwrap_or_default()
                .to_ascii_uppercase(),
            TokenKind::Blank
            | TokenKind::Comment
            | TokenKind::String
            | TokenKind::Number
            | TokenKind::Symbol => return self.fail("a table option"),
        };
        self.cursor.take();
        match word.as_str() {
            "CHARACTER" | "CHAR" => {
                self.word("SET")?;
                Ok(TableOption::Charset(self.charset_value()?))
            }
            "CHARSET" => Ok(TableOption::Charset(self.charset_value()?)),
            "COLLATE" => Ok(TableOption::Collation(self.charset_value()?)),
            "ENGINE" | "TYPE" => Ok(TableOption::Engine(self.option_value()?)),
            "COMMENT" => {
                self.cursor.eat_symbol("=");
                Ok(TableOption::Comment(self.string()?))
            }
            "ROW_FORMAT" => Ok(TableOption::RowFormat(
                self.option_value()?.to_ascii_uppercase(),
            )),
            "AUTO_INCREMENT" => {
                let value = self.option_value()?;
                match value.parse() {
                    Ok(number) => Ok(TableOption::AutoIncrement(number)),
                    Err(_) => self.fail("a number"),
                }
            }
            "WITH" | "WITHOUT" => {
                if self.cursor.eat_words(&["SYSTEM", "VERSIONING"]) {
                    Ok(if word == "WITH" {
                        TableOption::SystemVersioning
                    } else {
                        TableOption::NotKept
                    })
                } else {
                    self.fail("SYSTEM VERSIONING")
                }
            }
            "DATA" | "INDEX" => {
                self.word("DIRECTORY")?;
                self.option_value()?;
                Ok(TableOption::NotKept)
            }
            "UNION" => {
                self.cursor.eat_symbol("=");
                self.group()?;
                Ok(TableOption::NotKept)
            }
            "READ" => {
                self.word("ONLY")?;
                self.option_value()?;
                Ok(TableOption::NotKept)
            }
            "START" => {
                self.word("TRANSACTION")?;
                Ok(TableOption::NotKept)
            }
            word if NOT_KEPT.contains(&word) => {
                self.option_value()?;
                Ok(TableOption::NotKept)
            }
            word => {
                let name = word.to_owned();
                if !self.cursor.at_symbol("=") && !KNOWN.contains(&name.as_str()) {
                    return self.fail("a table option");
                }
                let value = self.option_value()?;
                Ok(if is_unsaid(&name, &value) {
                    TableOption::NotKept
                } else {
                    TableOption::Other(name, value)
                })
            }
        }
    }

    /// `= utf8mb4`, with or without the sign; none for DEFAULT.
    pub(super) fn charset_value(&mut self) -> Read<Option<String>> {
        self.cursor.eat_symbol("=");
        if self.cursor.eat_word("DEFAULT") {
            return Ok(None);
        }
        let value = match self.cursor.peek() {
            Some((TokenKind::Blank | TokenKind::Comment | TokenKind::Symbol, _)) | None => None,
            Some((TokenKind::Number, _)) => None,
            Some((kind @ (TokenKind::Word | TokenKind::Quoted | TokenKind::String), text)) => {
                name_value(kind, text)
            }
        };
        let Some(value) = value else {
            return self.fail("a character set or collation");
        };
        self.cursor.take();
        Ok(Some(value.to_ascii_lowercase()))
    }

    /// `= value`, with or without the sign, quotes taken off.
    fn option_value(&mut self) -> Read<String> {
        self.cursor.eat_symbol("=");
        let value = match self.cursor.peek() {
            Some((TokenKind::String, text)) => string_value(text),
            Some((kind @ (TokenKind::Word | TokenKind::Quoted), text)) => name_value(kind, text),
            Some((TokenKind::Number, text)) => Some(text.to_owned()),
            Some((TokenKind::Blank | TokenKind::Comment | TokenKind::Symbol, _)) | None => None,
        };
        let Some(mut value) = value else {
            return self.fail("a value");
        };
        let end = self.cursor.offset() + value.len();
        self.cursor.take();
        // `4M`: a number and the word right behind it.
        if self.cursor.offset() == end
            && value.bytes().all(|b| b.is_ascii_digit())
            && let Some((TokenKind::Word, unit)) = self.cursor.peek()
        {
            value.push_str(unit);
            self.cursor.take();
        }
        Ok(value)
    }
}

/// Options that stand without an equals sign as well.
const KNOWN: &[&str] = &[
    "AVG_ROW_LENGTH",
    "CHECKSUM",
    "COMPRESSION",
    "DELAY_KEY_WRITE",
    "ENCRYPTION",
    "IETF_QUOTES",
    "KEY_BLOCK_SIZE",
    "MAX_ROWS",
    "MIN_ROWS",
    "PACK_KEYS",
    "PAGE_CHECKSUM",
    "SEQUENCE",
    "STATS_AUTO_RECALC",
    "STATS_PERSISTENT",
    "STATS_SAMPLE_PAGES",
    "TABLE_CHECKSUM",
    "TRANSACTIONAL",
];

/// Values that are the same as saying nothing, so that the catalogue does not show them.
fn is_unsaid(name: &str, value: &str) -> bool {
    value.eq_ignore_ascii_case("DEFAULT")
        || (value == "0"
            && matches!(
                name,
                "AVG_ROW_LENGTH"
                    | "CHECKSUM"
                    | "DELAY_KEY_WRITE"
                    | "KEY_BLOCK_SIZE"
                    | "MAX_ROWS"
                    | "MIN_ROWS"
                    | "STATS_SAMPLE_PAGES"
                    | "TABLE_CHECKSUM"
            ))
        || (name == "ENCRYPTION" && value.eq_ignore_ascii_case("N"))
        || (name == "COMPRESSION" && value.is_empty())
}
