//! A column definition as text: its type and its clauses.

use realign_model::{Column, DataType, Expr, Generated, GeneratedKind, Ident, Identity, IntWidth};
use realign_planner::Facts;

use crate::lexer::{Cursor, TokenKind, name_value, string_value};
use crate::types;

/// What a column definition says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Definition {
    /// The column, without its verbatim text. NULL is allowed unless the text says otherwise.
    pub(crate) column: Column,
    /// `UNIQUE` was said.
    pub(crate) unique: bool,
    /// `PRIMARY KEY` was said.
    pub(crate) primary: bool,
    /// Bodies of CHECKs.
    pub(crate) checks: Vec<Expr>,
    /// A foreign key was said: `REFERENCES …`, as written.
    pub(crate) references: Option<String>,
    /// The rest from the first word on that could not be read.
    pub(crate) unread: Option<String>,
}

/// Reads everything after a column's name: `INT UNSIGNED NOT NULL DEFAULT 1`. Never fails: what
/// can't be read is in `unread`, and the column has what stood before it.
pub(crate) fn parse(name: &Ident, definition: &str, facts: &Facts) -> Definition {
    let mut cursor = Cursor::new(definition);
    let serial = cursor.eat_word("serial");
    let data_type = if serial {
        Some(DataType::unsigned(IntWidth::W64))
    } else {
        types::read(&mut cursor, facts)
    };
    let unread = data_type.is_none().then(|| definition.trim().to_owned());
    let mut column = Column::new(
        name.clone(),
        data_type.unwrap_or_else(|| types::parse(definition, facts)),
    );
    column.nullable = !serial;
    column.identity = serial.then_some(Identity::AutoIncrement);
    let mut parsed = Definition {
        column,
        unique: serial,
        primary: false,
        checks: Vec::new(),
        references: None,
        unread,
    };
    while parsed.unread.is_none() && !cursor.is_at_end() {
        let mark = cursor.mark();
        if !read_clause(&mut cursor, &mut parsed) {
            cursor.back_to(mark);
            parsed.unread = Some(cursor.rest().to_owned());
        }
    }
    if parsed.primary {
        parsed.column.nullable = false;
    }
    parsed
}

/// Takes one clause; false when there is none that is known.
fn read_clause(cursor: &mut Cursor<'_>, parsed: &mut Definition) -> bool {
    let Some(word) = cursor.peek_word().map(str::to_ascii_uppercase) else {
        return false;
    };
    cursor.take();
    let column = &mut parsed.column;
    match word.as_str() {
        "NOT" => {
            column.nullable = false;
            cursor.eat_word("NULL")
        }
        "NULL" => {
            column.nullable = true;
            true
        }
        "DEFAULT" => read_default(cursor, column),
        "ON" => {
            if !cursor.eat_word("UPDATE") {
                return false;
            }
            column.on_update = read_value(cursor);
            column.on_update.is_some()
        }
        "AUTO_INCREMENT" => {
            column.identity = Some(Identity::AutoIncrement);
            true
        }
        "CHARSET" => read_charset(cursor, column),
        "CHARACTER" | "CHAR" => cursor.eat_word("SET") && read_charset(cursor, column),
        "COLLATE" => {
            column.collation = read_name(cursor);
            column.collation.is_some()
        }
        "ASCII" => {
            column.charset = Some("latin1".to_owned());
            true
        }
        "UNICODE" => {
            column.charset = Some("ucs2".to_owned());
            true
        }
        "COMMENT" => read_comment(cursor, column),
        "INVISIBLE" => {
            column.invisible = true;
            true
        }
        "VISIBLE" => true,
        "GENERATED" => cursor.eat_words(&["ALWAYS", "AS"]) && read_generated(cursor, column),
        "AS" => read_generated(cursor, column),
        "UNIQUE" => {
            cursor.eat_word("KEY");
            parsed.unique = true;
            true
        }
        "PRIMARY" => {
            cursor.eat_word("KEY");
            parsed.primary = true;
            true
        }
        "KEY" => {
            parsed.primary = true;
            true
        }
        "CONSTRAINT" => {
            let named_or_not = cursor.eat_word("CHECK")
                || (read_name(cursor).is_some() && cursor.eat_word("CHECK"));
            named_or_not && read_check(cursor, parsed)
        }
        "CHECK" => read_check(cursor, parsed),
        "REFERENCES" => {
            parsed.references = read_references(cursor);
            parsed.references.is_some()
        }
        // Details of storage and of geometry that make no difference to what the column holds.
        "COLUMN_FORMAT" | "STORAGE" | "SRID" => cursor.take().is_some(),
        "ENGINE_ATTRIBUTE" | "SECONDARY_ENGINE_ATTRIBUTE" => {
            cursor.eat_symbol("=");
            cursor
                .take()
                .is_some_and(|(kind, _)| kind == TokenKind::String)
        }
        _ => false,
    }
}

fn read_name(cursor: &mut Cursor<'_>) -> Option<String> {
    let (kind, text) = cursor.take()?;
    name_value(kind, text)
}

fn read_charset(cursor: &mut Cursor<'_>, column: &mut Column) -> bool {
    column.charset = read_name(cursor).map(|name| name.to_ascii_lowercase());
    column.charset.is_some()
}

