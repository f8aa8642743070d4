//! What a mapping has no words for.

use realign_model::{
    Database, ForeignKey, Ident, Index, IndexKind, MatchKind, RefAction, RoutineKind, SortOrder,
    Table, TableOptions,
};

/// Objects that no mapping declares, as their kind and their name.
pub(super) fn of_database(database: &Database) -> Vec<String> {
    let mut lost = Vec::new();
    lost.extend(
        database
            .extensions
            .iter()
            .map(|o| format!("extension {}", o.name)),
    );
    lost.extend(database.enums.iter().map(|o| format!("type {}", o.name)));
    lost.extend(
        database
            .domains
            .iter()
            .map(|o| format!("domain {}", o.name)),
    );
    // A sequence that goes with its column comes with it too.
    let sequences = database.sequences.iter();
    lost.extend(
        sequences
            .filter(|sequence| sequence.owned_by.is_none() || sequence.loose)
            .map(|o| format!("sequence {}", o.name)),
    );
    lost.extend(database.views.iter().map(|o| format!("view {}", o.name)));
    lost.extend(database.routines.iter().map(|routine| {
        let kind = match routine.kind {
            RoutineKind::Function => "function",
            RoutineKind::Procedure => "procedure",
            RoutineKind::Aggregate => "aggregate",
        };
        format!("{kind} {}", routine.name)
    }));
    lost.extend(
        database
            .triggers
            .iter()
            .map(|trigger| format!("trigger {} on {}", trigger.name, trigger.table)),
    );
    lost.extend(database.events.iter().map(|o| format!("event {}", o.name)));
    lost.extend(
        database
            .opaque
            .iter()
            .map(|o| format!("{} {}", o.kind, o.name)),
    );
    lost.extend(
        database
            .comments
            .iter()
            .map(|o| format!("comment on {}", o.on)),
    );
    lost
}

/// What belongs to a table and no mapping says of it.
pub(super) fn of_table(table: &Table) -> Vec<String> {
    let mut lost = Vec::new();
    lost.extend(table.checks.iter().map(|check| match check.name_str() {
        "" => format!("check ({})", check.expr.text),
        name => format!("check {name} ({})", check.expr.text),
    }));
    lost.extend(
        table
            .partitioning
            .iter()
            .map(|partitioning| format!("partitioning {}", partitioning.clause.text)),
    );
    match &table.options {
        TableOptions::None => {}
        TableOptions::MySql(options) => {
            if table.partitioning.is_none() {
                lost.extend(
                    options
                        .partition
                        .iter()
                        .map(|text| format!("partitioning {text}")),
                );
            }
            lost.extend(
                options
                    .row_format
                    .iter()
                    .map(|text| format!("row format {text}")),
            );
            lost.extend(options.extra.iter().map(|text| format!("option {text}")));
        }
        TableOptions::Sqlite(options) => {
            let words = [
                (options.strict, "STRICT"),
                (options.without_rowid, "WITHOUT ROWID"),
            ];
            let given = words.iter().filter(|(given, _)| *given);
            lost.extend(given.map(|(_, word)| format!("option {word}")));
            lost.extend(options.conflicts.iter().cloned());
        }
        TableOptions::Postgres(options) => {
            if options.unlogged {
                lost.push("option UNLOGGED".to_owned());
            }
            lost.extend(options.storage.iter().map(|text| format!("option {text}")));
            lost.extend(
                options
                    .inherits
                    .iter()
                    .map(|name| format!("inheritance from {name}")),
            );
            lost.extend(options.partition_of.iter().map(|part| {
                let bound = &part.bound.text;
                format!("place as a partition of {} {bound}", part.parent)
            }));
            lost.extend(options.clauses.iter().map(|text| format!("option {text}")));
        }
    }
    lost.extend(table.opaque.iter().map(|text| format!("clause {text}")));
    lost
}

/// What an index has that is left out of a mapping.
pub(super) fn of_index(index: &Index) -> Option<String> {
    let mut lost: Vec<String> = Vec::new();
    for part in &index.parts {
        let Some(column) = part.as_column() else {
            continue;
        };
        match part.order {
            SortOrder::Asc => {}
            SortOrder::Desc => lost.push(format!("{column} DESC")),
        }
        lost.extend(part.nulls_first.map(|first| {
            let place = if first { "FIRST" } else { "LAST" };
            format!("{column} NULLS {place}")
        }));
        lost.extend(
            part.collation
                .iter()
                .map(|name| format!("{column} COLLATE {name}")),
        );
        lost.extend(
            part.operator_class
                .iter()
                .map(|class| format!("{column} {class}")),
        );
    }
    match &index.kind {
        IndexKind::Fulltext { parser } => {
            lost.extend(parser.iter().map(|parser| format!("WITH PARSER {parser}")));
        }
        IndexKind::Method(method) => lost.push(format!("USING {method}")),
        IndexKind::Plain | IndexKind::Spatial => {}
    }
    if !index.include.is_empty() {
        let columns: Vec<&str> = index.include.iter().map(Ident::as_str).collect();
        lost.push(format!("INCLUDE ({})", columns.join(", ")));
    }
    if index.nulls_not_distinct {
        lost.push("NULLS NOT DISTINCT".to_owned());
    }
    lost.extend(deferred(index.deferrable, index.initially_deferred));
    if index.invisible {
        lost.push("invisible".to_owned());
    }
    lost.extend(index.storage.iter().cloned());
    if index.comment.is_some() {
        lost.push("its comment".to_owned());
    }
    told(&lost)
}

/// What a foreign key has that is left out of an association.
pub(super) fn of_key(key: &ForeignKey) -> Option<String> {
    let mut lost: Vec<String> = Vec::new();
    match key.on_update {
        Some(RefAction::NoAction) | None => {}
        Some(
            action @ (RefAction::Restrict
            | RefAction::Cascade
            | RefAction::SetNull
            | RefAction::SetDefault),
        ) => lost.push(format!("ON UPDATE {}", action.sql())),
    }
    if !key.set_columns.is_empty() {
        let columns: Vec<&str> = key.set_columns.iter().map(Ident::as_str).collect();
        lost.push(format!("ON DELETE of ({})", columns.join(", ")));
    }
    match key.match_kind {
        MatchKind::Simple => {}
        MatchKind::Full => lost.push("MATCH FULL".to_owned()),
        MatchKind::Partial => lost.push("MATCH PARTIAL".to_owned()),
    }
    lost.extend(deferred(key.deferrable, key.initially_deferred));
    told(&lost)
}

fn deferred(deferrable: bool, initially: bool) -> Option<String> {
    let words = match (deferrable, initially) {
        (false, _) => return None,
        (true, false) => "DEFERRABLE",
        (true, true) => "DEFERRABLE INITIALLY DEFERRED",
    };
    Some(words.to_owned())
}

fn told(lost: &[String]) -> Option<String> {
    (!lost.is_empty()).then(|| lost.join(", "))
}
