//! Columns of recorded CREATE TABLE statements: read, rendered again, and unchanged.

use std::fs;
use std::path::{Path, PathBuf};

use realign_model::Ident;

use super::parse;
use crate::facts::offline;
use crate::lexer::{TokenKind, name_value, tokens};
use crate::no_table;
use crate::render::{column_body, ident};

/// Every `create.sql` below a folder, with the platform that its own folder names.
fn recordings(folder: &Path, found: &mut Vec<(String, PathBuf)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            recordings(&path, found);
        } else if path.ends_with("create.sql") {
            let platform = path.parent().and_then(Path::file_name).unwrap();
            found.push((platform.to_string_lossy().into_owned(), path));
        }
    }
}

/// What stands between the outer parentheses, cut at the commas that are in no inner ones.
fn items(statement: &str) -> Vec<&str> {
    let (mut depth, mut start, mut items) = (0, 0, Vec::new());
    for token in tokens(statement) {
        if token.kind != TokenKind::Symbol {
            continue;
        }
        match &statement[token.span.clone()] {
            "(" => {
                depth += 1;
                if depth == 1 {
                    start = token.span.end;
                }
            }
            symbol @ ("," | ")") => {
                if depth == 1 {
                    items.push(statement[start..token.span.start].trim());
                    start = token.span.end;
                }
                depth -= i32::from(symbol == ")");
            }
            _ => {}
        }
        if depth == 0 && !items.is_empty() {
            break;
        }
    }
    items
}

#[test]
fn recorded_columns_come_back_as_they_were() {
    let Some(corpus) = realign_testkit::corpus() else {
        return;
    };
    let mut found = Vec::new();
    recordings(&corpus, &mut found);
    let mut columns = 0;
    for (platform, path) in found {
        let facts = match platform.as_str() {
            "mariadb" => offline("mariadb-10.11"),
            "mysql57" => offline("mysql-5.7.40"),
            "mysql80" => offline("mysql-8.0.31"),
            _ => continue,
        }
        .unwrap();
        let script = fs::read_to_string(&path).unwrap();
        for statement in script
            .lines()
            .filter(|line| line.starts_with("CREATE TABLE"))
        {
            for item in items(statement) {
                let first = &tokens(item)[0];
                let printed = &item[first.span.clone()];
                if ["UNIQUE", "INDEX", "FULLTEXT", "PRIMARY", "SPATIAL"].contains(&printed) {
                    continue;
                }
                let name = Ident::new(name_value(first.kind, printed).unwrap());
                assert_eq!(ident(&name, &facts), printed, "{}", path.display());
                let body = item[first.span.end..].trim();
                let parsed = parse(&name, body, &facts);
                assert_eq!(parsed.unread, None, "{item}");
                assert_eq!(
                    column_body(&parsed.column, &no_table(), &facts),
                    body,
                    "{} in {}",
                    name,
                    path.display()
                );
                columns += 1;
            }
        }
    }
    assert!(columns > 5_000, "{columns}");
}
