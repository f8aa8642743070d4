//! A column definition as text: its type and its clauses.

use realign_model::{
    Column, DataType, Expr, Generated, GeneratedKind, Ident, Identity, IntWidth, MatchKind,
    ObjectName, RefAction, split_mark,
};
use realign_planner::Facts;

use crate::facts::{Capability, can};
use crate::lexer::{Cursor, TokenKind, name_value, string_value};
use crate::parse::{CheckDef, References};
use crate::types;

/// What a column definition says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Definition {
    /// The column, without its verbatim text. NULL is allowed unless the text says otherwise.
    pub(crate) column: Column,
    /// NULL or NOT NULL was said.
    pub(crate) nullability_said: bool,
    /// `DEFAULT` was said, if only `DEFAULT NULL`.
    pub(crate) default_said: bool,
    /// `BINARY` was said: the binary collation of the character set.
    pub(crate) binary: bool,
    /// `UNIQUE` was said.
    pub(crate) unique: bool,
    /// `PRIMARY KEY` was said.
    pub(crate) primary: bool,
    /// CHECKs.
    pub(crate) checks: Vec<CheckDef>,
    /// A foreign key was said.
    pub(crate) references: Option<References>,
    /// The system of spatial references.
    pub(crate) srid: Option<u64>,
    /// What is read and not understood, for what can't be compared.
    pub(crate) others: Vec<String>,
    /// The rest from the first word on that could not be read.
    pub(crate) unread: Option<String>,
}

/// Reads everything after a column's name: `INT UNSIGNED NOT NULL DEFAULT 1`. Never fails: what
/// can't be read is in `unread`, and the column has what stood before it.
pub(crate) fn parse(name: &Ident, definition: &str, facts: &Facts) -> Definition {
    let mut cursor = Cursor::new(definition);
    let (mut parsed, known) = read(&mut cursor, name, facts);
    if !known {
        parsed.column.data_type = types::parse(definition, facts);
        parsed.unread = Some(definition.trim().to_owned());
    } else if !cursor.is_at_end() {
        parsed.unread = Some(cursor.rest().to_owned());
    }
    parsed
}

/// Reads type and clauses up to the first token that is neither; false when there is no type.
pub(crate) fn read(cursor: &mut Cursor<'_>, name: &Ident, facts: &Facts) -> (Definition, bool) {
    let serial = cursor.eat_word("serial");
    let national = ["national", "nchar", "nvarchar"]
        .iter()
        .any(|word| cursor.at_word(word));
    let data_type = if serial {
        Some(DataType::unsigned(IntWidth::W64))
    } else {
        types::read(cursor, facts)
    };
    let known = data_type.is_some();
    let mut column = Column::new(
        name.clone(),
        data_type.unwrap_or_else(|| DataType::Native(String::new())),
    );
    column.nullable = !serial;
    column.identity = serial.then_some(Identity::AutoIncrement);
    if national {
        column.charset = Some("utf8mb3".to_owned());
    }
    let mut parsed = Definition {
        column,
        nullability_said: serial,
        default_said: false,
        binary: false,
        unique: serial,
        primary: false,
        checks: Vec::new(),
        references: None,
        srid: None,
        others: Vec::new(),
        unread: None,
    };
    while known && !cursor.is_at_end() {
        let mark = cursor.mark();
        if !read_clause(cursor, &mut parsed) {
            cursor.back_to(mark);
            break;
        }
    }
    if parsed.primary {
        parsed.column.nullable = false;
    }
    if let Some(srid) = parsed.srid
        && can(facts, Capability::SpatialReference)
    {
        parsed.column.data_type = types::with_srid(&parsed.column.data_type, srid, facts);
    }
    (parsed, known)
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
            parsed.nullability_said = true;
            cursor.eat_word("NULL")
        }
        "NULL" => {
            column.nullable = true;
            parsed.nullability_said = true;
            true
        }
        "DEFAULT" => {
            parsed.default_said = true;
            read_default(cursor, column)
        }
        // `SERIAL DEFAULT VALUE` after a type.
        "SERIAL" => {
            column.nullable = false;
            column.identity = Some(Identity::AutoIncrement);
            parsed.unique = true;
            cursor.eat_words(&["DEFAULT", "VALUE"])
        }
        "BINARY" => {
            parsed.binary = true;
            true
        }
        "BYTE" => {
            column.charset = Some("binary".to_owned());
            true
        }
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
            let collation = read_name(cursor);
            column.rare.put(collation, |rare| &mut rare.collation);
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
        "GENERATED" => {
            if !cursor.eat_words(&["ALWAYS", "AS"]) {
                return false;
            }
            // The bounds of a system-versioned row.
            for bound in ["START", "END"] {
                if cursor.eat_words(&["ROW", bound]) {
                    parsed.others.push(format!("ROW {bound}"));
                    return true;
                }
            }
            read_generated(cursor, column)
        }
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
            let name = if cursor.at_word("CHECK") || cursor.at_word("REFERENCES") {
                None
            } else {
                read_name(cursor)
            };
            if cursor.eat_word("CHECK") {
                return read_check(cursor, parsed, name);
            }
            cursor.eat_word("REFERENCES") && {
                parsed.references = read_references(cursor);
                parsed.references.is_some()
            }
        }
        "CHECK" => read_check(cursor, parsed, None),
        "REFERENCES" => {
            parsed.references = read_references(cursor);
            parsed.references.is_some()
        }
        "SRID" | "REF_SYSTEM_ID" => {
            cursor.eat_symbol("=");
            let number = cursor.take().and_then(|(_, text)| text.parse().ok());
            parsed.srid = number;
            number.is_some()
        }
        // Details of storage that make no difference to what the column holds.
        "COLUMN_FORMAT" | "STORAGE" => cursor.take().is_some(),
        "COMPRESSED" => {
            if cursor.eat_symbol("=") {
                return cursor.take().is_some();
            }
            true
        }
        "WITH" | "WITHOUT" if cursor.eat_words(&["SYSTEM", "VERSIONING"]) => {
            parsed.others.push(format!("{word} SYSTEM VERSIONING"));
            true
        }
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
    let charset = read_name(cursor).map(|name| name.to_ascii_lowercase());
    column.rare.put(charset, |rare| &mut rare.charset);
    column.charset.is_some()
}

