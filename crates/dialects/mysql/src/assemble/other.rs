//! Views, triggers, routines, events and partitions.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use realign_model::{
    Database, Event, Expr, ObjectName, Opaque, Origin, Partitioning, Routine, RoutineKind, Trigger,
    View,
};
use realign_planner::Diagnostic;

use super::Builder;
use super::row::Row;
use crate::render::{quote_ident, string_literal};

pub(super) fn view(builder: &mut Builder<'_>, row: Row<'_>) {
    let name = ObjectName::bare(row.text(0));
    let Some(query) = row.filled(1) else {
        builder.out.remarks.push(
            Diagnostic::warning(
                "C302",
                format!("the query of view {name} is hidden from this account"),
            )
            .with_help("GRANT SHOW VIEW on the database to the account, or use another one"),
        );
        builder.out.database.opaque.push(Opaque {
            kind: "view".to_owned(),
            name,
            text: String::new(),
            origin: Origin::Server,
        });
        return;
    };
    let mut options = Vec::new();
    for (word, at) in [("ALGORITHM=", 5), ("DEFINER=", 3), ("SQL SECURITY ", 4)] {
        if let Some(text) = row.filled(at) {
            options.push(format!("{word}{text}"));
        }
    }
    if let Some(text) = row.filled(2).filter(|text| *text != "NONE") {
        options.push(format!("WITH {text} CHECK OPTION"));
    }
    // Names are printed with the database's in front: it is this one, whatever it is called.
    let own = format!("{}.", quote_ident(row.text(6)));
    builder.out.database.views.push(View {
        name,
        query: Expr::new(query.replace(&own, "")),
        columns: Vec::new(),
        materialized: false,
        options,
        source_text: None,
        origin: Origin::Server,
    });
}

pub(super) fn trigger(builder: &mut Builder<'_>, row: Row<'_>) {
    builder.out.database.triggers.push(Trigger {
        name: ObjectName::bare(row.text(0)),
        table: ObjectName::bare(row.text(3)),
        source_text: Expr::new(format!(
            "CREATE TRIGGER {} {} {} ON {} FOR EACH ROW {}",
            quote_ident(row.text(0)),
            row.text(1),
            row.text(2),
            quote_ident(row.text(3)),
            row.text(4)
        )),
        origin: Origin::Server,
    });
}

/// Routines wait here for their parameters, by kind and specific name.
#[derive(Debug, Default)]
pub(super) struct Routines(BTreeMap<(bool, String), Waiting>);

#[derive(Debug)]
struct Waiting {
    name: String,
    returns: Option<String>,
    tail: String,
    parameters: BTreeMap<u32, String>,
}

fn is_function(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("FUNCTION")
}

pub(super) fn routines<'r>(builder: &mut Builder<'_>, rows: impl Iterator<Item = Row<'r>>) {
    for row in rows {
        let function = is_function(row.text(2));
        let mut tail = String::new();
        if row.text(4) == "YES" {
            tail.push_str(" DETERMINISTIC");
        }
        for text in [row.text(5), "SQL SECURITY", row.text(6)] {
            let _ = write!(tail, " {text}");
        }
        let _ = write!(
            tail,
            " {}",
            row.maybe(7).unwrap_or("(hidden from this account)")
        );
        builder.routines.0.insert(
            (function, row.text(0).to_owned()),
            Waiting {
                name: row.text(1).to_owned(),
                returns: row.filled(3).filter(|_| function).map(str::to_owned),
                tail,
                parameters: BTreeMap::new(),
            },
        );
    }
}

pub(super) fn parameters<'r>(builder: &mut Builder<'_>, rows: impl Iterator<Item = Row<'r>>) {
    for row in rows {
        let key = (is_function(row.text(1)), row.text(0).to_owned());
        if let Some(routine) = builder.routines.0.get_mut(&key) {
            let mode = row.filled(3).filter(|mode| *mode != "IN" || !key.0);
            let text = [
                mode.unwrap_or_default(),
                &quote_ident(row.text(4)),
                row.text(5),
            ]
            .into_iter()
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
            routine.parameters.insert(row.place(2), text);
        }
    }
}

