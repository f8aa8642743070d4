//! What nobody declared and what stands on a column that gets another type: indexes, computed
//! columns, triggers, views, policies, statistics.
//!
//! It stays, and the server makes it again over the new type, or refuses to. Which of the two is
//! asked before the first statement: of operator classes in the catalogue, of expressions by a
//! query over empty tables of the new types, which is planned and never run.

use realign_model::{Ident, Index, IndexTarget, ObjectName, Opaque};
use realign_planner::{Aspect, Change, Object, Phase, Precheck, Step, TableChange, TableItem};

use super::scene::Scene;
use crate::objects::names_in;
use crate::parse::{Cursor, TriggerText};
use crate::render::{beside, ident, idents, object_name, string_literal};
use crate::{dependents, types};

/// Codes with which the server says that a function, an operator or a cast is not there for these
/// types.
const NO_SUCH: [&str; 4] = ["42883", "42804", "42846", "42725"];

/// Adds the questions to the first step of each table of which a column changes its type.
pub(super) fn ask(changes: &[Change], scene: &Scene<'_>, steps: &mut [Step]) {
    let mut shadows = Vec::new();
    let mut retyped = Vec::new();
    for change in &scene.changed {
        let columns = retyped_columns(change, scene);
        if !columns.is_empty() {
            shadows.push((scene.before(change).table, shadow(change)));
            retyped.push((*change, columns));
        }
    }
    for (change, columns) in &retyped {
        let place = Place {
            change,
            columns,
            table: scene.before(change).table,
            shadow: shadow(change),
            scene,
        };
        let mut found = place.indexes();
        found.extend(place.computed());
        found.extend(place.triggers(changes));
        found.extend(place.opaque(changes));
        found.extend(place.views(changes, &shadows));
        let now = scene.now(change).to_string();
        let mut own = steps.iter_mut();
        if let Some(step) = own.find(|s| s.phase == Phase::Alter && s.object == now) {
            step.prechecks.append(&mut found);
        }
    }
}

/// A column with its name of before and the type that it gets, as SQL.
struct Retyped {
    name: Ident,
    wish: String,
    base: String,
}

fn retyped_columns(change: &TableChange, scene: &Scene<'_>) -> Vec<Retyped> {
    let of = |item: &TableItem| match item {
        TableItem::ModifyColumn {
            wish, differences, ..
        } if differences.iter().any(|d| d.aspect == Aspect::Type) => Some(Retyped {
            name: Scene::column_before(change, &wish.name)?,
            wish: types::render(&wish.data_type),
            base: types::render(&Scene::base(&wish.data_type, scene.wish)),
        }),
        _ => None,
    };
    change.items.iter().filter_map(of).collect()
}

/// The table as it will be, without rows, under the names of before.
fn shadow(change: &TableChange) -> String {
    let columns = change.target.columns.iter().filter_map(|column| {
        let name = Scene::column_before(change, &column.name)?;
        let spelled = types::render(&column.data_type);
        Some(format!("NULL::{spelled} AS {}", ident(&name)))
    });
    let columns: Vec<String> = columns.collect();
    format!("(SELECT {} WHERE false)", columns.join(", "))
}

/// A table of which columns change their types.
struct Place<'a> {
    change: &'a TableChange,
    columns: &'a [Retyped],
    /// Its name of before.
    table: ObjectName,
    shadow: String,
    scene: &'a Scene<'a>,
}

