//! Definitions of the shape that nearly all have, told by their tokens alone.
//!
//! The grammar is complete, and slow on dumps. What is plain it accepts for certain; of anything
//! else it is asked. Expressions are never plain: each is asked of the grammar by itself.

use std::collections::HashSet;

mod operations;

use crate::lower::fold;
use crate::reader::Reader;
use crate::tokens::{self, Kind, is_keyword};

/// True for a statement that the grammar accepts for certain. The reader stands at its start, and
/// somewhere afterwards.
pub(crate) fn is_plain(reader: &mut Reader<'_>) -> bool {
    definition(reader).is_some() && !reader.text().contains(tokens::ZERO)
}

fn definition(reader: &mut Reader<'_>) -> Option<()> {
    if reader.take("ALTER") {
        want(reader.take("TABLE"))?;
        alteration(reader)?;
        return want(reader.at_end());
    }
    if reader.take("DROP") {
        let kinds = ["TABLE", "INDEX", "VIEW", "TRIGGER"];
        want(kinds.iter().any(|kind| reader.take(kind)))?;
        reader.take_all(&["IF", "EXISTS"]);
        qualified(reader)?;
        return want(reader.at_end());
    }
    want(reader.take("CREATE"))?;
    if reader.take("TABLE") {
        new_name(reader)?;
        table(reader)?;
    } else {
        reader.take("UNIQUE");
        want(reader.take("INDEX"))?;
        new_name(reader)?;
        want(reader.take("ON"))?;
        name(reader)?;
        parts(reader, true)?;
        if reader.take("WHERE") {
            let from = reader.position();
            while !reader.at_end() {
                reader.skip();
            }
            expression(reader, from)?;
        }
    }
    want(reader.at_end())
}

fn want(found: bool) -> Option<()> {
    found.then_some(())
}

fn alteration(reader: &mut Reader<'_>) -> Option<()> {
    let from = reader.peek()?.name()?;
    let qualified = qualified(reader)?;
    if reader.take_all(&["RENAME", "TO"]) {
        // A name that stays is no rename to the grammar.
        let to = reader.peek()?.name()?;
        want(qualified || fold(&from) != fold(&to))?;
        return name(reader);
    }
    if reader.take("RENAME") {
        reader.take("COLUMN");
        name(reader)?;
        want(reader.take("TO"))?;
        return name(reader);
    }
    let adds = reader.take("ADD");
    want(adds || reader.take("DROP"))?;
    reader.take("COLUMN");
    name(reader)?;
    if adds { column(reader, true) } else { Some(()) }
}

fn new_name(reader: &mut Reader<'_>) -> Option<()> {
    reader.take_all(&["IF", "NOT", "EXISTS"]);
    qualified(reader).map(|_| ())
}

/// A name, and the schema that may stand in front of it: true when one does.
fn qualified(reader: &mut Reader<'_>) -> Option<bool> {
    name(reader)?;
    let qualified = reader.take_symbol(".");
    if qualified {
        name(reader)?;
    }
    Some(qualified)
}

/// A name that can be nothing else.
fn name(reader: &mut Reader<'_>) -> Option<()> {
    let token = reader.peek()?;
    want(match token.kind {
        Kind::Word => !is_keyword(token.text),
        Kind::Quoted => true,
        Kind::Text | Kind::Number | Kind::Blob | Kind::Symbol => false,
    })?;
    reader.skip();
    Some(())
}

fn table(reader: &mut Reader<'_>) -> Option<()> {
    want(reader.take_symbol("("))?;
    let mut columns = Columns::default();
    let mut constraints = false;
    loop {
        if at_constraint(reader) {
            constraints = true;
            constraint(reader)?;
        } else {
            // Behind a constraint the grammar takes no column.
            want(!constraints)?;
            let own = reader.peek()?.text;
            name(reader)?;
            want(columns.is_new(own))?;
            column(reader, false)?;
        }
        if !reader.take_symbol(",") {
            return want(reader.take_symbol(")"));
        }
    }
}

/// The columns of a table so far: a name can't come twice.
#[derive(Default)]
struct Columns<'a> {
    few: Vec<&'a str>,
    many: HashSet<String>,
}

impl<'a> Columns<'a> {
    /// Adds a column as written; false when one of that name is there.
    fn is_new(&mut self, written: &'a str) -> bool {
        const FEW: usize = 16;
        let bare = |name: &str| !name.starts_with(['"', '`', '[']);
        if self.many.is_empty() && self.few.len() < FEW && bare(written) {
            let found = self.few.iter().any(|n| n.eq_ignore_ascii_case(written));
            self.few.push(written);
            return !found;
        }
        let few = self.few.drain(..).map(fold);
        self.many.extend(few);
        self.many.insert(fold(&tokens::unquote(written)))
    }
}

/// Every word that begins a constraint of a table is one of the grammar's.
fn at_constraint(reader: &Reader<'_>) -> bool {
    let token = reader.peek();
    token.is_some_and(|token| token.kind == Kind::Word && is_keyword(token.text))
}

