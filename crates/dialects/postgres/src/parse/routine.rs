//! CREATE FUNCTION, CREATE PROCEDURE and CREATE AGGREGATE.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use realign_model::{DataType, Expr, RoutineKind};

use super::{Cursor, Path, Reading};
use crate::lexer::TokenKind;
use crate::render::{ident, live_ident, string_literal};
use crate::types;

/// An argument of a routine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Argument {
    /// `IN`, `OUT`, `INOUT` or `VARIADIC`.
    pub(crate) mode: String,
    /// Its name, when it has one.
    pub(crate) name: Option<String>,
    /// Its type.
    pub(crate) data_type: DataType,
    /// Its default.
    pub(crate) default: Option<Expr>,
}

/// A routine as it is written; what is not written is the server's default, so that two
/// spellings of one routine are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RoutineText {
    /// What it is.
    pub(crate) kind: RoutineKind,
    /// `OR REPLACE`.
    pub(crate) replace: bool,
    /// Its name.
    pub(crate) name: Path,
    /// Its arguments.
    pub(crate) arguments: Vec<Argument>,
    /// `RETURNS`: `SETOF` or nothing, and the type.
    pub(crate) returns: Option<(bool, DataType)>,
    /// `RETURNS TABLE`.
    pub(crate) table: Vec<(String, DataType)>,
    /// `LANGUAGE`.
    pub(crate) language: String,
    /// Every attribute that is not the default, in the server's words.
    pub(crate) attributes: BTreeSet<String>,
    /// `SET name TO value`, as written.
    pub(crate) settings: BTreeSet<String>,
    /// The strings after AS.
    pub(crate) body: Vec<String>,
    /// A body of SQL, as it is written.
    pub(crate) sql_body: Option<String>,
    /// The options of an aggregate, as `name=value`.
    pub(crate) options: BTreeSet<String>,
}

/// Types in parentheses as they are compared: without lengths, which a routine does not keep.
pub(crate) fn types_of<'a>(types: impl IntoIterator<Item = &'a DataType>) -> String {
    let words: Vec<String> = types
        .into_iter()
        .map(|t| types::render(&without_length(t)).to_lowercase())
        .collect();
    words.join(", ")
}

/// A type as a routine keeps it.
pub(crate) fn without_length(data_type: &DataType) -> DataType {
    match types::normal(data_type) {
        DataType::Decimal { .. } => DataType::Decimal {
            precision: None,
            scale: None,
            unsigned: false,
        },
        DataType::Char { .. } => DataType::Char { len: None },
        DataType::Varchar { .. } => DataType::Varchar { len: None },
        DataType::Bit { varying, .. } => DataType::Bit { len: None, varying },
        DataType::Time { zone, .. } => DataType::Time {
            precision: None,
            zone,
        },
        DataType::DateTime { .. } => DataType::DateTime { precision: None },
        DataType::Timestamp { .. } => DataType::Timestamp { precision: None },
        DataType::Array(inner) => DataType::Array(Box::new(without_length(&inner))),
        other => other,
    }
}

const TYPE_STOPS: [&str; 1] = ["default"];

