//! One spelling for expressions that mean the same.

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
    let mut parser = Parser {
        cursor: Cursor::new(text),
        certain: true,
        depth: 0,
    };
    let text = parser.operand(0)?;
    parser.cursor.is_at_end().then_some(Canonical {
        text,
        certain: parser.certain,
    })
}

struct Parser<'a> {
    cursor: Cursor<'a>,
    certain: bool,
    depth: usize,
}

/// Binding strengths, weakest first, as MySQL's grammar has them.
const OR: u8 = 1;
const XOR: u8 = 2;
const AND: u8 = 3;
const NOT: u8 = 4;
const COMPARE: u8 = 5;
const BIT_OR: u8 = 6;
const BIT_AND: u8 = 7;
const SHIFT: u8 = 8;
const SUM: u8 = 9;
const PRODUCT: u8 = 10;
const POWER: u8 = 11;

impl Parser<'_> {
    /// An expression whose operators bind at least this strongly.
    fn operand(&mut self, strength: u8) -> Option<String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut left = self.prefix()?;
        while let Some((operator, binds)) = self.operator(strength) {
            left = match operator.as_str() {
                "is" => {
                    let not = if self.cursor.eat_word("not") {
                        "not "
                    } else {
                        ""
                    };
                    let what = self.cursor.take()?.1.to_lowercase();
                    format!("({left} is {not}{what})")
                }
                "in" | "not in" => {
                    let list = self.list()?;
                    format!("({left} {operator} ({list}))")
                }
                "between" | "not between" => {
                    let low = self.operand(BIT_OR)?;
                    self.cursor.eat_word("and").then_some(())?;
                    let high = self.operand(BIT_OR)?;
                    format!("({left} {operator} {low} and {high})")
                }
                _ => {
                    let right = self.operand(binds + 1)?;
                    // Chains of one operator that may be grouped either way.
                    if matches!(operator.as_str(), "and" | "or") {
                        let inner = |text: &str| -> Option<String> {
                            text.strip_prefix(&format!("[{operator} "))
                                .and_then(|t| t.strip_suffix(']'))
                                .map(str::to_owned)
                        };
                        let left = inner(&left).unwrap_or(left);
                        let right = inner(&right).unwrap_or(right);
                        format!("[{operator} {left}, {right}]")
                    } else {
                        format!("({left} {operator} {right})")
                    }
                }
            };
        }
        self.depth -= 1;
        Some(left)
    }

    /// The next operator with its strength, if it binds at least this strongly.
    fn operator(&mut self, strength: u8) -> Option<(String, u8)> {
        let mark = self.cursor.mark();
        let (kind, text) = self.cursor.take()?;
        let found = match kind {
            TokenKind::Word => {
                let word = text.to_ascii_lowercase();
                match word.as_str() {
                    "or" => Some((word, OR)),
                    "xor" => Some((word, XOR)),
                    "and" => Some((word, AND)),
                    "is" | "in" | "between" | "like" | "regexp" => Some((word, COMPARE)),
                    "rlike" => Some(("regexp".to_owned(), COMPARE)),
                    "div" => Some((word, PRODUCT)),
                    "mod" => Some(("%".to_owned(), PRODUCT)),
                    "not" => {
                        let next = self.cursor.take()?.1.to_ascii_lowercase();
                        matches!(next.as_str(), "in" | "between" | "like" | "regexp")
                            .then(|| (format!("not {next}"), COMPARE))
                    }
                    _ => None,
                }
            }
            TokenKind::Symbol => self.symbols(text),
            _ => None,
        };
        match found {
            Some((operator, binds)) if binds >= strength => Some((operator, binds)),
            _ => {
                self.cursor.back_to(mark);
                None
            }
        }
    }

    fn symbols(&mut self, first: &str) -> Option<(String, u8)> {
        let two = |this: &mut Self, second: &str| this.cursor.eat_symbol(second);
        Some(match first {
            "=" => ("=".to_owned(), COMPARE),
            "<" if two(self, "=") => {
                if two(self, ">") {
                    ("<=>".to_owned(), COMPARE)
                } else {
                    ("<=".to_owned(), COMPARE)
                }
            }
            "<" if two(self, ">") => ("<>".to_owned(), COMPARE),
            "<" if two(self, "<") => ("<<".to_owned(), SHIFT),
            "<" => ("<".to_owned(), COMPARE),
            ">" if two(self, "=") => (">=".to_owned(), COMPARE),
            ">" if two(self, ">") => (">>".to_owned(), SHIFT),
            ">" => (">".to_owned(), COMPARE),
            "!" if two(self, "=") => ("<>".to_owned(), COMPARE),
            "&" if two(self, "&") => ("and".to_owned(), AND),
            "&" => ("&".to_owned(), BIT_AND),
            "|" if two(self, "|") => {
                // OR or concatenation: a mode of the server decides.
                self.certain = false;
                ("||".to_owned(), OR)
            }
            "|" => ("|".to_owned(), BIT_OR),
            "+" | "-" => (first.to_owned(), SUM),
            "*" | "/" | "%" => (first.to_owned(), PRODUCT),
            "^" => (first.to_owned(), POWER),
            _ => return None,
        })
    }

    fn prefix(&mut self) -> Option<String> {
        let (kind, text) = self.cursor.take()?;
        match kind {
            TokenKind::Number => Some(text.to_lowercase()),
            TokenKind::String => Some(quoted(&string_value(text)?)),
            TokenKind::Quoted => self.name(&name_value(kind, text)?),
            TokenKind::Symbol => match text {
                "(" => {
                    let inner = self.operand(0)?;
                    self.cursor.eat_symbol(")").then_some(inner)
                }
                "-" => {
                    let inner = self.operand(POWER)?;
                    // `-(1)` and `-1` are the same number.
                    Some(format!("-{inner}"))
                }
                "+" => self.operand(POWER),
                "!" | "~" => {
                    self.certain = false;
                    let inner = self.operand(POWER)?;
                    Some(format!("({text}{inner})"))
                }
                _ => None,
            },
            TokenKind::Word => self.word(text),
            TokenKind::Blank | TokenKind::Comment => None,
        }
    }

    fn word(&mut self, text: &str) -> Option<String> {
        let word = text.to_lowercase();
        // An introducer says in which character set a literal is; the literal is the same.
        if word.starts_with('_')
            && let Some((TokenKind::String, literal)) = self.cursor.peek()
        {
            self.cursor.take();
            return Some(quoted(&string_value(literal)?));
        }
        match word.as_str() {
            "true" => Some("1".to_owned()),
            "false" => Some("0".to_owned()),
            "null" => Some(word),
            "not" => {
                // MariaDB keeps `!a`, MySQL `(0 = a)`.
                self.certain = false;
                let inner = self.operand(NOT)?;
                Some(format!("(not {inner})"))
            }
            "case" => self.case(),
            "interval" => {
                let amount = self.operand(BIT_OR)?;
                let unit = self.cursor.take()?.1.to_lowercase();
                Some(format!("interval {amount} {unit}"))
            }
            "cast" | "convert" => {
                let inside = self.cursor.eat_group()?;
                let mut inner = Cursor::new(inside);
                let mut words = Vec::new();
                while let Some((kind, text)) = inner.take() {
                    words.push(match kind {
                        TokenKind::Quoted => name_value(kind, text)?.to_lowercase(),
                        TokenKind::String => text.to_owned(),
                        _ => text.to_lowercase(),
                    });
                }
                words.retain(|w| w != "(" && w != ")");
                // A server adds the character set of the session.
                self.certain = false;
                Some(format!("{word}({})", words.join(" ")))
            }
            "current_timestamp" | "now" | "localtime" | "localtimestamp" => {
                let precision = self
                    .cursor
                    .eat_group()
                    .filter(|p| !p.is_empty() && *p != "0");
                Some(format!(
                    "current_timestamp({})",
                    precision.unwrap_or_default()
                ))
            }
            "curdate" | "current_date" => {
                self.cursor.eat_group();
                Some("curdate()".to_owned())
            }
            _ => self.name(&word),
        }
    }

    /// A column, or a call. The qualifiers of a column say nothing: there is one table.
    fn name(&mut self, first: &str) -> Option<String> {
        let mut name = first.to_lowercase();
        while self.cursor.eat_symbol(".") {
            let (kind, text) = self.cursor.take()?;
            name = name_value(kind, text)?.to_lowercase();
        }
        if self.cursor.peek() != Some((TokenKind::Symbol, "(")) {
            return Some(name);
        }
        let list = self.list()?;
        let name = match name.as_str() {
            "ucase" => "upper",
            "lcase" => "lower",
            "substr" | "mid" => "substring",
            "pow" => "power",
            "char_length" => "character_length",
            other => other,
        };
        Some(format!("{name}({list})"))
    }

    /// Expressions in parentheses, or none.
    fn list(&mut self) -> Option<String> {
        self.cursor.eat_symbol("(").then_some(())?;
        if self.cursor.eat_symbol(")") {
            return Some(String::new());
        }
        let mut items = vec![self.operand(0)?];
        while self.cursor.eat_symbol(",") {
            items.push(self.operand(0)?);
        }
        self.cursor.eat_symbol(")").then(|| items.join(","))
    }

    fn case(&mut self) -> Option<String> {
        use std::fmt::Write as _;
        let mut text = String::from("case");
        if !self
            .cursor
            .peek_word()
            .is_some_and(|w| w.eq_ignore_ascii_case("when"))
        {
            let _ = write!(text, " {}", self.operand(0)?);
        }
        while self.cursor.eat_word("when") {
            let condition = self.operand(0)?;
            self.cursor.eat_word("then").then_some(())?;
            let _ = write!(text, " when {condition} then {}", self.operand(0)?);
        }
        if self.cursor.eat_word("else") {
            let _ = write!(text, " else {}", self.operand(0)?);
        }
        self.cursor.eat_word("end").then(|| text + " end")
    }
}

/// A text between quotes, so that it equals no name.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
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
}
