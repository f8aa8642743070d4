//! A query written down in one spelling: every column with the rows that it belongs to, every
//! name of rows by its place, every result under its name. What can't be resolved ends the writing.

use std::fmt::Write as _;

use realign_model::Database;

use super::columns::{Source, figure, is_text_function};
use super::tree::{Body, Call, Expr, Query, Select};

/// Writes one query.
pub(super) struct Writer<'a> {
    pub(super) db: &'a Database,
    /// The schema that names without one mean.
    pub(super) usual: &'a str,
    /// Rows that are in sight, the innermost last.
    pub(super) scopes: Vec<Vec<Source<'a>>>,
    /// Queries of a WITH, with the names of their columns.
    pub(super) named: Vec<(String, Option<Vec<String>>)>,
    pub(super) count: usize,
}

/// Text of a part, and the names of the columns that it gives where they are known.
type Written = (String, Option<Vec<String>>);

impl<'a> Writer<'a> {
    pub(super) fn new(db: &'a Database, usual: &'a str) -> Self {
        Self {
            db,
            usual,
            scopes: Vec::new(),
            named: Vec::new(),
            count: 0,
        }
    }

    /// The query in its one spelling. `columns` are names that a view gives to its results.
    pub(super) fn query(&mut self, query: &Query, columns: &[String]) -> Option<Written> {
        let before = self.named.len();
        let mut text = String::new();
        if query.recursive {
            // Each may look at itself, and at those that follow.
            for named in &query.with {
                let columns = (!named.columns.is_empty()).then(|| named.columns.clone());
                self.named.push((named.name.clone(), columns));
            }
        }
        for named in &query.with {
            let (inner, outputs) = self.query(&named.query, &named.columns)?;
            let kept = match named.kept {
                None => "",
                Some(true) => " materialized",
                Some(false) => " inline",
            };
            let recursive = if query.recursive { " recursive" } else { "" };
            let _ = write!(
                text,
                "[with{recursive} {}{kept} {inner}]",
                shown(&named.name)
            );
            self.named.push((named.name.clone(), outputs));
        }
        let (body, outputs) = self.body(&query.body, columns, query)?;
        text.push_str(&body);
        for (word, expr) in [("limit", &query.limit), ("offset", &query.offset)] {
            if let Some(expr) = expr {
                let value = match expr {
                    // The server casts it to what it counts in.
                    Expr::Cast(inner, name) if name == "bigint" => inner,
                    other => other,
                };
                let _ = write!(text, " {word} {}", self.expr(value)?);
            }
        }
        self.named.truncate(before);
        Some((text, outputs))
    }

    fn body(&mut self, body: &Body, columns: &[String], whole: &Query) -> Option<Written> {
        match body {
            Body::Select(select) => self.select(select, columns, whole),
            Body::Values(rows) => {
                let mut text = String::from("values");
                for row in rows {
                    let row: Option<Vec<String>> = row.iter().map(|e| self.expr(e)).collect();
                    let _ = write!(text, " ({})", row?.join(", "));
                }
                let width = rows.first().map_or(0, Vec::len);
                let usual = (1..=width).map(|n| format!("column{n}"));
                let names = usual
                    .enumerate()
                    .map(|(at, name)| columns.get(at).cloned().unwrap_or(name));
                let names: Vec<String> = names.collect();
                let list: Vec<String> = names.iter().map(|name| shown(name)).collect();
                let _ = write!(text, " as {}", list.join(", "));
                (whole.order.is_empty()).then_some((text, Some(names)))
            }
            Body::Set(word, left, right) => {
                let (left, outputs) = self.query(left, columns)?;
                // Only the first part names the results.
                let width = outputs.as_ref().map_or(0, Vec::len);
                let blank = vec![String::from("_"); width];
                let (right, _) = self.query(right, &blank)?;
                let mut text = format!("({left} {word} {right})");
                for key in &whole.order {
                    let at = match &key.expr {
                        Expr::Number(n) => n.parse::<usize>().ok()?.checked_sub(1)?,
                        // It is the name before a view or a WITH gives its own.
                        Expr::Column(path) if columns.is_empty() => {
                            let [name] = path.as_slice() else { return None };
                            outputs.as_ref()?.iter().position(|o| o == name)?
                        }
                        _ => return None,
                    };
                    let _ = write!(text, " by #{at} {}", key.how);
                }
                Some((text, outputs))
            }
        }
    }