fn constraint(reader: &mut Reader<'_>) -> Option<()> {
    if reader.take("CONSTRAINT") {
        name(reader)?;
    }
    if reader.take_all(&["PRIMARY", "KEY"]) || reader.take("UNIQUE") {
        parts(reader, false)
    } else if reader.take("CHECK") {
        enclosed(reader)
    } else {
        want(reader.take_all(&["FOREIGN", "KEY"]))?;
        names(reader)?;
        want(reader.take("REFERENCES"))?;
        references(reader)
    }
}

/// What follows the name of a column. One that is added to a table can be no key.
fn column(reader: &mut Reader<'_>, added: bool) -> Option<()> {
    let mut typed = false;
    while name(reader).is_some() {
        typed = true;
    }
    if typed && reader.take_symbol("(") {
        number(reader)?;
        if reader.take_symbol(",") {
            number(reader)?;
        }
        want(reader.take_symbol(")"))?;
    }
    loop {
        if reader.sees_symbol(",") || reader.sees_symbol(")") {
            return Some(());
        }
        if added {
            if reader.at_end() {
                return Some(());
            }
            want(!reader.sees("UNIQUE") && !reader.sees("PRIMARY"))?;
        }
        if reader.take("CONSTRAINT") {
            name(reader)?;
            want(!added)?;
        }
        if reader.take_all(&["NOT", "NULL"]) || reader.take("NULL") || reader.take("UNIQUE") {
        } else if reader.take_all(&["PRIMARY", "KEY"]) {
            let _ = reader.take("ASC") || reader.take("DESC");
            reader.take("AUTOINCREMENT");
        } else if reader.take("DEFAULT") {
            value(reader)?;
        } else if reader.take("COLLATE") {
            name(reader)?;
        } else if reader.take("CHECK") {
            enclosed(reader)?;
        } else {
            want(reader.take("REFERENCES"))?;
            references(reader)?;
        }
    }
}

/// What a column may have as its default without parentheses, and what is in them.
fn value(reader: &mut Reader<'_>) -> Option<()> {
    const WORDS: [&str; 4] = ["NULL", "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME"];
    if reader.sees_symbol("(") {
        return enclosed(reader);
    }
    if WORDS.iter().any(|word| reader.take(word)) {
        return Some(());
    }
    if matches!(reader.peek()?.kind, Kind::Text | Kind::Blob) {
        reader.skip();
        return Some(());
    }
    number(reader)
}

fn number(reader: &mut Reader<'_>) -> Option<()> {
    let _ = reader.take_symbol("-") || reader.take_symbol("+");
    want(reader.peek()?.kind == Kind::Number)?;
    reader.skip();
    Some(())
}

fn references(reader: &mut Reader<'_>) -> Option<()> {
    name(reader)?;
    if reader.sees_symbol("(") {
        names(reader)?;
    }
    while reader.take("ON") {
        want(reader.take("DELETE") || reader.take("UPDATE"))?;
        reader.action().ok()?;
    }
    if reader.take("DEFERRABLE") && reader.take("INITIALLY") {
        want(reader.take("DEFERRED") || reader.take("IMMEDIATE"))?;
    }
    Some(())
}

fn names(reader: &mut Reader<'_>) -> Option<()> {
    want(reader.take_symbol("("))?;
    loop {
        name(reader)?;
        if !reader.take_symbol(",") {
            return want(reader.take_symbol(")"));
        }
    }
}

/// Columns of a key or an index.
fn parts(reader: &mut Reader<'_>, collated: bool) -> Option<()> {
    want(reader.take_symbol("("))?;
    loop {
        name(reader)?;
        if collated && reader.take("COLLATE") {
            name(reader)?;
        }
        let _ = reader.take("ASC") || reader.take("DESC");
        if !reader.take_symbol(",") {
            return want(reader.take_symbol(")"));
        }
    }
}

/// An expression in parentheses.
fn enclosed(reader: &mut Reader<'_>) -> Option<()> {
    let from = reader.position() + 1;
    reader.parenthesised().ok()?;
    let text = reader.between(from, reader.position() - 1);
    is_expression(text)
}

/// What stands between a position and the present one.
fn expression(reader: &Reader<'_>, from: usize) -> Option<()> {
    is_expression(reader.between(from, reader.position()))
}