fn read_comment(cursor: &mut Cursor<'_>, column: &mut Column) -> bool {
    let comment = match cursor.take() {
        Some((TokenKind::String, literal)) => string_value(literal),
        _ => None,
    };
    let read = comment.is_some();
    let (text, mark) = split_mark(&comment.unwrap_or_default());
    column.rare.put(text, |rare| &mut rare.comment);
    column.type_mark = mark;
    read
}

fn read_default(cursor: &mut Cursor<'_>, column: &mut Column) -> bool {
    if cursor.eat_word("NULL") {
        column.default = None;
        return true;
    }
    if cursor.eat_words(&["NEXT", "VALUE", "FOR"]) {
        let mark = cursor.mark();
        read_name(cursor);
        if cursor.eat_symbol(".") {
            read_name(cursor);
        }
        column.default = Some(Expr::new(format!("nextval({})", cursor.text_since(mark))));
        return true;
    }
    column.default = read_value(cursor);
    column.default.is_some()
}

/// A literal, a function call, an expression in parentheses, or several of these joined by
/// operators (MariaDB wants no parentheses around them).
pub(crate) fn read_value(cursor: &mut Cursor<'_>) -> Option<Expr> {
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

fn read_check(cursor: &mut Cursor<'_>, parsed: &mut Definition, name: Option<String>) -> bool {
    let Some(expr) = cursor.eat_group() else {
        return false;
    };
    let enforced = !cursor.eat_words(&["NOT", "ENFORCED"]);
    if enforced {
        cursor.eat_word("ENFORCED");
    }
    parsed.checks.push(CheckDef {
        name: name.map(Ident::new),
        if_not_exists: false,
        expr: Expr::new(expr),
        enforced,
    });
    true
}

fn read_references(cursor: &mut Cursor<'_>) -> Option<References> {
    let mut name = ObjectName::bare(read_name(cursor)?);
    if cursor.eat_symbol(".") {
        name = ObjectName::new(Some(name.name), Ident::new(read_name(cursor)?));
    }
    let mut references = References {
        table: name,
        columns: Vec::new(),
        match_kind: MatchKind::Simple,
        on_delete: None,
        on_update: None,
    };
    if cursor.eat_symbol("(") {
        loop {
            references.columns.push(Ident::new(read_name(cursor)?));
            if !cursor.eat_symbol(",") {
                break;
            }
        }
        cursor.eat_symbol(")").then_some(())?;
    }
    read_rules(cursor, &mut references)?;
    Some(references)
}

const ACTIONS: [(&[&str], RefAction); 5] = [
    (&["SET", "NULL"], RefAction::SetNull),
    (&["SET", "DEFAULT"], RefAction::SetDefault),
    (&["NO", "ACTION"], RefAction::NoAction),
    (&["RESTRICT"], RefAction::Restrict),
    (&["CASCADE"], RefAction::Cascade),
];

/// MATCH, ON DELETE and ON UPDATE of a foreign key, in any order.
pub(crate) fn read_rules(cursor: &mut Cursor<'_>, references: &mut References) -> Option<()> {
    if cursor.eat_word("MATCH") {
        references.match_kind = match cursor.take()?.1.to_ascii_uppercase().as_str() {
            "SIMPLE" => MatchKind::Simple,
            "FULL" => MatchKind::Full,
            "PARTIAL" => MatchKind::Partial,
            _ => return None,
        };
    }
    loop {
        let place = if cursor.eat_words(&["ON", "DELETE"]) {
            &mut references.on_delete
        } else if cursor.eat_words(&["ON", "UPDATE"]) {
            &mut references.on_update
        } else {
            return Some(());
        };
        let found = ACTIONS.iter().find(|(words, _)| cursor.eat_words(words))?;
        *place = Some(found.1);
    }
}

#[cfg(test)]
mod recorded;
#[cfg(test)]
mod tests;