    fn select(&mut self, select: &Select, columns: &[String], whole: &Query) -> Option<Written> {
        self.scopes.push(Vec::new());
        let mut from = Vec::new();
        for item in &select.from {
            from.push(self.from(item)?);
        }
        let mut items: Vec<(String, String)> = Vec::new();
        for (expr, alias) in &select.items {
            if let Expr::Star(path) = expr {
                items.extend(self.star(path, &select.from)?);
                continue;
            }
            let name = match alias {
                Some(alias) => alias.clone(),
                None => figure(expr).0,
            };
            items.push((self.expr(expr)?, name));
        }
        // Keys name results as the query itself calls them.
        let own = items.iter().map(|(_, name)| name);
        let given = |(at, own): (usize, &String)| columns.get(at).unwrap_or(own).clone();
        let names: Vec<String> = own.enumerate().map(given).collect();
        let mut text = String::from("select");
        if let Some(on) = &select.distinct {
            let on: Option<Vec<String>> = on.iter().map(|e| self.key(e, &items, true)).collect();
            let _ = write!(text, " distinct({})", on?.join(", "));
        }
        let shown: Vec<String> = items
            .iter()
            .zip(&names)
            .map(|((t, _), n)| format!("{t} as {}", shown(n)))
            .collect();
        let _ = write!(text, " {} from {}", shown.join(", "), from.join(", "));
        for (word, expr) in [("where", &select.filter), ("having", &select.having)] {
            if let Some(expr) = expr {
                let _ = write!(text, " {word} {}", self.expr(expr)?);
            }
        }
        let group: Option<Vec<String>> = select
            .group
            .iter()
            .map(|e| self.key(e, &items, false))
            .collect();
        let _ = write!(text, " group {}", group?.join(", "));
        for key in &whole.order {
            let expr = self.key(&key.expr, &items, true)?;
            let _ = write!(text, " by {expr} {}", key.how);
        }
        self.scopes.pop();
        Some((text, Some(names)))
    }

    /// A sort or group key: a number and an alias stand for what is selected. `alias_first` is
    /// what sorting does; grouping takes a column of that name before.
    fn key(
        &mut self,
        expr: &Expr,
        items: &[(String, String)],
        alias_first: bool,
    ) -> Option<String> {
        let of_alias = |name: &String| {
            let mut named = items.iter().filter(|(_, own)| own == name);
            named.next().map(|(text, _)| text.clone())
        };
        match expr {
            Expr::Number(n) => {
                let at = n.parse::<usize>().ok()?.checked_sub(1)?;
                items.get(at).map(|(text, _)| text.clone())
            }
            Expr::Column(path) if path.len() == 1 => {
                let own = self.expr(expr);
                if alias_first {
                    of_alias(&path[0]).or(own)
                } else {
                    own.or_else(|| of_alias(&path[0]))
                }
            }
            other => self.expr(other),
        }
    }

    fn is_of(&self, expr: &Expr, name: &str) -> bool {
        self.type_of(expr).as_deref() == Some(name)
    }

    /// An operand without the casts that the server adds for the sake of the other one.
    fn operand(&mut self, expr: &Expr, other: Option<&Expr>) -> Option<String> {
        match expr {
            Expr::Cast(inner, name)
                if name == "text"
                    && matches!(**inner, Expr::Column(_))
                    && self.is_string(inner) =>
            {
                return self.expr(inner);
            }
            Expr::Cast(inner, name) if matches!(**inner, Expr::Text(_) | Expr::Number(_)) => {
                let is_text = matches!(name.as_str(), "text" | "varchar");
                let alike = other
                    .filter(|other| !is_constant(other))
                    .is_some_and(|other| {
                        self.is_of(other, name) || (is_text && self.is_string(other))
                    });
                if alike && gives(inner, name) {
                    return self.expr(inner);
                }
            }
            Expr::Cast(inner, name)
                if name == "text[]" && other.is_some_and(|o| self.is_string(o)) =>
            {
                if let Expr::Call(call) = &**inner
                    && call.name == "ARRAY[]"
                {
                    return self.operand(inner, other);
                }
            }
            Expr::Call(call) if matches!(call.name.as_str(), "ARRAY[]" | "any" | "all") => {
                let mut parts = Vec::new();
                for argument in &call.arguments {
                    parts.push(self.operand(argument, other)?);
                }
                return Some(format!("{}({})", call.name, parts.join(", ")));
            }
            _ => {}
        }
        self.expr(expr)
    }

