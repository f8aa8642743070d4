//! Views, triggers, routines, events and partitions.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use realign_model::{
    Database, Event, Expr, Ident, ObjectName, Opaque, Origin, Partitioning, Routine, RoutineKind,
    SessionSettings, Trigger, View,
};
use realign_planner::{Diagnostic, Facts};

use super::Builder;
use super::row::Row;
use crate::expr;
use crate::facts::is_mariadb;
use crate::parse::{
    Characteristics, CreateRoutine, CreateTrigger, EventClauses, Parameter, Schedule,
};
use crate::program;
use crate::render::{quote_ident, string_literal};
use crate::settings;

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
            table: None,
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
        settings: settings::told([None, row.filled(7), row.filled(8), None], builder.facts),
        origin: Origin::Server,
    });
}

/// MySQL keeps the names that a view gives its columns beside the query, not in it.
pub(super) fn name_columns(
    database: &mut Database,
    names: &mut HashMap<String, Vec<Ident>>,
    facts: &Facts,
) {
    if is_mariadb(facts) {
        return;
    }
    let mut views = std::mem::take(&mut database.views);
    let own = facts.setting("current_database");
    for view in &mut views {
        let Some(names) = names.remove(&view.name.name.text) else {
            continue;
        };
        let same = expr::columns_of(&view.query.text, &expr::Columns::of(database, own), 0)
            .is_some_and(|own| {
                own.len() == names.len()
                    && own
                        .iter()
                        .zip(&names)
                        .all(|(a, b)| *a == b.text.to_lowercase())
            });
        if !same {
            view.columns = names;
        }
    }
    database.views = views;
}

/// Triggers, in the order in which they fire.
pub(super) fn triggers<'r>(builder: &mut Builder<'_>, rows: impl Iterator<Item = Row<'r>>) {
    let mut rows: Vec<Row<'r>> = rows.collect();
    rows.sort_by_key(|row| {
        (
            row.text(3),
            row.text(2),
            row.text(1),
            row.place(6),
            row.text(0),
        )
    });
    for row in rows {
        let said = CreateTrigger {
            name: ObjectName::bare(row.text(0)),
            or_replace: false,
            if_not_exists: false,
            definer: row.filled(5).map(str::to_owned),
            timing: one_of(row.text(1), &["BEFORE", "AFTER"]),
            event: one_of(row.text(2), &["INSERT", "UPDATE", "DELETE"]),
            table: ObjectName::bare(row.text(3)),
            order: None,
            body: row.text(4).trim().to_owned(),
        };
        builder.out.database.triggers.push(Trigger {
            source_text: Expr::new(program::trigger(&said)),
            settings: settings::told(
                [row.maybe(7), row.filled(8), row.filled(9), None],
                builder.facts,
            ),
            name: said.name,
            table: said.table,
            origin: Origin::Server,
        });
    }
}

/// The word of a closed list that a server printed.
fn one_of(text: &str, words: &[&'static str]) -> &'static str {
    let found = words.iter().find(|word| word.eq_ignore_ascii_case(text));
    found.copied().unwrap_or_default()
}

/// Routines wait here for their parameters, by kind and specific name.
#[derive(Debug, Default)]
pub(super) struct Routines(BTreeMap<(bool, String), Waiting>);

#[derive(Debug)]
struct Waiting {
    said: CreateRoutine,
    parameters: BTreeMap<u32, Parameter>,
    settings: SessionSettings,
}

fn is_function(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("FUNCTION")
}

pub(super) fn routines<'r>(builder: &mut Builder<'_>, rows: impl Iterator<Item = Row<'r>>) {
    for row in rows {
        let function = is_function(row.text(2));
        let said = CreateRoutine {
            function,
            name: ObjectName::bare(row.text(1)),
            or_replace: false,
            if_not_exists: false,
            definer: row.filled(8).map(str::to_owned),
            parameters: Vec::new(),
            returns: row.filled(3).filter(|_| function).map(str::to_owned),
            characteristics: Characteristics {
                deterministic: Some(row.text(4) == "YES"),
                data_access: Some(one_of(row.text(5), &DATA_ACCESS)),
                security: Some(one_of(row.text(6), &["DEFINER", "INVOKER"])),
                comment: row.filled(9).map(str::to_owned),
            },
            body: row
                .maybe(7)
                .unwrap_or("(hidden from this account)")
                .trim()
                .to_owned(),
        };
        builder.routines.0.insert(
            (function, row.text(0).to_owned()),
            Waiting {
                said,
                parameters: BTreeMap::new(),
                settings: settings::told(
                    [row.maybe(10), row.filled(11), row.filled(12), None],
                    builder.facts,
                ),
            },
        );
    }
}

const DATA_ACCESS: [&str; 4] = [
    "CONTAINS SQL",
    "NO SQL",
    "READS SQL DATA",
    "MODIFIES SQL DATA",
];

pub(super) fn parameters<'r>(builder: &mut Builder<'_>, rows: impl Iterator<Item = Row<'r>>) {
    for row in rows {
        let key = (is_function(row.text(1)), row.text(0).to_owned());
        if let Some(routine) = builder.routines.0.get_mut(&key) {
            let parameter = Parameter {
                mode: row
                    .filled(3)
                    .map(|mode| one_of(mode, &["INOUT", "IN", "OUT"])),
                name: Ident::new(row.text(4)),
                data_type: row.text(5).to_owned(),
            };
            routine.parameters.insert(row.place(2), parameter);
        }
    }
}

