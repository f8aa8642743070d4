//! One spelling for expressions that mean the same.

use super::node::{Node, Test};
use super::operator::{BIT_OR, COMPARE, NOT, Operator, POWER};
use super::scope::{Columns, Found, Scope, Source};
use crate::lexer::{Cursor, TokenKind, name_value, string_value};

/// An expression in its one spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Canonical {
    /// The spelling: fully in parentheses, for comparison only.
    pub(crate) text: String,
    /// Nothing in it that servers are known to turn into something else.
    pub(crate) certain: bool,
}

/// Parentheses deeper than this are not read: nobody writes them, and the walk recurses.
const DEEPEST: usize = 200;

/// The canonical form; none when the text is not wholly understood.
pub(crate) fn canonical(text: &str) -> Option<Canonical> {
    let mut parser = Parser::new(text);
    let text = parser.operand(0)?.text();
    parser.cursor.is_at_end().then_some(Canonical {
        text,
        certain: parser.certain,
    })
}

/// More operators in a row are not read: what they make is as deep.
const LONGEST: usize = 1000;

/// A reader of expressions, and of queries with [`super::query`].
pub(super) struct Parser<'a> {
    pub(super) cursor: Cursor<'a>,
    pub(super) certain: bool,
    depth: usize,
    /// The queries that the present place is in, the outermost first. None: there is one table,
    /// and qualifiers say nothing.
    pub(super) scopes: Vec<Scope>,
    /// What tables and views are made of, in a query.
    pub(super) columns: Option<&'a Columns<'a>>,
    /// Tables of WITH.
    pub(super) common: Vec<Source>,
    /// A name is first that of something selected: so it is in ORDER BY.
    pub(super) aliases_first: bool,
    /// How many views were gone through to come here.
    pub(super) views: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            cursor: Cursor::new(text),
            certain: true,
            depth: 0,
            scopes: Vec::new(),
            columns: None,
            common: Vec::new(),
            aliases_first: false,
            views: 0,
        }
    }

    /// Goes one level deeper; none where that is too deep.
    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let found = read(self)?;
        self.depth -= 1;
        Some(found)
    }

    /// An expression whose operators bind at least this strongly.
    pub(super) fn operand(&mut self, strength: u8) -> Option<Node> {
        self.deeper(|parser| parser.operators(strength))
    }

    fn operators(&mut self, strength: u8) -> Option<Node> {
        let mut left = self.prefix()?;
        let mut count = 0;
        while let Some((operator, binds)) = self.operator(strength) {
            count += 1;
            if count > LONGEST {
                return None;
            }
            left = match operator {
                Operator::Two(operator) => {
                    let right = self.operand(binds + 1)?;
                    two(operator, left, right)
                }
                Operator::Test { word, not } => Node::Postfix(
                    Box::new(left),
                    Test {
                        word,
                        not,
                        rest: String::new(),
                    },
                )
                .and_rest(self.test(word)?),
                Operator::Is => {
                    let not = self.cursor.eat_word("not");
                    let rest = self.cursor.take()?.1.to_lowercase();
                    Node::Postfix(
                        Box::new(left),
                        Test {
                            word: "is",
                            not,
                            rest,
                        },
                    )
                }
                Operator::Collate => {
                    let (kind, name) = self.cursor.take()?;
                    let name = name_value(kind, name)?.to_lowercase();
                    Node::Call(format!("({} collate {name})", left.text()))
                }
            };
        }
        Some(left)
    }

    /// What a test is made against.
    fn test(&mut self, word: &str) -> Option<String> {
        Some(match word {
            "in" => {
                if self.at_query_in_parentheses() {
                    self.subquery()?
                } else {
                    format!("({})", self.list()?)
                }
            }
            "between" => {
                let low = self.operand(BIT_OR)?;
                self.cursor.eat_word("and").then_some(())?;
                let high = self.operand(BIT_OR)?;
                format!("{} and {}", low.text(), high.text())
            }
            _ => {
                let pattern = self.operand(COMPARE + 1)?.text();
                if self.cursor.eat_word("escape") {
                    format!("{pattern} escape {}", self.operand(COMPARE + 1)?.text())
                } else {
                    pattern
                }
            }
        })
    }

    fn prefix(&mut self) -> Option<Node> {
        if self.at_query_in_parentheses() {
            return self.subquery().map(Node::Call);
        }
        let (kind, text) = self.cursor.take()?;
        match kind {
            TokenKind::Number => Some(Node::Literal(number(text))),
            TokenKind::String => self.string(text),
            TokenKind::Quoted => self.name(&name_value(kind, text)?),
            TokenKind::Symbol => match text {
                "(" => {
                    let inner = self.operand(0)?;
                    if self.cursor.eat_symbol(",") {
                        let rest = self.items()?;
                        self.cursor.eat_symbol(")").then_some(())?;
                        return Some(Node::Call(format!("row({},{rest})", inner.text())));
                    }
                    self.cursor.eat_symbol(")").then_some(inner)
                }
                "-" => {
                    // `-(1)` and `-1` are the same number.
                    let inner = self.operand(POWER)?;
                    Some(Node::Prefix("-", Box::new(inner)))
                }
                "+" => self.operand(POWER),
                "!" => self.operand(POWER).map(Node::negated),
                "~" => {
                    self.certain = false;
                    Some(Node::Prefix("~", Box::new(self.operand(POWER)?)))
                }
                _ => None,
            },
            TokenKind::Word => self.word(text),
            TokenKind::Blank | TokenKind::Comment => None,
        }
    }

    /// A text; several side by side are one.
    fn string(&mut self, first: &str) -> Option<Node> {
        let mut value = string_value(first)?;
        while let Some((TokenKind::String, literal)) = self.cursor.peek() {
            value.push_str(&string_value(literal)?);
            self.cursor.take();
        }
        Some(Node::Literal(quoted(&value)))
    }

    fn word(&mut self, text: &str) -> Option<Node> {
        let word = text.to_lowercase();
        // An introducer says in which character set a literal is; the literal is the same.
        if (word.starts_with('_') || word == "n")
            && let Some((TokenKind::String, literal)) = self.cursor.peek()
        {
            self.cursor.take();
            return self.string(literal);
        }
        let calls = self.cursor.at_symbol("(");
        let call = |text: String| Some(Node::Call(text));
        match word.as_str() {
            "true" => Some(Node::Literal("1".to_owned())),
            "false" => Some(Node::Literal("0".to_owned())),
            "null" => Some(Node::Literal(word)),
            "not" => self.operand(NOT).map(Node::negated),
            "case" => self.case().and_then(call),
            "interval" if !calls || !self.is_comparison_of_interval() => {
                let amount = self.operand(BIT_OR)?.text();
                let unit = self.cursor.take()?.1.to_lowercase();
                call(format!("interval {amount} {unit}"))
            }
            "exists" if calls => self.exists().and_then(call),
            "any" | "some" | "all" if self.at_query_in_parentheses() => {
                let word = if word == "all" { "all" } else { "any" };
                let query = self.subquery()?;
                call(format!("{word} {query}"))
            }
            "binary" if !calls || self.cursor.at_symbol("(") => {
                let inner = self.operand(POWER)?.text();
                call(format!("cast({inner} as char charset binary)"))
            }
            "date" | "time" | "timestamp"
                if matches!(self.cursor.peek(), Some((TokenKind::String, _))) =>
            {
                let literal = self.cursor.take()?.1;
                call(format!("{word} {}", quoted(&string_value(literal)?)))
            }
            "cast" | "convert" if calls => self.cast(&word).and_then(call),
            "current_timestamp" | "now" | "localtime" | "localtimestamp" => {
                let precision = self
                    .cursor
                    .eat_group()
                    .filter(|p| !p.is_empty() && *p != "0");
                call(format!(
                    "current_timestamp({})",
                    precision.unwrap_or_default()
                ))
            }
            "curdate" | "current_date" => {
                self.cursor.eat_group();
                call("curdate()".to_owned())
            }
            "curtime" | "current_time" => {
                self.cursor.eat_group();
                call("curtime()".to_owned())
            }
            "current_user" | "utc_date" | "utc_time" | "utc_timestamp" => {
                self.cursor.eat_group();
                call(format!("{word}()"))
            }
            _ => self.name(&word),
        }
    }

    /// `INTERVAL(a, b)` is a function, `INTERVAL (a) DAY` is not.
    fn is_comparison_of_interval(&mut self) -> bool {
        let mark = self.cursor.mark();
        let inner = self.cursor.eat_group();
        let followed = self.cursor.peek_word().is_some();
        self.cursor.back_to(mark);
        inner.is_some() && !followed
    }

    /// A column, or a call.
    fn name(&mut self, first: &str) -> Option<Node> {
        let mut parts = vec![first.to_lowercase()];
        while self.cursor.eat_symbol(".") {
            let (kind, text) = self.cursor.take()?;
            parts.push(name_value(kind, text)?.to_lowercase());
        }
        let last = parts.last()?.clone();
        if self.cursor.at_symbol("(") {
            return self.call(&last);
        }
        Some(Node::Column(self.column(&parts, last)))
    }

    fn column(&mut self, parts: &[String], last: String) -> String {
        if self.scopes.is_empty() {
            return last;
        }
        if let [.., source, column] = parts {
            return format!("{source}.{column}");
        }
        let aliased = |scopes: &[Scope]| scopes.last()?.aliases.get(&last).cloned();
        if self.aliases_first
            && let Some(text) = aliased(&self.scopes)
        {
            return text;
        }
        for scope in self.scopes.iter().rev() {
            match scope.find(&last) {
                Found::Column(name) => return name,
                Found::Nowhere => {}
                Found::Unclear => break,
            }
        }
        if let Some(text) = aliased(&self.scopes) {
            return text;
        }
        self.certain = false;
        last
    }

    /// Expressions in parentheses, or none.
    pub(super) fn list(&mut self) -> Option<String> {
        self.cursor.eat_symbol("(").then_some(())?;
        if self.cursor.eat_symbol(")") {
            return Some(String::new());
        }
        let items = self.items()?;
        self.cursor.eat_symbol(")").then_some(items)
    }

    /// Expressions with commas between.
    pub(super) fn items(&mut self) -> Option<String> {
        let mut items = vec![self.operand(0)?.text()];
        while self.cursor.eat_symbol(",") {
            items.push(self.operand(0)?.text());
        }
        Some(items.join(","))
    }

    fn case(&mut self) -> Option<String> {
        use std::fmt::Write as _;
        let mut text = String::from("case");
        if !self.cursor.at_word("when") {
            let _ = write!(text, " {}", self.operand(0)?.text());
        }
        while self.cursor.eat_word("when") {
            let condition = self.operand(0)?.text();
            self.cursor.eat_word("then").then_some(())?;
            let _ = write!(text, " when {condition} then {}", self.operand(0)?.text());
        }
        if self.cursor.eat_word("else") {
            let _ = write!(text, " else {}", self.operand(0)?.text());
        }
        self.cursor.eat_word("end").then(|| text + " end")
    }
}

