//! What is asked one by one: views and routines as they are written, sequences, tables that are
//! only shown or told of in part.

use realign_model::{
    Database, Expr, IndexKind, ObjectName, Opaque, Origin, Partitioning, RoutineKind, Sequence,
};
use realign_planner::{Facts, Rows};

use super::row::Row;
use crate::interpret::WITH_PERIODS;
use crate::parse::{self, Action, KeyKind, Statement};
use crate::sequence;
use crate::split::Reading;

/// One answer, told apart by the name of its first column.
pub(super) fn read(database: &mut Database, rows: &Rows, facts: &Facts) {
    let kind = rows.columns.first().map_or("", String::as_str);
    for row in rows.rows.iter().map(|values| Row(values)) {
        match kind {
            "View" => view(database, row, facts),
            "Table" => table(database, row, facts),
            "Function" | "Procedure" => routine(database, kind == "Function", row),
            "sequence_name" => found(database, row),
            _ => {}
        }
    }
}

/// A table as it is written: all of one that is only shown, which one with periods is as well, the
/// parsers of full-text indexes, and the partitions of a list that has one for the rest.
fn table(database: &mut Database, row: Row<'_>, facts: &Facts) {
    let name = ObjectName::bare(row.text(0));
    let text = row.text(1);
    if let Some(opaque) = database.opaque.iter_mut().find(|o| o.name == name) {
        text.clone_into(&mut opaque.text);
        return;
    }
    let at = database.tables.iter().position(|table| table.name == name);
    // The server puts what older ones would not understand into comments.
    let plain = parse::plain(text, &Reading::of(facts));
    let (Some(at), Ok(Statement::CreateTable(said))) = (at, parse::statement(&plain.text, facts))
    else {
        return;
    };
    let actions = said.actions.into_iter().map(|placed| placed.action);
    let is_period = |action: &Action| matches!(action, Action::Period { .. });
    if actions.clone().any(|action| is_period(&action)) {
        let table = database.tables.remove(at);
        database.opaque.push(Opaque {
            kind: WITH_PERIODS.to_owned(),
            name,
            table: None,
            text: text.to_owned(),
            origin: table.origin,
        });
        return;
    }
    let by = actions.clone().find_map(|action| match action {
        Action::PartitionBy(by) => Some(by),
        _ => None,
    });
    if let Some(by) = by.filter(|by| by.has_rest()) {
        database.tables[at].partitioning = Some(Partitioning {
            clause: Expr::new(by.clause()),
        });
    }
    let parsers = actions.filter_map(|action| match action {
        Action::AddKey(key) if key.kind == KeyKind::Fulltext => Some((key.name?, key.parser?)),
        _ => None,
    });
    for (name, parser) in parsers {
        let mut indexes = database.tables[at].indexes.iter_mut();
        if let Some(index) = indexes.find(|index| index.name_str() == name.text) {
            index.kind = IndexKind::Fulltext {
                parser: Some(parser),
            };
        }
    }
}

/// The query of a view with all that it says of its literals.
fn view(database: &mut Database, row: Row<'_>, facts: &Facts) {
    let view = database
        .views
        .iter_mut()
        .find(|view| view.name.name.text == row.text(0));
    if let (Some(view), Ok(Statement::CreateView(said))) =
        (view, parse::statement(row.text(1), facts))
    {
        let own = facts.setting("current_database");
        let own = format!("{}.", crate::render::quote_ident(own));
        view.query = Expr::new(said.query.replace(&own, ""));
        // One that was chosen: MySQL's catalogue does not tell it.
        let is_algorithm = |option: &&String| option.starts_with("ALGORITHM=");
        let chosen = said.options.iter().find(is_algorithm);
        if let Some(option) = chosen.filter(|option| !option.ends_with("=UNDEFINED"))
            && !view.options.iter().any(|option| is_algorithm(&option))
        {
            view.options.insert(0, option.clone());
        }
    }
}

/// A routine as it was written; hidden from an account without rights on it.
fn routine(database: &mut Database, function: bool, row: Row<'_>) {
    let found = database.routines.iter_mut().find(|routine| {
        (routine.kind == RoutineKind::Function) == function && routine.name.name.text == row.text(0)
    });
    if let (Some(routine), Some(text)) = (found, row.filled(2)) {
        routine.source_text = Expr::new(text.trim());
    }
}

/// A sequence, which was only shown so far.
fn found(database: &mut Database, row: Row<'_>) {
    let name = ObjectName::bare(row.text(0));
    let number = |at: usize| row.integer(at);
    let (Some(start), Some(increment)) = (number(1), number(2)) else {
        return;
    };
    database.opaque.retain(|opaque| opaque.name != name);
    let mut sequence = Sequence {
        name,
        data_type: None,
        start,
        increment,
        min: number(3),
        max: number(4),
        cache: number(5).and_then(|number| u64::try_from(number).ok()),
        cycle: number(6) == Some(1),
        unlogged: false,
        owned_by: None,
        loose: false,
        origin: Origin::Server,
    };
    sequence::leave_out_what_is_usual(&mut sequence);
    database.sequences.push(sequence);
}
