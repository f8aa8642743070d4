//! Expressions as trees, and their one spelling.

/// An expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// A literal, in its one spelling.
    Literal(String),
    /// A column.
    Column(String),
    /// Anything with a name and arguments, in its one spelling.
    Call(String),
    /// Two operands.
    Binary(&'static str, Box<Node>, Box<Node>),
    /// An operand and the rest of an operator: `is null`, `in (1,2)`, `between 1 and 2`.
    Postfix(Box<Node>, Test),
    /// `and` or `or` over any number.
    Chain(&'static str, Vec<Node>),
    /// A sign or a complement before an operand.
    Prefix(&'static str, Box<Node>),
}

/// What stands behind the operand of a test, and whether it is turned around.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Test {
    /// `is`, `in`, `between`, `like`, `regexp`.
    pub(super) word: &'static str,
    /// `not`.
    pub(super) not: bool,
    /// What it is tested against.
    pub(super) rest: String,
}

impl Node {
    /// Two operands.
    pub(super) fn binary(operator: &'static str, left: Self, right: Self) -> Self {
        Self::Binary(operator, Box::new(left), Box::new(right))
    }

    /// `and` or `or`, those of the same word in it taken apart. A number stands for a truth.
    pub(super) fn chain(word: &'static str, left: Self, right: Self) -> Self {
        let mut items = Vec::new();
        for side in [left, right] {
            match side {
                Self::Chain(inner, list) if inner == word => items.extend(list),
                other => items.push(other.truth()),
            }
        }
        Self::Chain(word, items)
    }

    /// A column where a truth is asked for.
    fn truth(self) -> Self {
        match self {
            Self::Column(_) => Self::binary("<>", self, Self::Literal("0".to_owned())),
            other => other,
        }
    }

    /// The spelling where a truth is asked for.
    pub(super) fn truth_text(self) -> String {
        self.truth().text()
    }

    /// The opposite: servers push NOT into what it stands before.
    pub(super) fn negated(self) -> Self {
        match self {
            Self::Binary(operator, left, right) => match opposite(operator) {
                Some(turned) => Self::Binary(turned, left, right),
                None => Self::without_truth(Self::Binary(operator, left, right)),
            },
            Self::Postfix(operand, mut test) => {
                test.not = !test.not;
                Self::Postfix(operand, test)
            }
            Self::Chain(word, items) => Self::Chain(
                if word == "and" { "or" } else { "and" },
                items.into_iter().map(Self::negated).collect(),
            ),
            other => Self::without_truth(other),
        }
    }

    /// A test with what stands behind its word.
    pub(super) fn and_rest(self, rest: String) -> Self {
        match self {
            Self::Postfix(operand, test) => Self::Postfix(operand, Test { rest, ..test }),
            other => other,
        }
    }

    fn without_truth(self) -> Self {
        Self::binary("=", self, Self::Literal("0".to_owned()))
    }

    /// The spelling, fully in parentheses: for comparison only.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Literal(text) | Self::Column(text) | Self::Call(text) => text.clone(),
            Self::Binary(operator, left, right) => {
                format!("({} {operator} {})", left.text(), right.text())
            }
            Self::Postfix(operand, test) => {
                let not = if test.not { "not " } else { "" };
                // `is not null`, but `not in (…)`.
                let words = if test.word == "is" {
                    format!("is {not}{}", test.rest)
                } else {
                    format!("{not}{} {}", test.word, test.rest)
                };
                format!("({} {words})", operand.text())
            }
            Self::Chain(word, items) => {
                let items: Vec<String> = items.iter().map(Self::text).collect();
                format!("[{word} {}]", items.join(", "))
            }
            Self::Prefix(sign, operand) => format!("{sign}{}", operand.text()),
        }
    }
}

fn opposite(operator: &str) -> Option<&'static str> {
    Some(match operator {
        "=" => "<>",
        "<>" => "=",
        "<" => ">=",
        ">=" => "<",
        ">" => "<=",
        "<=" => ">",
        _ => return None,
    })
}