/// Two operands in the order that servers keep.
fn two(operator: &'static str, left: Node, right: Node) -> Node {
    match operator {
        "and" | "or" => Node::chain(operator, left, right),
        // A moment is the first one, whichever side it was written on.
        "+" if matches!(&left, Node::Call(text) if text.starts_with("interval ")) => {
            Node::binary(operator, right, left)
        }
        // Short for the functions, which is what servers keep.
        "->" => extracted(&left, &right),
        "->>" => Node::Call(format!("json_unquote({})", extracted(&left, &right).text())),
        _ => Node::binary(operator, left, right),
    }
}

fn extracted(from: &Node, path: &Node) -> Node {
    Node::Call(format!("json_extract({},{})", from.text(), path.text()))
}

/// A text between quotes, so that it equals no name.
pub(super) fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// A number as written; bytes in hexadecimal all in one way.
fn number(text: &str) -> String {
    let lower = text.to_lowercase();
    match lower.strip_prefix("x'") {
        Some(digits) => format!("0x{}", digits.trim_end_matches('\'')),
        None => lower,
    }
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn hostile_nesting_is_refused() {
        let text = "(".repeat(100_000);
        assert_eq!(canonical(&text), None);
    }

    #[test]
    fn precedence_decides_the_grouping() {
        let form = |text: &str| canonical(text).map(|c| c.text);
        assert_eq!(form("a + b * c"), form("a + (b * c)"));
        assert_ne!(form("a + b * c"), form("(a + b) * c"));
        assert_eq!(form("a - b - c"), form("(a - b) - c"));
        assert_ne!(form("a - b - c"), form("a - (b - c)"));
        assert_eq!(form("a or b and c"), form("a or (b and c)"));
    }

    #[test]
    fn not_is_pushed_inwards_as_servers_do() {
        let form = |text: &str| canonical(text).map(|c| c.text);
        for (written, kept) in [
            ("not a = 3", "a <> 3"),
            ("not (a < 3 and b)", "a >= 3 or b = 0"),
            ("not a", "a = 0"),
            ("!a", "a = 0"),
            ("a || 1", "a <> 0 or 1"),
            ("not a in (1, 2)", "a not in (1,2)"),
            ("not (a is null)", "a is not null"),
        ] {
            assert_eq!(form(written), form(kept), "{written}");
        }
        assert_ne!(form("not a = 3"), form("a = 3"));
    }
}
