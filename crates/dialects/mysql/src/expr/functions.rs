//! Calls, with the names that servers keep for them.

use std::fmt::Write as _;

use super::canonical::Parser;
use super::node::Node;
use super::operator::BIT_OR;
use crate::lexer::{TokenKind, name_value};

/// Names that servers print as written, or always in the same way: a difference in a call of these
/// is one of meaning. Whatever else is called may be printed as something else.
const KEPT: &[&str] = &[
    "abs",
    "avg",
    "bit_and",
    "bit_or",
    "bit_xor",
    "ceiling",
    "character_length",
    "coalesce",
    "concat",
    "concat_ws",
    "conv",
    "count",
    "curdate",
    "curtime",
    "date",
    "date_format",
    "datediff",
    "day",
    "dayofweek",
    "dayofyear",
    "elt",
    "exp",
    "field",
    "find_in_set",
    "floor",
    "format",
    "from_unixtime",
    "greatest",
    "group_concat",
    "hex",
    "hour",
    "if",
    "ifnull",
    "inet_aton",
    "inet_ntoa",
    "instr",
    "isnull",
    "json_extract",
    "json_unquote",
    "json_valid",
    "least",
    "left",
    "length",
    "ln",
    "locate",
    "log",
    "lower",
    "lpad",
    "ltrim",
    "max",
    "md5",
    "min",
    "minute",
    "month",
    "nullif",
    "power",
    "quarter",
    "rand",
    "repeat",
    "replace",
    "reverse",
    "right",
    "round",
    "row_number",
    "rpad",
    "rtrim",
    "second",
    "sha1",
    "sha2",
    "sign",
    "sqrt",
    "std",
    "substring",
    "substring_index",
    "sum",
    "time",
    "timediff",
    "timestampdiff",
    "to_days",
    "trim",
    "truncate",
    "unhex",
    "unix_timestamp",
    "upper",
    "week",
    "weekday",
    "year",
];