impl Routines {
    pub(super) fn finish(&mut self, database: &mut Database) {
        for ((function, _), routine) in std::mem::take(&mut self.0) {
            let mut said = routine.said;
            said.parameters = routine.parameters.into_values().collect();
            database.routines.push(Routine {
                source_text: Expr::new(program::routine(&said)),
                name: said.name,
                kind: if function {
                    RoutineKind::Function
                } else {
                    RoutineKind::Procedure
                },
                signature: None,
                settings: routine.settings,
                legacy: Vec::new(),
                origin: Origin::Server,
            });
        }
    }
}

pub(super) fn event(builder: &mut Builder<'_>, row: Row<'_>) {
    let moment = |at: usize| row.filled(at).map(string_literal);
    let schedule = if row.text(1) == "RECURRING" {
        Schedule::Every {
            interval: string_literal(row.text(3)),
            unit: row.text(4).to_owned(),
            starts: moment(5),
            ends: moment(6),
        }
    } else {
        Schedule::At(string_literal(row.text(2)))
    };
    let said = EventClauses {
        definer: row.filled(11).map(str::to_owned),
        schedule: Some(schedule),
        preserve: Some(row.text(7) == "PRESERVE"),
        status: Some(match row.text(8) {
            "DISABLED" => "DISABLE",
            "SLAVESIDE_DISABLED" | "REPLICA_SIDE_DISABLED" => "DISABLE ON SLAVE",
            _ => "ENABLE",
        }),
        comment: row.filled(9).map(str::to_owned),
        body: Some(row.text(10).trim().to_owned()),
    };
    builder.out.database.events.push(Event {
        name: ObjectName::bare(row.text(0)),
        source_text: Expr::new(program::event(row.text(0), &said)),
        settings: settings::told(
            [
                row.maybe(12),
                row.filled(13),
                row.filled(14),
                row.filled(15),
            ],
            builder.facts,
        ),
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
    // A partition with subpartitions has a row for each of these.
    let partitions: Vec<&[Row<'_>]> = rows.chunk_by(|a, b| a.place(1) == b.place(1)).collect();
    let named = partitions.iter().any(|rows| {
        rows.iter().enumerate().any(|(at, row)| {
            row.filled(4)
                .is_some_and(|name| name != format!("{}sp{at}", row.text(3)))
        })
    });
    if let Some(method) = first.filled(6) {
        let _ = write!(text, " SUBPARTITION BY {method} ({})", first.text(8));
        let count = partitions.first().map_or(0, |rows| rows.len());
        if !named {
            let _ = write!(text, " SUBPARTITIONS {count}");
        }
    }
    let range = first.text(5).starts_with("RANGE");
    let list = first.text(5).starts_with("LIST");
    // Those that have only a number are counted.
    let by_number = first.filled(6).is_none()
        && partitions.iter().enumerate().all(|(at, rows)| {
            let row = rows[0];
            row.text(3) == format!("p{at}") && row.filled(9).is_none() && row.filled(10).is_none()
        });
    if by_number {
        let _ = write!(text, " PARTITIONS {}", partitions.len());
        return text;
    }
    let mut parts: Vec<String> = Vec::new();
    for rows in partitions {
        let row = rows[0];
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
        if named {
            let names: Vec<String> = rows
                .iter()
                .map(|row| format!("SUBPARTITION {}", quote_ident(row.text(4))))
                .collect();
            let _ = write!(part, " ({})", names.join(", "));
        }
        parts.push(part);
    }
    let _ = write!(text, " ({})", parts.join(", "));
    text
}