    /// Arguments of a function, without casts that tell nothing.
    fn arguments(&mut self, call: &Call) -> Option<Vec<String>> {
        // It compares its two, as the operator between them does.
        if let ("nullif", [left, right]) = (call.name.as_str(), call.arguments.as_slice()) {
            let left_text = self.operand(left, Some(right))?;
            return Some(vec![left_text, self.operand(right, Some(left))?]);
        }
        let shared = ["coalesce", "greatest", "least"].contains(&call.name.as_str());
        let typed = call.arguments.iter().find(|a| matches!(a, Expr::Column(_)));
        let mut found = Vec::new();
        for argument in &call.arguments {
            let bare = match argument {
                Expr::Cast(inner, name) if name == "text" && is_text_function(&call.name) => {
                    let plain = matches!(**inner, Expr::Text(_))
                        || (matches!(**inner, Expr::Column(_)) && self.is_string(inner));
                    if plain { &**inner } else { argument }
                }
                other => other,
            };
            found.push(match (typed, bare) {
                // What these give has the type of all of them: each other cast tells something.
                (Some(typed), Expr::Cast(inner, name))
                    if shared && self.is_of(typed, name) && gives(inner, name) =>
                {
                    self.expr(inner)?
                }
                _ => self.expr(bare)?,
            });
        }
        Some(found)
    }

    fn call(&mut self, call: &Call) -> Option<String> {
        let own = call.name.strip_prefix(&format!("{}.", self.usual));
        let mut text = own.unwrap_or(&call.name).to_owned();
        text.push_str(if call.distinct { "(distinct " } else { "(" });
        text.push_str(&self.arguments(call)?.join(", "));
        for (key, how) in &call.order {
            let _ = write!(text, " by {} {how}", self.expr(key)?);
        }
        text.push(')');
        if let Some(filter) = &call.filter {
            let _ = write!(text, " filter {}", self.expr(filter)?);
        }
        if let Some(over) = &call.over {
            text.push_str(" over");
            for key in &over.partition {
                let _ = write!(text, " partition {}", self.expr(key)?);
            }
            for (key, how) in &over.order {
                let _ = write!(text, " by {} {how}", self.expr(key)?);
            }
            text.push_str(&over.frame);
        }
        Some(text)
    }

    pub(super) fn expr(&mut self, expr: &Expr) -> Option<String> {
        Some(match expr {
            Expr::Text(text) => format!("{text:?}"),
            Expr::Number(text) | Expr::Word(text) => text.clone(),
            Expr::Column(path) => self.column(path)?,
            Expr::Star(path) => match path.last() {
                None => "*".to_owned(),
                Some(rows) => format!("{}.*", self.rows(rows)?.id),
            },
            Expr::Operator(name, operands) => match operands.as_slice() {
                // The type of what these give is that of the left side.
                [left, right] if matches!(name.as_str(), "COLLATE" | "." | "[]" | "=>") => {
                    format!("({} {name} {})", self.expr(left)?, self.expr(right)?)
                }
                // A key of a document is a text.
                [left, Expr::Cast(key, of)]
                    if of == "text"
                        && matches!(name.as_str(), "->" | "->>" | "?")
                        && matches!(**key, Expr::Text(_)) =>
                {
                    format!("({} {name} {})", self.expr(left)?, self.expr(key)?)
                }
                [left, right] if !matches!(name.as_str(), "AND" | "OR") => format!(
                    "({} {name} {})",
                    self.operand(left, Some(right))?,
                    self.operand(right, Some(left))?
                ),
                all => {
                    let mut parts = Vec::new();
                    for operand in all {
                        parts.push(self.expr(operand)?);
                    }
                    format!("({name} {})", parts.join(", "))
                }
            },
            Expr::Call(call) => self.call(call)?,
            Expr::Cast(inner, name) => format!("({})::{name}", self.expr(inner)?),
            Expr::Query(kind, query) => {
                let (text, _) = self.query(&query.0, &[])?;
                format!("{kind}({text})")
            }
        })
    }
}

/// True for a literal, cast or not: nobody tells its type to the other side.
fn is_constant(expr: &Expr) -> bool {
    let bare = match expr {
        Expr::Cast(inner, _) => inner,
        other => other,
    };
    matches!(bare, Expr::Text(_) | Expr::Number(_))
}

/// True for a literal that is of a type beside a value of that type, cast or not. A string becomes
/// what it stands beside; a number is of its own type, which small ones do not narrow.
fn gives(literal: &Expr, name: &str) -> bool {
    match literal {
        // The type of one character cuts a longer text.
        Expr::Text(_) => !name.starts_with("char"),
        Expr::Number(_) => !matches!(name, "smallint" | "real"),
        _ => false,
    }
}

/// A name that can't be taken for anything else.
pub(super) fn shown(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '?';
    if name.chars().all(plain) {
        name.to_owned()
    } else {
        format!("{name:?}")
    }
}

pub(super) fn list(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| shown(name)).collect();
    names.join(", ")
}
