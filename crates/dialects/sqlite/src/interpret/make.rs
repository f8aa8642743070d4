//! `CREATE …`: what it makes of the model.

use realign_model::{
    Expr, Ident, Index, IndexPart, IndexTarget, ObjectName, Opaque, Table, Trigger, View,
};
use realign_planner::ScriptStatement;

use super::stage::Holder;
use super::{Along, Carried, Refusal, Work, name};
use crate::assemble::{self, Known};
use crate::catalog::VIRTUAL_TABLE;
use crate::lower::fold;
use crate::reader::Reader;
use crate::stored::{self, StoredPart};
use crate::tokens::Kind;

impl Work {
    pub(super) fn create(
        &mut self,
        reader: &mut Reader<'_>,
        statement: &ScriptStatement,
    ) -> Carried {
        let temporary = reader.take("TEMP") || reader.take("TEMPORARY");
        let unique = reader.take("UNIQUE");
        let kind = if reader.take_all(&["VIRTUAL", "TABLE"]) {
            VIRTUAL_TABLE
        } else {
            ["TABLE", "VIEW", "INDEX", "TRIGGER"]
                .into_iter()
                .find(|kind| reader.take(kind))
                .ok_or_else(|| reader.unexpected("something that this engine can create"))?
        };
        let lenient = reader.take_all(&["IF", "NOT", "EXISTS"]);
        let name = name(reader)?;
        // The engine keeps the text from the bare name on, behind words of its own.
        let own = statement.sql.get(reader.start_of_last()..reader.end());
        let own = own.unwrap_or_default();
        if temporary || name.temporary {
            if matches!(kind, "TABLE" | "VIEW") {
                self.temporary.insert(fold(&name.text));
            }
            return Ok(());
        }
        let text = |head: &str| format!("CREATE {head} {own}");
        if kind != "TRIGGER"
            && let Some(holder) = self.stage.holder(&name.text).map(Holder::kind)
        {
            if lenient {
                return Ok(());
            }
            let wanted = kind.to_ascii_lowercase();
            return Err(Refusal::DoesNotFit(if wanted == holder {
                format!("the {holder} {} is there already", name.text)
            } else {
                format!(
                    "the {wanted} {} can't be made: a {holder} has that name",
                    name.text
                )
            }));
        }
        if lenient && kind == "TABLE" && self.is_shadow(&name.text) {
            return Ok(());
        }
        match kind {
            "TABLE" => {
                if reader.sees("AS") {
                    self.temporary.insert(fold(&name.text));
                    let origin = self.origin(statement);
                    self.unknown.insert(fold(&name.text), origin);
                    return Ok(());
                }
                let mut table = self.table(&name.text, reader, statement)?;
                table.source_text = Some(text("TABLE"));
                self.stage.push_table(table);
            }
            "VIEW" => {
                let sql = text("VIEW");
                let (columns, query) = stored::view_from(reader)?;
                self.stage.push_view(View {
                    name: ObjectName::bare(&name.text),
                    query: Expr::new(query),
                    columns: columns.into_iter().map(Ident::new).collect(),
                    materialized: false,
                    options: Vec::new(),
                    source_text: Some(sql),
                    settings: realign_model::SessionSettings::new(),
                    origin: self.origin(statement),
                });
            }
            "INDEX" => {
                let sql = text(if unique { "UNIQUE INDEX" } else { "INDEX" });
                self.index(&name.text, (unique, sql), reader, statement)?;
            }
            "TRIGGER" => {
                let table = triggers_table(reader)?;
                let sql = text("TRIGGER");
                self.trigger(&name.text, lenient, (&table, sql), statement)?;
            }
            _ => self.stage.push_opaque(Opaque {
                kind: VIRTUAL_TABLE.to_owned(),
                name: ObjectName::bare(&name.text),
                table: None,
                text: text("VIRTUAL TABLE"),
                origin: self.origin(statement),
            }),
        }
        Ok(())
    }

    fn table(
        &self,
        name: &str,
        reader: &mut Reader<'_>,
        statement: &ScriptStatement,
    ) -> Result<Table, Refusal> {
        let read = stored::table_from(reader)?;
        let mut table = Table::new(ObjectName::bare(name));
        table.origin = self.origin(statement);
        assemble::from_text(&mut table, &read, &Known::told(&read));
        let mut along = Along::new(statement, &self.path);
        for (column, read) in table.columns.iter_mut().zip(&read.columns) {
            column.origin = along.to(read.start);
        }
        for index in &mut table.indexes {
            index.origin = table.origin.clone();
        }
        for key in &mut table.foreign_keys {
            key.origin = table.origin.clone();
        }
        for check in &mut table.checks {
            check.origin = table.origin.clone();
        }
        Ok(table)
    }