/// Whether a text is one expression. In parentheses a query and a list of values could stand as
/// well, which are none.
fn is_expression(text: &str) -> Option<()> {
    let found = tokens::tokens(text).ok()?;
    let first = found.first()?;
    want(!["SELECT", "VALUES", "WITH"].iter().any(|w| first.is(w)))?;
    let mut depth = 0_usize;
    for token in &found {
        if token.is_symbol("(") {
            depth += 1;
        } else if token.is_symbol(")") {
            depth = depth.checked_sub(1)?;
        }
        want(depth > 0 || !(token.is_symbol(",") || token.is_symbol(";")))?;
    }
    want(depth == 0)?;
    if operations::is_plain(&found) {
        return Some(());
    }
    tokens::check(&format!("SELECT ({text}\n)")).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};
    use proptest::sample::select;

    use super::is_plain;
    use crate::reader::Reader;
    use crate::tokens;

    fn plain(sql: &str) -> bool {
        Reader::new(sql).is_ok_and(|mut reader| is_plain(&mut reader))
    }

    #[test]
    fn what_dumps_hold_is_plain() {
        for sql in [
            "CREATE TABLE \"a b\" (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, b VARCHAR(255) DEFAULT NULL, c NUMERIC(10, 2) DEFAULT -1.5 CHECK (c > 1 AND b <> ','), d DATETIME DEFAULT CURRENT_TIMESTAMP, CONSTRAINT fk FOREIGN KEY (b) REFERENCES t (id) ON DELETE SET NULL ON UPDATE NO ACTION DEFERRABLE INITIALLY DEFERRED, UNIQUE (b, c), PRIMARY KEY (id))",
            "CREATE TABLE IF NOT EXISTS main.t (a)",
            "CREATE UNIQUE INDEX i ON t (a COLLATE nocase DESC, b) WHERE a IS NOT NULL",
            "ALTER TABLE main.t RENAME COLUMN a TO [b]",
            "ALTER TABLE t ADD COLUMN c VARCHAR(10) NOT NULL DEFAULT 'x' REFERENCES u (id);",
            "ALTER TABLE t DROP COLUMN c",
            "DROP TABLE IF EXISTS \"a b\".c",
        ] {
            assert!(plain(sql), "{sql}");
            assert_eq!(tokens::check(sql), Ok(()), "{sql}");
        }
        for sql in [
            "CREATE TABLE t (a, A)",
            "CREATE TABLE t (select INT)",
            "CREATE TABLE t (a CHECK (a, b))",
            "CREATE TABLE t (a CHECK (SELECT 1))",
            "CREATE TABLE t (a DEFAULT (1) + 2)",
            "CREATE TABLE t (a VARCHAR(x))",
            "CREATE TABLE t (PRIMARY KEY (a), a INT)",
            "CREATE INDEX i ON t (a) WHERE 1 GROUP BY 2",
            "CREATE INDEX i ON t (a) WHERE",
            "CREATE TABLE t (a",
            "CREATE TABLE t (a, \"A\")",
            "ALTER TABLE t RENAME TO T",
            "ALTER TABLE t ADD a INT UNIQUE",
            "ALTER TABLE t ADD a INT, b INT",
            "ALTER TABLE t DROP a b",
            "DROP TABLE",
            "CREATE TABLE t ([a\0])",
            "CREATE TABLE t (a DEFAULT 'b\0')",
        ] {
            assert!(!plain(sql), "{sql}");
        }
    }

    /// Words of definitions, more often right than wrong.
    const WORDS: &[&str] = &[
        "CREATE",
        "TABLE",
        "INDEX",
        "UNIQUE",
        "ON",
        "t",
        "a",
        "\"b c\"",
        "[d]",
        "'e'",
        "(",
        ")",
        ",",
        ";",
        ".",
        "INTEGER",
        "VARCHAR",
        "10",
        "2.5",
        "-",
        "+",
        "NOT",
        "NULL",
        "PRIMARY",
        "KEY",
        "DEFAULT",
        "CHECK",
        "REFERENCES",
        "FOREIGN",
        "CONSTRAINT",
        "COLLATE",
        "DESC",
        "ASC",
        "AUTOINCREMENT",
        "WHERE",
        "CURRENT_DATE",
        "=",
        ">",
        "IN",
        "SELECT",
        "1",
        "AS",
        "GROUP",
        "BY",
        "DELETE",
        "CASCADE",
        "SET",
        "STRICT",
        "x'00'",
        "--c\n",
        "IF",
        "EXISTS",
        "AND",
        "OR",
        "BETWEEN",
        "LIKE",
        "IS",
        "||",
        "f(",
        "TO",
        "COLUMN",
        "RENAME",
    ];

    /// Begins of definitions, so that random words have something to go on from.
    const HEADS: &[&str] = &[
        "CREATE TABLE t (a",
        "CREATE TABLE t (a INTEGER, b VARCHAR(10) CHECK (",
        "CREATE TABLE t (a, PRIMARY KEY (",
        "CREATE TABLE t (a, FOREIGN KEY (a) REFERENCES",
        "CREATE INDEX i ON t (",
        "CREATE INDEX i ON t (a) WHERE",
        "CREATE TABLE t (a CHECK (a > 1",
        "ALTER TABLE t RENAME",
        "ALTER TABLE t ADD a",
        "ALTER TABLE t DROP",
        "ALTER TABLE t",
        "DROP TABLE",
        "DROP",
        "CREATE",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1024))]

        #[test]
        fn the_grammar_takes_what_is_plain(
            head in select(HEADS),
            words in proptest::collection::vec(select(WORDS), 0..12),
        ) {
            for end in ["", ")", "))"] {
                let sql = format!("{head} {} {end}", words.join(" "));
                if plain(&sql) {
                    prop_assert_eq!(tokens::check(&sql), Ok(()), "{}", sql);
                }
            }
        }

        #[test]
        fn any_text_is_read(text in any::<String>()) {
            let sql = format!("CREATE TABLE t ({text})");
            prop_assert!(!plain(&sql) || tokens::check(&sql).is_ok());
        }
    }
}
