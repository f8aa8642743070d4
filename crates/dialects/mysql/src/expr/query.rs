//! Queries: one spelling for what a file says and for what a server keeps of it.
//!
//! A server qualifies every column, writes `*` out, puts parentheses around joins, turns commas,
//! USING and RIGHT JOIN into plain joins, and has its own names for functions. Both sides are
//! brought to one form; where something is not understood there is none.

mod from;

use std::fmt::Write as _;

use super::canonical::{Canonical, Parser};
use super::scope::{Columns, Scope, Source};
use crate::lexer::{TokenKind, name_value};

/// The canonical form of a query; none when it is not wholly understood. `names` are those that
/// the view gives its columns.
pub(crate) fn canonical_query(
    text: &str,
    names: &[String],
    columns: &Columns<'_>,
) -> Option<Canonical> {
    let mut parser = Parser::new(text);
    parser.columns = Some(columns);
    let query = parser.query()?;
    parser.cursor.is_at_end().then_some(())?;
    if !names.is_empty() && names.len() != query.columns.len() {
        return None;
    }
    let names = if names.is_empty() {
        &query.columns
    } else {
        names
    };
    Some(Canonical {
        text: format!("({}) {}", names.join(","), query.text),
        certain: parser.certain,
    })
}

/// The names of the columns that a query yields.
pub(crate) fn columns_of(text: &str, columns: &Columns<'_>, views: usize) -> Option<Vec<String>> {
    let mut parser = Parser::new(text);
    parser.columns = Some(columns);
    parser.views = views;
    parser.query().map(|query| query.columns)
}

/// A query that was read: its spelling without the names of its columns, and these.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) text: String,
    pub(super) columns: Vec<String>,
}