    fn index(
        &mut self,
        name: &str,
        (unique, sql): (bool, String),
        reader: &mut Reader<'_>,
        statement: &ScriptStatement,
    ) -> Carried {
        reader.expect("ON")?;
        let table_name = reader.name()?;
        let origin = self.origin(statement);
        let (parts, predicate) = stored::index_from(reader)?;
        if self.temporary.contains(&fold(&table_name)) {
            return Ok(());
        }
        let Some(at) = self.stage.table_at(&table_name) else {
            return Err(Refusal::DoesNotFit(format!(
                "the index {name} is on the table {table_name}, which is not there"
            )));
        };
        let mut index = Index::over(Some(Ident::new(name)), [], unique);
        index.parts = parts
            .iter()
            .map(|read| self.part(read, at))
            .collect::<Result<_, _>>()?;
        let predicate = predicate.map(Expr::new);
        index.rare.put(predicate, |rare| &mut rare.predicate);
        index.source_text = Some(sql);
        index.origin = origin;
        self.stage.push_index(at, index);
        Ok(())
    }

    fn trigger(
        &mut self,
        name: &str,
        lenient: bool,
        (table, sql): (&str, String),
        statement: &ScriptStatement,
    ) -> Carried {
        if self.temporary.contains(&fold(table)) {
            return Ok(());
        }
        if self.stage.has_trigger(name) {
            return if lenient {
                Ok(())
            } else {
                Err(Refusal::DoesNotFit(format!(
                    "the trigger {name} is there already"
                )))
            };
        }
        if matches!(self.stage.holder(table), None | Some(Holder::Index(..))) {
            return Err(Refusal::DoesNotFit(format!(
                "the trigger {name} is on {table}, which is not there"
            )));
        }
        self.stage.push_trigger(Trigger {
            name: ObjectName::bare(name),
            table: ObjectName::bare(self.stage.spelled(table)),
            source_text: Expr::new(sql),
            settings: realign_model::SessionSettings::new(),
            origin: self.origin(statement),
        });
        Ok(())
    }

    /// A part of an index, as the engine would list it.
    fn part(&mut self, read: &StoredPart, at: usize) -> Result<IndexPart, Refusal> {
        let inner = inner_name(&read.text);
        let name = read.column.clone().or(inner);
        let mut made = IndexPart::column(Ident::new(""));
        made.order = read.order;
        let table = &self.stage.database.tables[at];
        let column = name
            .as_deref()
            .and_then(|name| self.stage.wide.find(at, table, name))
            .and_then(|place| table.columns.get(place));
        match (column, &name) {
            (Some(column), _) => {
                made.target = IndexTarget::Column(Ident::new(&column.name.text));
                let own = column.collation.as_deref().unwrap_or("BINARY");
                let collation = (read.collation.clone())
                    .filter(|collation| !collation.eq_ignore_ascii_case(own));
                made.rare.put(collation, |rare| &mut rare.collation);
            }
            (None, Some(name)) if read.column.is_some() && !is_rowid(name) => {
                return Err(Refusal::DoesNotFit(format!(
                    "the table {} has no column {name} for an index",
                    table.name
                )));
            }
            (None, _) => {
                made.target = IndexTarget::Expr(Expr::new(&read.text));
                let collation = read.collation.clone();
                made.rare.put(collation, |rare| &mut rare.collation);
            }
        }
        Ok(made)
    }
}

fn is_rowid(name: &str) -> bool {
    ["rowid", "oid", "_rowid_"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
}

/// The name in `(name)`: parentheses make no expression of a column.
pub(crate) fn inner_name(text: &str) -> Option<String> {
    let found = crate::tokens::tokens(text).ok()?;
    let mut inner = found.as_slice();
    while let [first, middle @ .., last] = inner {
        if !(first.is_symbol("(") && last.is_symbol(")")) {
            break;
        }
        inner = middle;
    }
    match inner {
        [one] if matches!(one.kind, Kind::Word | Kind::Quoted) => one.name(),
        _ => None,
    }
}

/// The table that a trigger is on, from what follows its name.
fn triggers_table(reader: &mut Reader<'_>) -> Result<String, Refusal> {
    while let Some(token) = reader.peek() {
        if token.is("BEGIN") {
            break;
        }
        if reader.take("ON") {
            let first = reader.name()?;
            return Ok(if reader.take_symbol(".") {
                reader.name()?
            } else {
                first
            });
        }
        reader.skip();
    }
    Err(reader.unexpected("ON and a table").into())
}
