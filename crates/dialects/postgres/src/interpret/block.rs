//! DO blocks.

use super::Meaning;
use super::stage::Stage;
use crate::lexer::TokenKind;
use crate::parse::{Cursor, Reading, Trouble};

impl Stage {
    /// A whole DO: understood when it defines nothing, or when its body is a plain list of
    /// statements, each of which may be there already.
    pub(super) fn block(&mut self, cursor: &mut Cursor<'_>) -> Reading<Meaning> {
        cursor.expect("do")?;
        let place = cursor.place();
        let mut body = None;
        while !cursor.is_done() {
            if cursor.take("language") {
                match cursor.peek() {
                    Some(token) if token.kind == TokenKind::String => cursor.string()?,
                    _ => cursor.text_name()?,
                };
            } else {
                body = Some(cursor.string()?);
            }
        }
        let Some(body) = body else {
            return Err(cursor.expected("a body"));
        };
        if !defines(&body) {
            return Ok(
                if Cursor::new(&body).has_word(&["insert", "update", "delete", "merge", "truncate"])
                {
                    Meaning::Rows
                } else {
                    Meaning::Nothing
                },
            );
        }
        let Some(statements) = plain_statements(&body) else {
            return Err(Trouble::NotUnderstood {
                at: place,
                what: "what this block defines depends on how it runs".to_owned(),
            });
        };
        let mut meaning = Meaning::Nothing;
        for group in &statements {
            for (at, statement) in group.statements.iter().enumerate() {
                match self.statement(statement) {
                    Ok(Meaning::Rows) if meaning == Meaning::Nothing => meaning = Meaning::Rows,
                    Ok(Meaning::Definition) => meaning = Meaning::Definition,
                    Ok(_) => {}
                    // It is there already, or what it changes is not: so is the rest.
                    Err(Trouble::DoesNotFit { .. }) if group.forgives && at == 0 => break,
                    Err(Trouble::NotUnderstood { what, .. } | Trouble::DoesNotFit { what, .. }) => {
                        return Err(Trouble::NotUnderstood { at: place, what });
                    }
                }
            }
        }
        Ok(meaning)
    }
}

/// True when a body has a word that definitions begin with, or runs what nobody sees.
pub(super) fn defines(body: &str) -> bool {
    Cursor::new(body).has_word(&["create", "alter", "drop", "comment", "execute", "call"])
}

/// Statements of a block that run together or not at all.
#[derive(Default)]
struct Group {
    statements: Vec<String>,
    /// They are for the case that what they make is not there, or what they change is:
    /// `EXCEPTION WHEN duplicate_… THEN` nothing, `IF NOT EXISTS (SELECT … FROM pg_…) THEN`.
    forgives: bool,
}

/// The statements of a block without loops, variables and other conditions.
fn plain_statements(body: &str) -> Option<Vec<Group>> {
    let mut cursor = Cursor::new(body);
    cursor.expect("begin").ok()?;
    let mut groups = vec![];
    while !cursor.sees_any(&["end", "exception"]) {
        let mut group = Group::default();
        if cursor.take("if") {
            group.forgives = true;
            asks_the_catalogue(&mut cursor)?;
            while !cursor.sees("end") {
                group.statements.push(plain_statement(&mut cursor)?);
            }
            cursor.take_all(&["end", "if"]).then_some(())?;
            cursor.expect_symbol(";").ok()?;
        } else {
            group.statements.push(plain_statement(&mut cursor)?);
        }
        groups.push(group);
    }
    if cursor.take("exception") {
        // Only what is there already may be forgiven, and only as a whole.
        while cursor.take("when") {
            loop {
                let condition = cursor.text_name().ok()?;
                if !condition.starts_with("duplicate_") {
                    return None;
                }
                if !cursor.take("or") {
                    break;
                }
            }
            cursor.expect("then").ok()?;
            if cursor.take("raise") {
                while !cursor.is_done() && !cursor.sees_symbol(";") {
                    cursor.skip();
                }
            } else {
                cursor.take("null");
            }
            cursor.expect_symbol(";").ok()?;
        }
        // What stands before the fault in a block is taken back with it.
        match groups.as_mut_slice() {
            [group] if group.statements.len() == 1 => group.forgives = true,
            _ => return None,
        }
    }
    cursor.expect("end").ok()?;
    cursor.take_symbol(";");
    cursor.is_done().then_some(groups)
}

fn plain_statement(cursor: &mut Cursor<'_>) -> Option<String> {
    let steers = [
        "if", "elsif", "elseif", "else", "for", "while", "loop", "case", "declare", "begin",
        "execute", "perform", "return", "raise", "foreach", "call",
    ];
    if cursor.is_done()
        || cursor.sees_any(&steers)
        || cursor.ahead(1).is_some_and(|t| t.is_symbol(":="))
    {
        return None;
    }
    let mark = cursor.mark();
    while !cursor.is_done() && !cursor.sees_symbol(";") {
        cursor.skip();
    }
    let statement = cursor.since(mark).to_owned();
    cursor.expect_symbol(";").ok()?;
    Some(statement)
}

/// `[NOT] EXISTS (SELECT … FROM a catalogue …) THEN`: asks whether something is there.
fn asks_the_catalogue(cursor: &mut Cursor<'_>) -> Option<()> {
    let closed = cursor.take_symbol("(");
    cursor.take("not");
    cursor.expect("exists").ok()?;
    let query = cursor.group().ok()?.to_ascii_lowercase();
    if !query.contains("pg_") && !query.contains("information_schema") {
        return None;
    }
    if closed {
        cursor.expect_symbol(")").ok()?;
    }
    cursor.expect("then").ok()
}