impl Place<'_> {
    /// The first of the columns that a text names.
    fn named(&self, text: &str) -> Option<&Retyped> {
        let words = names_in(text);
        let mut columns = self.columns.iter();
        columns.find(|column| words.contains(&column.name.text))
    }

    fn refusal(&self, column: &Retyped, what: &str, help: &str) -> Precheck {
        Precheck {
            code: "R223".to_owned(),
            message: format!(
                "{}.{} can't become {}",
                self.table, column.name, column.wish
            ),
            count_text: format!("{what}, which is not declared, can't be made over it"),
            count_sql: String::new(),
            sample_sql: String::new(),
            help: help.to_owned(),
            lossy: false,
            refused_with: Vec::new(),
            origin: self.change.target.origin.clone(),
        }
    }

    /// Whether the server could read an expression over the new types.
    fn read(&self, column: &Retyped, what: &str, query: &str, help: &str) -> Precheck {
        Precheck {
            count_sql: format!("EXPLAIN {query}"),
            refused_with: NO_SUCH.map(str::to_owned).to_vec(),
            ..self.refusal(column, what, help)
        }
    }

    fn over(&self, expressions: &str) -> String {
        let alias = ident(&self.table.name);
        format!("SELECT {expressions} FROM {} AS {alias}", self.shadow)
    }

    /// Indexes that stay.
    fn indexes(&self) -> Vec<Precheck> {
        let declared = self.scene.wished(&self.change.target.name);
        let same = |a: &Index, b: &Index| a.name == b.name;
        let is_declared = |index: &Index| {
            let mut own = declared.iter().flat_map(|table| &table.indexes);
            own.any(|other| same(other, index))
        };
        let stays = |index: &&Index| {
            let made = self.change.items.iter().any(|item| match item {
                TableItem::AddIndex(other) | TableItem::ReplaceIndex { wish: other, .. } => {
                    same(other, index)
                }
                _ => false,
            });
            !made && !is_declared(index)
        };
        let mut found = Vec::new();
        for index in self.change.target.indexes.iter().filter(stays) {
            let Some(name) = &index.name else {
                continue;
            };
            let what = format!("the index {name}");
            let help = format!(
                "`--complete` drops what is not declared; or drop it by a migration: DROP INDEX {}",
                beside(&self.table, name)
            );
            for column in self.columns {
                let part = index.parts.iter().find(|part| {
                    part.as_column()
                        .is_some_and(|own| Scene::same_column(own, &column.name))
                });
                if let Some(part) = part {
                    let explicit = part.operator_class.is_some();
                    let sql = classes(&beside(&self.table, name), column, explicit);
                    found.push(Precheck {
                        count_sql: format!("SELECT count(*) {sql}"),
                        sample_sql: format!("SELECT c.opcname AS \"operator class\" {sql}"),
                        ..self.refusal(column, &what, &help)
                    });
                }
            }
            let mut said: Vec<&str> = index
                .parts
                .iter()
                .filter_map(|part| match &part.target {
                    IndexTarget::Expr(expr) => Some(expr.as_str()),
                    IndexTarget::Column(_) => None,
                })
                .collect();
            said.extend(index.predicate.iter().map(realign_model::Expr::as_str));
            let list: Vec<String> = said.iter().map(|text| format!("({text})")).collect();
            let list = list.join(", ");
            if let Some(column) = self.named(&list) {
                found.push(self.read(column, &what, &self.over(&list), &help));
            }
        }
        found
    }

    /// Computed columns that stay.
    fn computed(&self) -> Vec<Precheck> {
        let declared = self.scene.wished(&self.change.target.name);
        let mut found = Vec::new();
        for column in &self.change.target.columns {
            let mut own = declared.iter().flat_map(|table| &table.columns);
            let Some(generated) = column.generated.as_ref() else {
                continue;
            };
            if own.any(|other| Scene::same_column(&other.name, &column.name)) {
                continue;
            }
            if let Some(retyped) = self.named(generated.expr.as_str()) {
                found.push(self.read(
                    retyped,
                    &format!("the computed column {}", column.name),
                    &self.over(&format!("({})", generated.expr)),
                    "`--complete` drops what is not declared; or drop the column by a migration",
                ));
            }
        }
        found
    }

    /// Triggers that stay, by their conditions.
    fn triggers(&self, changes: &[Change]) -> Vec<Precheck> {
        let mut found = Vec::new();
        for trigger in &self.scene.is.triggers {
            let changed = changes.iter().any(|change| match change {
                Change::DropTrigger(other) | Change::ReplaceTrigger { is: other, .. } => {
                    other.name == trigger.name && other.table == trigger.table
                }
                _ => false,
            });
            let declared = self.scene.wish.triggers.iter().any(|other| {
                other.name.name == trigger.name.name && other.table.name == trigger.table.name
            });
            if changed || declared || trigger.table != self.table {
                continue;
            }
            let text = TriggerText::read(trigger.source_text.as_str());
            let Some(when) = text.and_then(|text| text.when) else {
                continue;
            };
            if let Some(column) = self.named(&when) {
                let query = format!("SELECT ({when}) FROM {0} AS old, {0} AS new", self.shadow);
                found.push(self.read(
                    column,
                    &format!("the trigger {}", trigger.name.name),
                    &query,
                    "`--complete` drops what is not declared; or drop the trigger by a migration",
                ));
            }
        }
        found
    }

    /// Policies and statistics that stay.
    fn opaque(&self, changes: &[Change]) -> Vec<Precheck> {
        let mut found = Vec::new();
        for opaque in &self.scene.is.opaque {
            let own = |other: &Opaque| {
                other.kind == opaque.kind
                    && other.name == opaque.name
                    && other.table == opaque.table
            };
            let goes = |change: &Change| matches!(change, Change::DropObject(Object::Opaque(other)) if own(other));
            if self.scene.wish.opaque.iter().any(own) || changes.iter().any(goes) {
                continue;
            }
            let Some((table, list)) = conditions(opaque) else {
                continue;
            };
            if table != self.table {
                continue;
            }
            if let Some(column) = self.named(&list) {
                let what = format!("the {} {}", opaque.kind, opaque.name);
                let help = format!(
                    "drop it by a migration, or make it for the new type, then run it again: {}",
                    removal(opaque, &table)
                );
                found.push(self.read(column, &what, &self.over(&list), &help));
            }
        }
        found
    }

    /// Views that stay, by their queries: each table that changes, and each view before it, is a
    /// part of the query under its own name.
    fn views(&self, changes: &[Change], shadows: &[(ObjectName, String)]) -> Vec<Precheck> {
        let mut with: Vec<String> = shadows
            .iter()
            .map(|(table, rows)| format!("{} AS {rows}", ident(&table.name)))
            .collect();
        let mut found = Vec::new();
        let mut readers = vec![self.table.name.text.clone()];
        for view in dependents::in_order(self.scene.is.views.iter().collect()) {
            let changed = changes.iter().any(|change| match change {
                Change::DropView(other) | Change::ReplaceView { is: other, .. } => {
                    other.name == view.name
                }
                _ => false,
            });
            let words = names_in(&view.query.text);
            let reads = readers.iter().any(|name| words.contains(name));
            let declared = self.scene.wish.views.iter().any(|v| v.name == view.name);
            if changed || declared || !reads {
                continue;
            }
            let query = view.query.text.trim().trim_end_matches(';');
            let Some(column) = self.named(query).or(self.columns.first()) else {
                continue;
            };
            let whole = format!("WITH {} {query}", with.join(", "));
            // A view with a part of its own would need the two lists as one.
            if query.to_ascii_lowercase().starts_with("with ") {
                continue;
            }
            found.push(self.read(
                column,
                &format!("the view {}", view.name),
                &whole,
                "`--complete` drops what is not declared; or drop the view, or make it otherwise, by a migration",
            ));
            readers.push(view.name.name.text.clone());
            let columns = if view.columns.is_empty() {
                String::new()
            } else {
                format!(" ({})", idents(&view.columns))
            };
            with.push(format!("{}{columns} AS ({query})", ident(&view.name.name)));
        }
        found
    }
}