fn read_comment(cursor: &mut Cursor<'_>, column: &mut Column) -> bool {
    let comment = match cursor.take() {
        Some((TokenKind::String, literal)) => string_value(literal),
        _ => None,
    };
    let read = comment.is_some();
    let (text, mark) = split_type_mark(&comment.unwrap_or_default());
    column.comment = (!text.is_empty()).then_some(text);
    column.type_mark = mark;
    read
}

/// A comment without Doctrine's type mark, and the mark. DBAL takes the first mark, wherever
/// in the comment it stands.
pub(crate) fn split_type_mark(comment: &str) -> (String, Option<String>) {
    const OPENING: &str = "(DC2Type:";
    let found = comment.match_indices(OPENING).find_map(|(start, _)| {
        let word = &comment[start + OPENING.len()..];
        let end = word.find(')').filter(|end| *end > 0)?;
        Some((start, &word[..end]))
    });
    match found {
        Some((start, word)) => {
            let after = start + OPENING.len() + word.len() + 1;
            let text = format!("{}{}", &comment[..start], &comment[after..]);
            (text, Some(word.to_owned()))
        }
        None => (comment.to_owned(), None),
    }
}

fn read_default(cursor: &mut Cursor<'_>, column: &mut Column) -> bool {
    if cursor.eat_word("NULL") {
        column.default = None;
        return true;
    }
    column.default = read_value(cursor);
    column.default.is_some()
}

/// A literal, a function call, an expression in parentheses, or several of these joined by
/// operators (MariaDB wants no parentheses around them).
fn read_value(cursor: &mut Cursor<'_>) -> Option<Expr> {
    let mark = cursor.mark();
    loop {
        read_operand(cursor)?;
        match cursor.peek() {
            Some((TokenKind::Symbol, operator)) if "+-*/%|&^<>=".contains(operator) => {
                while cursor.peek().is_some_and(|(kind, text)| {
                    kind == TokenKind::Symbol && "+-*/%|&^<>=".contains(text)
                }) {
                    cursor.take();
                }
            }
            _ => return Some(Expr::new(cursor.text_since(mark))),
        }
    }
}

fn read_operand(cursor: &mut Cursor<'_>) -> Option<()> {
    while cursor.eat_symbol("-") || cursor.eat_symbol("+") {}
    if cursor.peek().is_some_and(|(_, text)| text == "(") {
        return cursor.eat_group().map(drop);
    }
    match cursor.take()? {
        (TokenKind::Number, _) => Some(()),
        (TokenKind::String, literal) => {
            string_value(literal)?;
            // Strings side by side are one string.
            while cursor.peek().is_some_and(|(kind, text)| {
                kind == TokenKind::String && string_value(text).is_some()
            }) {
                cursor.take();
            }
            Some(())
        }
        (TokenKind::Word, word) => {
            let introduces = word.starts_with('_')
                || ["date", "time", "timestamp"]
                    .iter()
                    .any(|prefix| word.eq_ignore_ascii_case(prefix));
            if introduces
                && cursor
                    .peek()
                    .is_some_and(|(kind, _)| matches!(kind, TokenKind::String | TokenKind::Number))
            {
                return read_operand(cursor);
            }
            if cursor.peek().is_some_and(|(_, text)| text == "(") {
                cursor.eat_group()?;
            }
            Some(())
        }
        (TokenKind::Quoted, _) => Some(()),
        (TokenKind::Blank | TokenKind::Comment | TokenKind::Symbol, _) => None,
    }
}

fn read_generated(cursor: &mut Cursor<'_>, column: &mut Column) -> bool {
    let Some(expr) = cursor.eat_group() else {
        return false;
    };
    let kind = if cursor.eat_word("STORED") || cursor.eat_word("PERSISTENT") {
        GeneratedKind::Stored
    } else {
        cursor.eat_word("VIRTUAL");
        GeneratedKind::Virtual
    };
    column.generated = Some(Generated {
        expr: Expr::new(expr),
        kind,
    });
    true
}

fn read_check(cursor: &mut Cursor<'_>, parsed: &mut Definition) -> bool {
    let Some(expr) = cursor.eat_group() else {
        return false;
    };
    parsed.checks.push(Expr::new(expr));
    if !cursor.eat_words(&["NOT", "ENFORCED"]) {
        cursor.eat_word("ENFORCED");
    }
    true
}

fn read_references(cursor: &mut Cursor<'_>) -> Option<String> {
    let mark = cursor.mark() - 1;
    read_name(cursor)?;
    if cursor.eat_symbol(".") {
        read_name(cursor)?;
    }
    if cursor.peek().is_some_and(|(_, text)| text == "(") {
        cursor.eat_group()?;
    }
    if cursor.eat_word("MATCH") {
        cursor.take()?;
    }
    while cursor.eat_words(&["ON", "DELETE"]) || cursor.eat_words(&["ON", "UPDATE"]) {
        let known = [
            &["SET", "NULL"][..],
            &["SET", "DEFAULT"],
            &["NO", "ACTION"],
            &["RESTRICT"],
            &["CASCADE"],
        ];
        if !known.iter().any(|words| cursor.eat_words(words)) {
            return None;
        }
    }
    Some(cursor.text_since(mark).to_owned())
}

#[cfg(test)]
mod recorded;
#[cfg(test)]
mod tests;