impl Parser<'_> {
    /// True before `(SELECT`, with any number of parentheses.
    pub(super) fn at_query_in_parentheses(&mut self) -> bool {
        let mark = self.cursor.mark();
        let mut inside = false;
        while self.cursor.eat_symbol("(") {
            inside = true;
        }
        let found = inside && (self.cursor.at_word("select") || self.cursor.at_word("with"));
        self.cursor.back_to(mark);
        found
    }

    /// A query in parentheses, as an operand. Its columns have no names.
    pub(super) fn subquery(&mut self) -> Option<String> {
        self.cursor.eat_symbol("(").then_some(())?;
        let query = self.query()?;
        self.cursor
            .eat_symbol(")")
            .then(|| format!("({})", query.text))
    }

    /// Whether there is any row: what is selected and how many rows do not matter.
    pub(super) fn exists(&mut self) -> Option<String> {
        self.cursor.eat_symbol("(").then_some(())?;
        let query = self.query()?.text;
        self.cursor.eat_symbol(")").then_some(())?;
        let rest = query
            .split_once(" from ")
            .map_or(query.as_str(), |(_, rest)| rest);
        Some(format!(
            "exists({})",
            rest.strip_suffix(" limit 1").unwrap_or(rest)
        ))
    }

    /// A query with its unions.
    fn query(&mut self) -> Option<Query> {
        self.deeper(Self::whole_query)
    }

    fn whole_query(&mut self) -> Option<Query> {
        let before = self.common.len();
        let mut with = String::new();
        if self.cursor.eat_word("with") {
            self.common_tables(&mut with)?;
        }
        let mut query = self.select_or_parentheses()?;
        loop {
            let word = ["union", "except", "intersect"]
                .into_iter()
                .find(|word| self.cursor.eat_word(word));
            let Some(word) = word else { break };
            let all = if self.cursor.eat_word("all") {
                " all"
            } else {
                ""
            };
            self.cursor.eat_word("distinct");
            let next = self.select_or_parentheses()?;
            query.text = format!("{} {word}{all} {}", query.text, next.text);
        }
        self.order_and_limit(&mut query.text)?;
        self.common.truncate(before);
        query.text = with + &query.text;
        Some(query)
    }

    /// Tables of WITH: known by name from here on.
    fn common_tables(&mut self, text: &mut String) -> Option<()> {
        if self.cursor.eat_word("recursive") {
            // What it yields is told by itself.
            return None;
        }
        loop {
            let (kind, name) = self.cursor.take()?;
            let name = name_value(kind, name)?.to_lowercase();
            self.cursor.eat_word("as").then_some(())?;
            self.cursor.eat_symbol("(").then_some(())?;
            let query = self.query()?;
            self.cursor.eat_symbol(")").then_some(())?;
            let _ = write!(
                text,
                "with {name}({}) {} ",
                query.columns.join(","),
                query.text
            );
            self.common.push(Source {
                alias: name,
                columns: Some(query.columns),
            });
            if !self.cursor.eat_symbol(",") {
                return Some(());
            }
        }
    }

    fn select_or_parentheses(&mut self) -> Option<Query> {
        if self.at_query_in_parentheses() {
            self.cursor.eat_symbol("(");
            let query = self.query()?;
            return self.cursor.eat_symbol(")").then_some(query);
        }
        self.select()
    }

    fn select(&mut self) -> Option<Query> {
        self.cursor.eat_word("select").then_some(())?;
        self.scopes.push(Scope::default());
        let before = std::mem::replace(&mut self.aliases_first, false);
        let mut text = String::from("select ");
        while let Some(word) = self.cursor.peek_word().map(str::to_lowercase) {
            match word.as_str() {
                "distinct" | "distinctrow" => text.push_str("distinct "),
                "all" => {}
                "sql_no_cache"
                | "sql_cache"
                | "sql_calc_found_rows"
                | "straight_join"
                | "high_priority"
                | "sql_small_result"
                | "sql_big_result"
                | "sql_buffer_result" => {
                    let _ = write!(text, "{word} ");
                }
                _ => break,
            }
            self.cursor.take();
        }
        // The tables are needed to read what is selected from them.
        let list = self.cursor.mark();
        self.skip_list();
        let from = if self.cursor.eat_word("from") {
            Some(self.from()?)
        } else {
            None
        };
        let behind = self.cursor.mark();
        self.cursor.back_to(list);
        let columns = self.select_list(&mut text)?;
        let at_from = self.cursor.mark();
        if from.is_some() {
            self.cursor.at_word("from").then_some(())?;
            self.cursor.back_to(behind);
        } else if at_from != behind {
            return None;
        }
        if let Some(from) = from {
            let _ = write!(text, " from {}", from.text());
        }
        for (words, clause) in [
            (&["where"][..], " where "),
            (&["group", "by"], " group by "),
            (&["having"], " having "),
        ] {
            if !self.cursor.eat_words(words) {
                continue;
            }
            text.push_str(clause);
            if words.len() == 2 {
                text.push_str(&self.order_items()?);
                if self.cursor.eat_words(&["with", "rollup"]) {
                    text.push_str(" with rollup");
                }
            } else {
                let condition = self.operand(0)?.truth_text();
                text.push_str(&condition);
            }
        }
        if self.cursor.at_word("window") {
            return None;
        }
        self.order_and_limit(&mut text)?;
        self.scopes.pop();
        self.aliases_first = before;
        Some(Query { text, columns })
    }

    fn order_and_limit(&mut self, text: &mut String) -> Option<()> {
        if self.cursor.eat_words(&["order", "by"]) {
            let before = std::mem::replace(&mut self.aliases_first, true);
            let items = self.order_items()?;
            self.aliases_first = before;
            let _ = write!(text, " order by {items}");
        }
        if self.cursor.eat_word("limit") {
            let first = self.operand(0)?.text();
            let limit = if self.cursor.eat_symbol(",") {
                format!("{} offset {first}", self.operand(0)?.text())
            } else if self.cursor.eat_word("offset") {
                format!("{first} offset {}", self.operand(0)?.text())
            } else {
                first
            };
            let _ = write!(text, " limit {limit}");
        }
        Some(())
    }

    /// Goes on to FROM, or to what stands in its place.
    fn skip_list(&mut self) {
        const ENDS: [&str; 9] = [
            "from",
            "where",
            "group",
            "having",
            "order",
            "limit",
            "union",
            "except",
            "intersect",
        ];
        while let Some((kind, text)) = self.cursor.peek() {
            if kind == TokenKind::Symbol && text == ")" {
                return;
            }
            if kind == TokenKind::Word && ENDS.iter().any(|end| text.eq_ignore_ascii_case(end)) {
                return;
            }
            if self.cursor.eat_group().is_none() {
                self.cursor.take();
                // `a.from` is a column.
                if text == "." {
                    self.cursor.take();
                }
            }
        }
    }

    /// What is selected; the names are given back.
    fn select_list(&mut self, text: &mut String) -> Option<Vec<String>> {
        let mut names = Vec::new();
        let mut items = Vec::new();
        loop {
            if self.star(&mut names, &mut items)? {
                if !self.cursor.eat_symbol(",") {
                    break;
                }
                continue;
            }
            let mark = self.cursor.mark();
            let item = self.operand(0)?;
            let written = self.cursor.text_since(mark).to_owned();
            let spelled = item.text();
            let name = if self.cursor.eat_word("as") || self.at_alias() {
                let (kind, name) = self.cursor.take()?;
                name_value(kind, name)?.to_lowercase()
            } else {
                implied_name(&written)
            };
            let scope = self.scopes.last_mut()?;
            scope
                .aliases
                .entry(name.clone())
                .or_insert_with(|| spelled.clone());
            names.push(name);
            items.push(spelled);
            if !self.cursor.eat_symbol(",") {
                break;
            }
        }
        text.push_str(&items.join(","));
        Some(names)
    }

    /// `*` and `t.*`, written out. False when something else is selected here.
    fn star(&mut self, names: &mut Vec<String>, items: &mut Vec<String>) -> Option<bool> {
        let mark = self.cursor.mark();
        let mut of = None;
        if !self.cursor.eat_symbol("*") {
            let Some((kind @ (TokenKind::Word | TokenKind::Quoted), text)) = self.cursor.take()
            else {
                self.cursor.back_to(mark);
                return Some(false);
            };
            of = name_value(kind, text).map(|name| name.to_lowercase());
            if !(self.cursor.eat_symbol(".") && self.cursor.eat_symbol("*")) {
                self.cursor.back_to(mark);
                return Some(false);
            }
        }
        let sources = self.scopes.last()?.sources.clone();
        for source in sources {
            if of.as_ref().is_some_and(|name| *name != source.alias) {
                continue;
            }
            for column in source.columns? {
                items.push(format!("{}.{column}", source.alias));
                names.push(column);
            }
        }
        Some(true)
    }

    /// True before a name that is no word of the grammar.
    fn at_alias(&self) -> bool {
        const WORDS: [&str; 24] = [
            "from",
            "where",
            "group",
            "having",
            "order",
            "limit",
            "union",
            "except",
            "intersect",
            "join",
            "inner",
            "left",
            "right",
            "cross",
            "straight_join",
            "natural",
            "on",
            "using",
            "into",
            "for",
            "window",
            "procedure",
            "lock",
            "with",
        ];
        match self.cursor.peek() {
            Some((TokenKind::Quoted | TokenKind::String, _)) => true,
            Some((TokenKind::Word, text)) => {
                !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
            }
            _ => false,
        }
    }
}

/// The name of a column that has none: that of the column, or the text as it was written.
fn implied_name(written: &str) -> String {
    let mut cursor = crate::lexer::Cursor::new(written);
    let mut last = None;
    loop {
        let Some((kind @ (TokenKind::Word | TokenKind::Quoted), text)) = cursor.take() else {
            return written.trim().to_lowercase();
        };
        last = name_value(kind, text).or(last);
        if cursor.is_at_end() {
            return last.unwrap_or_default().to_lowercase();
        }
        if !cursor.eat_symbol(".") {
            return written.trim().to_lowercase();
        }
    }
}
