//! From tokens to a normalised tree.

use super::powers::{self, AND, HIGHEST, IN, IS, NOT, SIGN};
use super::{Node, number};
use crate::lexer::{Token, TokenKind, tokens};

/// Parentheses deeper than any person writes them.
const DEEPEST: usize = 100;

/// Words that name the moment at which a transaction began.
const NOW: [&str; 3] = ["current_timestamp", "now", "transaction_timestamp"];

/// The tree of a whole text.
pub(super) fn parse(text: &str) -> Option<Node> {
    let mut parser = Parser {
        tokens: tokens(text),
        at: 0,
        depth: 0,
        height: 0,
    };
    let node = parser.expression(0)?;
    (parser.at == parser.tokens.len()).then_some(node)
}

struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
    depth: usize,
    /// How high what was read of this expression is at most.
    height: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.at)
    }

    fn word(&self, offset: usize, word: &str) -> bool {
        self.tokens
            .get(self.at + offset)
            .is_some_and(|t| t.is_word(word))
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.word(0, word);
        self.at += usize::from(found);
        found
    }

    fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = self.peek().is_some_and(|t| t.is_symbol(symbol));
        self.at += usize::from(found);
        found
    }

    fn expression(&mut self, least: u8) -> Option<Node> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        // What stands beside it makes it no higher.
        let beside = std::mem::take(&mut self.height);
        let start = self.at;
        let mut left = self.prefix()?;
        while let Some((key, negated, power)) = self.infix(least) {
            // BETWEEN says its left side twice: one over another would double with each.
            let between = |token: &Token| token.is_word("between");
            if key == "between" && self.tokens.get(start..self.at)?.iter().any(between) {
                return None;
            }
            self.at += 1 + usize::from(negated);
            left = self.operation(left, &key, negated, power)?;
            self.height += usize::from(power > AND);
            if self.height > HIGHEST {
                return None;
            }
        }
        self.height = beside.max(self.height + 1);
        self.depth -= 1;
        Some(left)
    }

    fn prefix(&mut self) -> Option<Node> {
        let token = self.peek()?.clone();
        self.at += 1;
        match token.kind {
            TokenKind::String => Some(Node::Text(token.text.into_owned())),
            TokenKind::Number => {
                let text = number(&token.text);
                Some(Node::Number(
                    text.unwrap_or_else(|| token.text.into_owned()),
                ))
            }
            TokenKind::Quoted => self.name(token.text.into_owned(), true),
            TokenKind::Symbol => match &*token.text {
                "(" => {
                    let node = self.expression(0)?;
                    self.take_symbol(")").then_some(node)
                }
                "-" => Some(match self.expression(SIGN)? {
                    Node::Number(n) => Node::Number(number(&format!("-{n}")).unwrap_or(n)),
                    other => Node::Operator("-".to_owned(), vec![other]),
                }),
                "+" => self.expression(SIGN),
                _ => None,
            },
            TokenKind::Word => self.keyword(&token.text),
        }
    }

    fn keyword(&mut self, word: &str) -> Option<Node> {
        let word = word.to_lowercase();
        match word.as_str() {
            "not" => Some(Node::Operator(
                "not".to_owned(),
                vec![self.expression(NOT)?],
            )),
            "case" => self.case(),
            "cast" => {
                if !self.take_symbol("(") {
                    return None;
                }
                let inner = self.expression(0)?;
                if !self.take_word("as") {
                    return None;
                }
                let node = self.cast(inner)?;
                self.take_symbol(")").then_some(node)
            }
            "array" if self.take_symbol("[") => {
                Some(Node::Call("array".to_owned(), self.list("]")?))
            }
            "extract" | "position" | "substring" | "overlay" | "trim" | "exists" | "select"
            | "row" => None,
            _ if self.peek().is_some_and(|t| t.kind == TokenKind::String) => {
                // `DATE '2020-01-01'`: the type is known from what it is compared with.
                let value = self.peek()?.text.clone();
                self.at += 1;
                Some(Node::Text(value.into_owned()))
            }
            _ => self.name(word, false),
        }
    }

    /// A column or a call, its qualifiers left out.
    fn name(&mut self, first: String, quoted: bool) -> Option<Node> {
        let mut name = first;
        while self.peek().is_some_and(|t| t.is_symbol(".")) {
            self.at += 1;
            let next = self.peek()?;
            name = match next.kind {
                TokenKind::Word => next.text.to_lowercase(),
                TokenKind::Quoted => next.text.to_string(),
                _ => return None,
            };
            self.at += 1;
        }
        if !self.take_symbol("(") {
            if !quoted && NOW.contains(&name.as_str()) {
                "now".clone_into(&mut name);
            }
            return Some(Node::Name(name));
        }
        let arguments = self.list(")")?;
        if NOW.contains(&name.as_str()) && arguments.is_empty() {
            return Some(Node::Name("now".to_owned()));
        }
        Some(Node::Call(name, arguments))
    }

    fn list(&mut self, close: &str) -> Option<Vec<Node>> {
        let mut items = Vec::new();
        if self.take_symbol(close) {
            return Some(items);
        }
        loop {
            items.push(self.expression(0)?);
            if self.take_symbol(close) {
                return Some(items);
            }
            if !self.take_symbol(",") {
                return None;
            }
        }
    }

    fn case(&mut self) -> Option<Node> {
        let mut parts = Vec::new();
        if !self.word(0, "when") {
            parts.push(self.expression(0)?);
        }
        let simple = !parts.is_empty();
        while self.take_word("when") {
            parts.push(self.expression(0)?);
            if !self.take_word("then") {
                return None;
            }
            parts.push(self.expression(0)?);
        }
        // The server adds the ELSE NULL that everybody leaves out.
        parts.push(if self.take_word("else") {
            self.expression(0)?
        } else {
            Node::Name("null".to_owned())
        });
        let name = if simple { "case of" } else { "case" };
        self.take_word("end")
            .then(|| Node::Call(name.to_owned(), parts))
    }

    /// The operator that follows a complete operand, if it binds at least that strongly: its
    /// word, whether NOT stands before it, and its power.
    fn infix(&self, least: u8) -> Option<(String, bool, u8)> {
        let token = self.peek()?.clone();
        let word = match token.kind {
            TokenKind::Word => token.text.to_lowercase(),
            TokenKind::Symbol => token.text.to_string(),
            _ => return None,
        };
        let negated = word == "not";
        let key = if negated {
            let next = self.tokens.get(self.at + 1)?;
            if !["in", "like", "ilike", "between"]
                .iter()
                .any(|w| next.is_word(w))
            {
                return None;
            }
            next.text.to_lowercase()
        } else {
            word
        };
        let power = powers::power(&key, token.kind == TokenKind::Symbol)?;
        if power < least.max(1) || (power == least && least > 0) {
            return None;
        }
        Some((key, negated, power))
    }

    fn operation(&mut self, left: Node, key: &str, negated: bool, power: u8) -> Option<Node> {
        match key {
            "or" | "and" => {
                let right = self.expression(power)?;
                // Both are associative, whatever the parentheses say.
                let sides = |side: Node| match side {
                    Node::Operator(op, operands) if op == key => operands,
                    other => vec![other],
                };
                let mut all = sides(left);
                all.append(&mut sides(right));
                Some(Node::Operator(key.to_owned(), all))
            }
            "isnull" => Some(operator("is null", vec![left])),
            "notnull" => Some(operator("is not null", vec![left])),
            "is" => {
                let not = if self.take_word("not") {
                    "is not"
                } else {
                    "is"
                };
                if self.take_word("distinct") {
                    if !self.take_word("from") {
                        return None;
                    }
                    let right = self.expression(IS)?;
                    return Some(operator(&format!("{not} distinct"), vec![left, right]));
                }
                let what = ["null", "true", "false", "unknown"]
                    .into_iter()
                    .find(|what| self.take_word(what))?;
                Some(operator(&format!("{not} {what}"), vec![left]))
            }
            "in" => {
                if !self.take_symbol("(") {
                    return None;
                }
                let mut items = self.list(")")?;
                let (op, call) = if negated { ("<>", "all") } else { ("=", "any") };
                if items.len() == 1 {
                    return Some(operator(op, vec![left, items.remove(0)]));
                }
                let array = Node::Call("array".to_owned(), items);
                Some(operator(
                    op,
                    vec![left, Node::Call(call.to_owned(), vec![array])],
                ))
            }
            "like" | "ilike" => {
                let op = match (key, negated) {
                    ("like", false) => "~~",
                    ("like", true) => "!~~",
                    (_, false) => "~~*",
                    (_, true) => "!~~*",
                };
                let right = self.expression(IN)?;
                Some(operator(op, vec![left, right]))
            }
            "between" => {
                let low = self.expression(IN)?;
                if !self.take_word("and") {
                    return None;
                }
                let high = self.expression(IN)?;
                let (join, first, second) = if negated {
                    ("or", "<", ">")
                } else {
                    ("and", ">=", "<=")
                };
                Some(operator(
                    join,
                    vec![
                        operator(first, vec![left.clone(), low]),
                        operator(second, vec![left, high]),
                    ],
                ))
            }
            "collate" => {
                self.at += 1;
                let name = self.tokens.get(self.at - 1)?.text.clone();
                Some(Node::Cast(Box::new(left), format!("collate {name}")))
            }
            "[" => {
                let index = self.expression(0)?;
                self.take_symbol("]")
                    .then(|| operator("[]", vec![left, index]))
            }
            "::" => self.cast(left),
            "!=" => {
                let right = self.expression(power)?;
                Some(operator("<>", vec![left, right]))
            }
            _ => {
                let right = self.expression(power)?;
                Some(operator(key, vec![left, right]))
            }
        }
    }

    /// A cast: gone where the server adds it by itself, kept where it carries a meaning.
    fn cast(&mut self, inner: Node) -> Option<Node> {
        let (data_type, taken) = crate::types::read(self.tokens.get(self.at..)?)?;
        self.at += taken;
        let name = crate::types::render(&crate::types::normal(&data_type)).to_lowercase();
        let is_text = name == "text" || name.starts_with("varchar") || name.starts_with("char");
        let is_list = matches!(&inner, Node::Call(call, _) if call == "array");
        let is_null = matches!(&inner, Node::Name(word) if word == "null");
        if inner.literal().is_some() || is_text || is_list || is_null {
            return Some(inner);
        }
        Some(Node::Cast(Box::new(inner), name))
    }
}

fn operator(name: &str, operands: Vec<Node>) -> Node {
    Node::Operator(name.to_owned(), operands)
}