impl Routines {
    pub(super) fn finish(&mut self, database: &mut Database) {
        for ((function, _), routine) in std::mem::take(&mut self.0) {
            let parameters: Vec<String> = routine.parameters.into_values().collect();
            let (kind, word) = if function {
                (RoutineKind::Function, "FUNCTION")
            } else {
                (RoutineKind::Procedure, "PROCEDURE")
            };
            let returns = routine
                .returns
                .map_or_else(String::new, |text| format!(" RETURNS {text}"));
            database.routines.push(Routine {
                source_text: Expr::new(format!(
                    "CREATE {word} {} ({}){returns}{}",
                    quote_ident(&routine.name),
                    parameters.join(", "),
                    routine.tail
                )),
                name: ObjectName::bare(routine.name),
                kind,
                signature: None,
                origin: Origin::Server,
            });
        }
    }
}

pub(super) fn event(builder: &mut Builder<'_>, row: Row<'_>) {
    let mut text = format!("CREATE EVENT {} ON SCHEDULE ", quote_ident(row.text(0)));
    if row.text(1) == "RECURRING" {
        let _ = write!(
            text,
            "EVERY {} {}",
            string_literal(row.text(3)),
            row.text(4)
        );
        for (word, at) in [("STARTS", 5), ("ENDS", 6)] {
            if let Some(time) = row.filled(at) {
                let _ = write!(text, " {word} {}", string_literal(time));
            }
        }
    } else {
        let _ = write!(text, "AT {}", string_literal(row.text(2)));
    }
    let _ = write!(text, " ON COMPLETION {}", row.text(7));
    text.push_str(match row.text(8) {
        "DISABLED" => " DISABLE",
        "SLAVESIDE_DISABLED" | "REPLICA_SIDE_DISABLED" => " DISABLE ON SLAVE",
        _ => " ENABLE",
    });
    if let Some(comment) = row.filled(9) {
        let _ = write!(text, " COMMENT {}", string_literal(comment));
    }
    let _ = write!(text, " DO {}", row.text(10));
    builder.out.database.events.push(Event {
        name: ObjectName::bare(row.text(0)),
        source_text: Expr::new(text),
        origin: Origin::Server,
    });
}

/// Partitions as the clause that makes them.
pub(super) fn partitions<'r>(builder: &mut Builder<'_>, rows: impl Iterator<Item = Row<'r>>) {
    let mut by_table: BTreeMap<&str, Vec<Row<'r>>> = BTreeMap::new();
    for row in rows {
        by_table.entry(row.text(0)).or_default().push(row);
    }
    for (name, mut rows) in by_table {
        let Some(table) = builder.find(name) else {
            continue;
        };
        rows.sort_by_key(|row| (row.place(1), row.place(2)));
        table.partitioning = Some(Partitioning {
            clause: Expr::new(clause(&rows)),
        });
    }
}

fn clause(rows: &[Row<'_>]) -> String {
    let first = rows[0];
    let mut text = format!("PARTITION BY {} ({})", first.text(5), first.text(7));
    if let Some(method) = first.filled(6) {
        let _ = write!(text, " SUBPARTITION BY {method} ({})", first.text(8));
    }
    let range = first.text(5).starts_with("RANGE");
    let list = first.text(5).starts_with("LIST");
    let mut parts: Vec<String> = Vec::new();
    let mut last = None;
    for row in rows {
        // A partition with subpartitions has a row for each of these.
        if last == Some(row.place(1)) {
            continue;
        }
        last = Some(row.place(1));
        let mut part = format!("PARTITION {}", quote_ident(row.text(3)));
        match row.filled(9) {
            Some("MAXVALUE") if range => part.push_str(" VALUES LESS THAN MAXVALUE"),
            Some(values) if range => {
                let _ = write!(part, " VALUES LESS THAN ({values})");
            }
            Some("DEFAULT") if list => part.push_str(" DEFAULT"),
            Some(values) if list => {
                let _ = write!(part, " VALUES IN ({values})");
            }
            _ => {}
        }
        if let Some(comment) = row.filled(10) {
            let _ = write!(part, " COMMENT = {}", string_literal(comment));
        }
        parts.push(part);
    }
    let _ = write!(text, " ({})", parts.join(", "));
    text
}