impl Cursor<'_> {
    /// A whole CREATE FUNCTION, CREATE PROCEDURE or CREATE AGGREGATE.
    pub(crate) fn routine(&mut self) -> Reading<RoutineText> {
        self.expect("create")?;
        let replace = self.take_all(&["or", "replace"]);
        let kind = if self.take("function") {
            RoutineKind::Function
        } else if self.take("procedure") {
            RoutineKind::Procedure
        } else if self.take("aggregate") {
            RoutineKind::Aggregate
        } else {
            return Err(self.expected("FUNCTION, PROCEDURE or AGGREGATE"));
        };
        let mut found = RoutineText {
            kind,
            replace,
            name: self.path()?,
            arguments: self.arguments()?,
            returns: None,
            table: Vec::new(),
            language: String::new(),
            attributes: BTreeSet::new(),
            settings: BTreeSet::new(),
            body: Vec::new(),
            sql_body: None,
            options: BTreeSet::new(),
        };
        if kind == RoutineKind::Aggregate {
            found.options = self.options()?.into_iter().collect();
            self.expect_end()?;
            return Ok(found);
        }
        while !self.is_done() {
            self.routine_clause(&mut found)?;
        }
        found.forget_defaults();
        Ok(found)
    }

    /// One clause after the arguments.
    pub(crate) fn routine_clause(&mut self, found: &mut RoutineText) -> Reading<()> {
        if self.take_all(&["returns", "null", "on", "null", "input"]) {
            found.attributes.insert("STRICT".to_owned());
        } else if self.take_all(&["called", "on", "null", "input"]) {
            found.attributes.remove("STRICT");
        } else if self.take_all(&["returns", "table"]) {
            self.expect_symbol("(")?;
            loop {
                let name = self.text_name()?;
                found.table.push((name, self.data_type()?));
                if !self.take_symbol(",") {
                    break;
                }
            }
            self.expect_symbol(")")?;
        } else if self.take("returns") {
            let set = self.take("setof");
            found.returns = Some((set, self.return_type()?));
        } else if self.take("language") {
            found.language = match self.peek() {
                Some(token) if token.kind == TokenKind::String => self.string()?.to_lowercase(),
                _ => self.text_name()?,
            };
        } else if self.take("as") {
            found.body.push(self.string()?);
            if self.take_symbol(",") {
                found.body.push(self.string()?);
            }
        } else if self.sees_all(&["begin", "atomic"]) || self.sees("return") {
            found.sql_body = Some(self.rest().to_owned());
        } else if self.take("set") {
            found.settings.insert(self.setting()?);
        } else if self.take("cost") || self.sees("rows") {
            let rows = self.take("rows");
            let number = self.peek().map(|t| t.text.clone()).unwrap_or_default();
            self.skip();
            let word = if rows { "ROWS" } else { "COST" };
            found.attributes.insert(format!(
                "{word} {}",
                crate::expr::number(&number).unwrap_or(number.into_owned())
            ));
        } else if self.take("support") {
            let name = self.path()?.name;
            found.attributes.insert(format!("SUPPORT {name}"));
        } else if self.take("transform") {
            while self.take_all(&["for", "type"]) {
                let data_type = self.data_type()?;
                found
                    .attributes
                    .insert(format!("TRANSFORM {}", types_of([&data_type])));
                self.take_symbol(",");
            }
        } else if self.take("parallel") {
            for word in ["SAFE", "RESTRICTED", "UNSAFE"] {
                found.attributes.remove(&format!("PARALLEL {word}"));
            }
            let word = self.text_name()?.to_uppercase();
            if word != "UNSAFE" {
                found.attributes.insert(format!("PARALLEL {word}"));
            }
        } else {
            return self.routine_word(found);
        }
        Ok(())
    }

    /// `name TO value, …`, as `name=value,value`.
    fn setting(&mut self) -> Reading<String> {
        let mut name = self.text_name()?;
        while self.take_symbol(".") {
            name = format!("{name}.{}", self.text_name()?);
        }
        if self.take_all(&["from", "current"]) {
            return Err(self.unknown());
        }
        if !self.take("to") {
            self.expect_symbol("=")?;
        }
        let mut values = Vec::new();
        loop {
            let sign = if self.take_symbol("-") { "-" } else { "" };
            let value = match self.peek() {
                Some(token) if token.kind == TokenKind::Word => token.text.to_lowercase(),
                Some(token) if token.kind != TokenKind::Symbol => token.text.to_string(),
                _ => return Err(self.expected("a value")),
            };
            self.skip();
            values.push(format!("{sign}{value}"));
            if !self.take_symbol(",") {
                return Ok(format!("{name}={}", values.join(",")));
            }
        }
    }

    fn routine_word(&mut self, found: &mut RoutineText) -> Reading<()> {
        let volatility = ["IMMUTABLE", "STABLE", "VOLATILE"];
        if let Some(word) = volatility.into_iter().find(|word| self.take(word)) {
            for other in volatility {
                found.attributes.remove(other);
            }
            if word != "VOLATILE" {
                found.attributes.insert(word.to_owned());
            }
        } else if self.take("strict") {
            found.attributes.insert("STRICT".to_owned());
        } else if self.take("window") {
            found.attributes.insert("WINDOW".to_owned());
        } else if self.take_all(&["not", "leakproof"]) {
            found.attributes.remove("LEAKPROOF");
        } else if self.take("leakproof") {
            found.attributes.insert("LEAKPROOF".to_owned());
        } else {
            let mark = self.mark();
            self.take("external");
            if self.take_all(&["security", "definer"]) {
                found.attributes.insert("SECURITY DEFINER".to_owned());
            } else if self.take_all(&["security", "invoker"]) {
                found.attributes.remove("SECURITY DEFINER");
            } else {
                self.back(mark);
                return Err(self.unknown());
            }
        }
        Ok(())
    }

    /// Arguments in parentheses; `*` and ORDER BY of an aggregate are understood.
    pub(crate) fn arguments(&mut self) -> Reading<Vec<Argument>> {
        self.expect_symbol("(")?;
        let mut found = Vec::new();
        if self.take_symbol("*") {
            self.expect_symbol(")")?;
            return Ok(found);
        }
        while !self.sees_symbol(")") {
            self.take_all(&["order", "by"]);
            found.push(self.argument()?);
            if !self.take_symbol(",") && !self.sees("order") {
                break;
            }
        }
        self.expect_symbol(")")?;
        Ok(found)
    }

    fn argument(&mut self) -> Reading<Argument> {
        let mut mode = self.mode();
        // A name comes before a type: when what follows the first words is no end yet.
        let mark = self.mark();
        let whole = self.argument_type();
        let ends = |cursor: &Self| {
            cursor.is_done()
                || cursor.sees_symbol(",")
                || cursor.sees_symbol(")")
                || cursor.sees_symbol("=")
                || cursor.sees_symbol(":=")
                || cursor.sees_any(&TYPE_STOPS)
                || cursor.sees_all(&["order", "by"])
        };
        let (name, data_type) = match whole {
            Ok(data_type) if ends(self) => (None, data_type),
            _ => {
                self.back(mark);
                let name = self.text_name()?;
                if mode == "IN" {
                    mode = self.mode();
                }
                (Some(name), self.argument_type()?)
            }
        };
        let default = if self.take("default") || self.take_symbol("=") || self.take_symbol(":=") {
            Some(Expr::new(self.expression(&[])?))
        } else {
            None
        };
        Ok(Argument {
            mode,
            name,
            data_type,
            default,
        })
    }

    fn mode(&mut self) -> String {
        let next_is_end = |cursor: &Self| {
            cursor
                .ahead(1)
                .is_none_or(|t| t.is_symbol(",") || t.is_symbol(")"))
        };
        for mode in ["in", "out", "inout", "variadic"] {
            if self.sees(mode) && !next_is_end(self) {
                self.skip();
                if mode == "in" && self.take("out") {
                    return "INOUT".to_owned();
                }
                return mode.to_uppercase();
            }
        }
        "IN".to_owned()
    }

    fn argument_type(&mut self) -> Reading<DataType> {
        self.take("setof");
        self.return_type()
    }

    /// A type, or `table.column%TYPE`.
    fn return_type(&mut self) -> Reading<DataType> {
        let data_type = self.data_type()?;
        if self.sees_symbol("%") {
            return Err(self.unknown());
        }
        Ok(data_type)
    }
}

