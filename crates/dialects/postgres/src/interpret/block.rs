//! DO blocks.

use super::Meaning;
use super::stage::Stage;
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
                cursor.text_name()?;
            } else {
                body = Some(cursor.string()?);
            }
        }
        let Some(body) = body else {
            return Err(cursor.expected("a body"));
        };
        let words = Cursor::new(&body);
        let defines = words.has_word(&["create", "alter", "drop", "comment", "execute", "call"]);
        if !defines {
            return Ok(
                if words.has_word(&["insert", "update", "delete", "merge", "truncate"]) {
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
        for statement in statements.iter() {
            match self.statement(&statement) {
                Ok(Meaning::Rows) if meaning == Meaning::Nothing => meaning = Meaning::Rows,
                Ok(Meaning::Definition) => meaning = Meaning::Definition,
                Ok(_) => {}
                Err(Trouble::DoesNotFit { .. }) if statements.forgives => {
                    // What stands before the fault in the block is taken back with it; a block
                    // that forgives has one statement.
                }
                Err(Trouble::NotUnderstood { what, .. } | Trouble::DoesNotFit { what, .. }) => {
                    return Err(Trouble::NotUnderstood { at: place, what });
                }
            }
        }
        Ok(meaning)
    }
}

/// The statements of a block without conditions, loops and variables.
struct Plain {
    statements: Vec<String>,
    /// `EXCEPTION WHEN duplicate_… THEN` nothing.
    forgives: bool,
}

impl Plain {
    fn iter(&self) -> impl Iterator<Item = String> {
        self.statements.clone().into_iter()
    }
}

fn plain_statements(body: &str) -> Option<Plain> {
    let mut cursor = Cursor::new(body);
    cursor.expect("begin").ok()?;
    let mut found = Plain {
        statements: Vec::new(),
        forgives: false,
    };
    while !cursor.sees_any(&["end", "exception"]) {
        if cursor.is_done()
            || cursor.sees_any(&[
                "if", "for", "while", "loop", "case", "declare", "begin", "execute", "perform",
                "return", "raise", "foreach", "call",
            ])
            || cursor.ahead(1).is_some_and(|t| t.is_symbol(":="))
        {
            return None;
        }
        let mark = cursor.mark();
        while !cursor.is_done() && !cursor.sees_symbol(";") {
            cursor.skip();
        }
        found.statements.push(cursor.since(mark).to_owned());
        cursor.expect_symbol(";").ok()?;
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
        if found.statements.len() > 1 {
            return None;
        }
        found.forgives = true;
    }
    cursor.expect("end").ok()?;
    cursor.take_symbol(";");
    cursor.is_done().then_some(found)
}