/// The operator classes of an index that do not take a column's new type: those that it names,
/// or, where it names none, that there is no usual one for the type.
fn classes(index: &str, column: &Retyped, explicit: bool) -> String {
    let usable = if explicit {
        "d.oid = c.oid"
    } else {
        "d.opcdefault"
    };
    format!(
        "FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey::int2[], i.indclass::oid[]) AS k (attnum, class) \
         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum \
         JOIN pg_opclass c ON c.oid = k.class JOIN pg_type t ON t.oid = to_regtype({}) \
         WHERE i.indexrelid = to_regclass({}) AND a.attname = {} AND NOT EXISTS (SELECT 1 FROM pg_opclass d \
         JOIN pg_type w ON w.oid = d.opcintype WHERE d.opcmethod = c.opcmethod AND {usable} AND (w.oid = t.oid \
         OR w.typtype = 'p' AND (w.typname = 'anyarray' AND t.typcategory = 'A' OR w.typname = 'anyenum' AND t.typtype = 'e' \
         OR w.typname = 'anyrange' AND t.typtype = 'r' OR w.typname = 'anymultirange' AND t.typtype = 'm' \
         OR w.typname = 'record' AND t.typtype = 'c') \
         OR EXISTS (SELECT 1 FROM pg_cast s WHERE s.castsource = t.oid AND s.casttarget = w.oid \
         AND s.castmethod = 'b' AND s.castcontext = 'i')))",
        string_literal(&column.base),
        string_literal(index),
        string_literal(&column.name.text),
    )
}

/// The table of a policy or of statistics, and what they say of its columns.
fn conditions(opaque: &Opaque) -> Option<(ObjectName, String)> {
    if opaque.kind == "policy" {
        let table = opaque.table.clone()?;
        let mut cursor = Cursor::new(&opaque.text);
        let mut said = Vec::new();
        while !cursor.is_done() {
            if cursor.take("using") || cursor.take_all(&["with", "check"]) {
                said.push(format!("({})", cursor.group().ok()?));
            } else {
                cursor.skip();
            }
        }
        return Some((table, said.join(", ")));
    }
    if opaque.kind != "statistics" {
        return None;
    }
    let mut cursor = Cursor::new(&opaque.text);
    while !cursor.is_done() && !cursor.take("on") {
        cursor.skip();
    }
    let start = cursor.mark();
    let mut depth = 0_usize;
    while !cursor.is_done() && (depth > 0 || !cursor.sees("from")) {
        if cursor.sees_symbol("(") {
            depth += 1;
        } else if cursor.sees_symbol(")") {
            depth = depth.saturating_sub(1);
        }
        cursor.skip();
    }
    let list = cursor.since(start).to_owned();
    cursor.take("from").then_some(())?;
    let path = cursor.path().ok()?;
    let schema = path.schema.as_deref().map(crate::render::live_ident);
    let table = ObjectName::new(schema, crate::render::live_ident(&path.name));
    Some((table, list))
}

fn removal(opaque: &Opaque, table: &ObjectName) -> String {
    if opaque.kind == "policy" {
        let name = ident(&opaque.name.name);
        return format!("DROP POLICY {name} ON {}", object_name(table));
    }
    format!("DROP STATISTICS {}", object_name(&opaque.name))
}