impl Parser<'_> {
    /// A call, from its parenthesis on.
    pub(super) fn call(&mut self, name: &str) -> Option<Node> {
        let name = usual_name(name);
        let text = match name {
            "count" | "group_concat" | "sum" | "avg" | "min" | "max" => self.aggregate(name)?,
            "date_add" | "adddate" | "date_sub" | "subdate" => return self.moment(name),
            "mod" => {
                self.cursor.eat_symbol("(").then_some(())?;
                let left = self.operand(0)?;
                self.cursor.eat_symbol(",").then_some(())?;
                let right = self.operand(0)?;
                self.cursor.eat_symbol(")").then_some(())?;
                return Some(Node::binary("%", left, right));
            }
            "extract" => self.extract()?,
            "substring" => self.substring()?,
            "position" => self.position()?,
            "trim" => self.trim()?,
            "char" | "weight_string" | "match" | "values" | "json_table" => {
                return None;
            }
            _ => format!("{name}({})", self.list()?),
        };
        // In a query much more is rewritten than in an expression of a table.
        if !self.scopes.is_empty() && !KEPT.contains(&name) {
            self.certain = false;
        }
        let text = if self.cursor.eat_word("over") {
            format!("{text} over {}", self.window()?)
        } else {
            text
        };
        Some(Node::Call(text))
    }

    fn aggregate(&mut self, name: &str) -> Option<String> {
        self.cursor.eat_symbol("(").then_some(())?;
        let mut text = format!("{name}(");
        if self.cursor.eat_word("distinct") {
            text.push_str("distinct ");
        } else {
            self.cursor.eat_word("all");
        }
        if self.cursor.eat_symbol("*") {
            text.push('*');
        } else {
            let items = self.items()?;
            // What is counted is every row, whatever constant stands for it.
            text.push_str(if name == "count" && items == "0" {
                "*"
            } else {
                &items
            });
        }
        if self.cursor.eat_words(&["order", "by"]) {
            let _ = write!(text, " order by {}", self.order_items()?);
        }
        let mut separator = "','".to_owned();
        if self.cursor.eat_word("separator") {
            separator = self.operand(0)?.text();
        }
        if name == "group_concat" {
            let _ = write!(text, " separator {separator}");
        }
        if self.cursor.eat_word("limit") {
            let _ = write!(text, " limit {}", self.items()?);
        }
        self.cursor.eat_symbol(")").then(|| text + ")")
    }

    /// Expressions with directions and commas between.
    pub(super) fn order_items(&mut self) -> Option<String> {
        let mut items = Vec::new();
        loop {
            let mut item = self.operand(0)?.text();
            if self.cursor.eat_word("desc") {
                item.push_str(" desc");
            } else {
                self.cursor.eat_word("asc");
            }
            items.push(item);
            if !self.cursor.eat_symbol(",") {
                return Some(items.join(","));
            }
        }
    }

    /// `DATE_ADD(x, INTERVAL 1 DAY)` is `x + INTERVAL 1 DAY`.
    fn moment(&mut self, name: &str) -> Option<Node> {
        self.cursor.eat_symbol("(").then_some(())?;
        let moment = self.operand(0)?;
        self.cursor.eat_symbol(",").then_some(())?;
        let mut amount = self.operand(0)?;
        self.cursor.eat_symbol(")").then_some(())?;
        if !matches!(&amount, Node::Call(text) if text.starts_with("interval ")) {
            amount = Node::Call(format!("interval {} day", amount.text()));
        }
        let operator = if name.ends_with("sub") || name == "subdate" {
            "-"
        } else {
            "+"
        };
        Some(Node::binary(operator, moment, amount))
    }

    fn extract(&mut self) -> Option<String> {
        self.cursor.eat_symbol("(").then_some(())?;
        let unit = self.cursor.take()?.1.to_lowercase();
        self.cursor.eat_word("from").then_some(())?;
        let moment = self.operand(0)?.text();
        self.cursor
            .eat_symbol(")")
            .then(|| format!("extract({unit} from {moment})"))
    }

    /// `SUBSTRING(x FROM 1 FOR 2)` is `SUBSTRING(x, 1, 2)`.
    fn substring(&mut self) -> Option<String> {
        self.cursor.eat_symbol("(").then_some(())?;
        let mut items = vec![self.operand(0)?.text()];
        while self.cursor.eat_symbol(",") || self.cursor.eat_any(&["from", "for"]) {
            items.push(self.operand(0)?.text());
        }
        self.cursor
            .eat_symbol(")")
            .then(|| format!("substring({})", items.join(",")))
    }

    fn position(&mut self) -> Option<String> {
        self.cursor.eat_symbol("(").then_some(())?;
        let what = self.operand(BIT_OR)?.text();
        self.cursor.eat_word("in").then_some(())?;
        let whole = self.operand(0)?.text();
        self.cursor
            .eat_symbol(")")
            .then(|| format!("locate({what},{whole})"))
    }

    fn trim(&mut self) -> Option<String> {
        self.cursor.eat_symbol("(").then_some(())?;
        let mut text = String::from("trim(");
        for side in ["both", "leading", "trailing"] {
            if self.cursor.eat_word(side) {
                let _ = write!(text, "{side} ");
            }
        }
        if !self.cursor.at_word("from") {
            text.push_str(&self.operand(0)?.text());
        }
        if self.cursor.eat_word("from") {
            let _ = write!(text, " from {}", self.operand(0)?.text());
        }
        self.cursor.eat_symbol(")").then(|| text + ")")
    }

    /// A type that a value is turned into.
    pub(super) fn cast(&mut self, word: &str) -> Option<String> {
        self.cursor.eat_symbol("(").then_some(())?;
        let value = self.operand(0)?.text();
        let text = if self.cursor.eat_word("using") {
            let (kind, name) = self.cursor.take()?;
            format!(
                "convert({value} using {})",
                name_value(kind, name)?.to_lowercase()
            )
        } else {
            // `CONVERT(x, CHAR)` is a cast.
            if !self.cursor.eat_word("as") {
                (word == "convert" && self.cursor.eat_symbol(",")).then_some(())?;
            }
            let mut words = Vec::new();
            while !self.cursor.at_symbol(")") {
                if self.cursor.at_symbol("(") {
                    words.push(format!("({})", self.cursor.eat_group()?));
                    continue;
                }
                let (kind, text) = self.cursor.take()?;
                words.push(match kind {
                    TokenKind::Quoted => name_value(kind, text)?.to_lowercase(),
                    _ => text.to_lowercase(),
                });
            }
            format!("cast({value} as {})", cast_type(words))
        };
        self.cursor.eat_symbol(")").then_some(text)
    }

    /// What stands behind OVER.
    fn window(&mut self) -> Option<String> {
        if !self.cursor.eat_symbol("(") {
            let (kind, name) = self.cursor.take()?;
            return Some(name_value(kind, name)?.to_lowercase());
        }
        let mut text = String::from("(");
        if self.cursor.eat_words(&["partition", "by"]) {
            let _ = write!(text, "partition by {} ", self.items()?);
        }
        if self.cursor.eat_words(&["order", "by"]) {
            let _ = write!(text, "order by {} ", self.order_items()?);
        }
        while !self.cursor.at_symbol(")") {
            let (_, word) = self.cursor.take()?;
            let _ = write!(text, "{} ", word.to_lowercase());
        }
        self.cursor
            .eat_symbol(")")
            .then(|| text.trim_end().to_owned() + ")")
    }
}

/// A type of a cast without the character set that the server adds to it: the session's.
fn cast_type(words: Vec<String>) -> String {
    let mut kept = Vec::new();
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        let set = match word.as_str() {
            "charset" => words.next(),
            "character" if words.peek().is_some_and(|next| next == "set") => {
                words.next();
                words.next()
            }
            "integer" | "int" => None,
            _ => {
                kept.push(word);
                None
            }
        };
        if set.as_deref() == Some("binary") {
            kept.extend(["charset".to_owned(), "binary".to_owned()]);
        }
    }
    kept.join(" ")
}

/// The one name of functions that have several.
fn usual_name(name: &str) -> &str {
    match name {
        "ucase" => "upper",
        "lcase" => "lower",
        "substr" | "mid" => "substring",
        "pow" => "power",
        "char_length" => "character_length",
        "octet_length" => "length",
        "ceil" => "ceiling",
        "schema" => "database",
        "session_user" | "system_user" => "user",
        "sha" => "sha1",
        "dayofmonth" => "day",
        "stddev" | "stddev_pop" => "std",
        "variance" => "var_pop",
        other => other,
    }
}