impl RoutineText {
    /// The routine of a text.
    pub(crate) fn read(text: &str) -> Option<Self> {
        Cursor::new(text.trim().trim_end_matches(';'))
            .routine()
            .ok()
    }

    /// Takes out what is said and would hold without a word.
    pub(crate) fn forget_defaults(&mut self) {
        let cheap = matches!(self.language.as_str(), "c" | "internal");
        self.attributes
            .remove(if cheap { "COST 1" } else { "COST 100" });
        self.attributes.remove("ROWS 1000");
    }

    /// The types of the arguments that tell it from others of its name.
    pub(crate) fn signature(&self) -> String {
        let procedure = self.kind == RoutineKind::Procedure;
        types_of(
            self.arguments
                .iter()
                .filter(|a| a.mode != "OUT" || procedure)
                .map(|a| &a.data_type),
        )
    }

    /// The whole statement, with every name in full: it means the same on any search path.
    pub(crate) fn render(&self) -> String {
        let word = match self.kind {
            RoutineKind::Function => "FUNCTION",
            RoutineKind::Procedure => "PROCEDURE",
            RoutineKind::Aggregate => "AGGREGATE",
        };
        let arguments: Vec<String> = self.arguments.iter().map(Argument::render).collect();
        let arguments = match arguments.as_slice() {
            [] if self.kind == RoutineKind::Aggregate => "*".to_owned(),
            all => all.join(", "),
        };
        let mut text = format!(
            "CREATE OR REPLACE {word} {}({arguments})",
            self.name.render()
        );
        if self.kind == RoutineKind::Aggregate {
            let options: Vec<String> = self
                .options
                .iter()
                .filter_map(|option| option.split_once('='))
                .map(|(name, value)| format!("{name} = {}", option_value(name, value)))
                .collect();
            let _ = write!(text, " ({})", options.join(", "));
            return text;
        }
        if !self.table.is_empty() {
            let columns: Vec<String> = self
                .table
                .iter()
                .map(|(name, t)| format!("{} {}", ident(&live_ident(name)), types::render(t)))
                .collect();
            let _ = write!(text, "\n RETURNS TABLE({})", columns.join(", "));
        } else if let Some((set, data_type)) = &self.returns {
            let set = if *set { "SETOF " } else { "" };
            let _ = write!(text, "\n RETURNS {set}{}", types::render(data_type));
        }
        let _ = write!(text, "\n LANGUAGE {}", ident(&live_ident(&self.language)));
        for attribute in &self.attributes {
            if let Some(data_type) = attribute.strip_prefix("TRANSFORM ") {
                let _ = write!(text, "\n TRANSFORM FOR TYPE {data_type}");
            } else {
                let _ = write!(text, "\n {attribute}");
            }
        }
        for setting in &self.settings {
            let (name, values) = setting.split_once('=').unwrap_or((setting, ""));
            let values: Vec<String> = values.split(',').map(string_literal).collect();
            let _ = write!(text, "\n SET {name} TO {}", values.join(", "));
        }
        let bodies: Vec<String> = self.body.iter().map(|b| dollar_quoted(b)).collect();
        let _ = match &self.sql_body {
            Some(body) => write!(text, "\n{body}"),
            None => write!(text, "\nAS {}", bodies.join(", ")),
        };
        text
    }
}

impl Argument {
    fn render(&self) -> String {
        let mut text = String::new();
        if self.mode != "IN" {
            text.push_str(&self.mode);
            text.push(' ');
        }
        if let Some(name) = &self.name {
            text.push_str(&ident(&live_ident(name)));
            text.push(' ');
        }
        text.push_str(&types::render(&self.data_type));
        if let Some(default) = &self.default {
            let _ = write!(text, " DEFAULT {default}");
        }
        text
    }
}

/// The value of an aggregate's option: names stand bare, values of a state in quotes.
fn option_value(name: &str, value: &str) -> String {
    if matches!(name, "initcond" | "minitcond") {
        string_literal(value)
    } else {
        value.to_owned()
    }
}

/// A text between dollars that do not stand in it.
fn dollar_quoted(text: &str) -> String {
    let mut tag = "$function$".to_owned();
    while text.contains(&tag) {
        tag.insert(tag.len() - 1, 'x');
    }
    format!("{tag}{text}{tag}")
}
