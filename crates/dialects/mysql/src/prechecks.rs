//! Questions to the data before the first statement: would it refuse a step?
//!
//! Asked of the database as it is, so by the present names of tables and columns.

mod narrow;

use realign_model::{
    Check, Column, DataType, ForeignKey, Ident, Identity, IndexPart, IndexTarget, Origin, Table,
};
use realign_planner::{Aspect, Precheck, TableChange, TableItem};

use crate::expr::{default_of, mentions};
use crate::lower::{Modified, Scene, table_key};
use crate::render::{quote_ident, string_literal};

/// NULLs where none may be.
const NULLS: &str = "R201";
/// Values that stand more than once.
pub(crate) const DUPLICATES: &str = "R204";
/// References to nothing.
const ORPHANS: &str = "R205";
/// A new column without a value for the rows that are there.
const NO_VALUE: &str = "R210";
/// Rows that a check refuses.
const VIOLATIONS: &str = "R211";
/// Something else is tied to it.
const TIED: &str = "R212";

/// Rows of a table, a condition away from being a question.
struct Rows<'a> {
    /// The present name, quoted.
    table: String,
    /// The key's present columns, to find the rows by.
    key: Vec<String>,
    origin: &'a Origin,
}

impl<'a> Rows<'a> {
    fn of(change: &TableChange, origin: &'a Origin, scene: &Scene<'_>) -> Self {
        Self::in_table(&change.is, origin, scene)
    }

    fn in_table(live: &Table, origin: &'a Origin, scene: &Scene<'_>) -> Self {
        let key = live.primary_key.as_ref().map_or_else(Vec::new, |key| {
            key.columns()
                .map(|name| {
                    let old = scene.names.old_column(&live.name, name, scene.facts);
                    quote_ident(&old.text)
                })
                .collect()
        });
        Self {
            table: quote_ident(&scene.names.old_table(&live.name, scene.facts).name.text),
            key,
            origin,
        }
    }

    /// A question for the rows of a condition; the samples show their key and `shown`.
    fn precheck(&self, code: &str, condition: &str, shown: &[String], said: Said) -> Precheck {
        let mut columns = self.key.clone();
        columns.extend(shown.iter().filter(|c| !self.key.contains(c)).cloned());
        if columns.is_empty() {
            columns.push("*".to_owned());
        }
        Precheck {
            code: code.to_owned(),
            message: said.message,
            count_text: said.count_text,
            count_sql: format!("SELECT COUNT(*) FROM {} WHERE {condition}", self.table),
            sample_sql: format!(
                "SELECT {} FROM {} WHERE {condition} LIMIT 5",
                columns.join(", "),
                self.table
            ),
            help: said.help,
            lossy: said.lossy,
            origin: self.origin.clone(),
        }
    }
}

/// What a person is told.
struct Said {
    message: String,
    count_text: String,
    help: String,
    lossy: bool,
}

impl Said {
    fn new(message: String, count_text: &str, help: &str) -> Self {
        Self {
            message,
            count_text: count_text.to_owned(),
            help: help.to_owned(),
            lossy: false,
        }
    }
}

/// A present column by its new name.
fn present(change: &TableChange, name: &Ident, scene: &Scene<'_>) -> Option<(String, Column)> {
    let live = change.is.column_ignoring_case(name.as_str())?;
    let old = scene
        .names
        .old_column(&change.is.name, &live.name, scene.facts);
    Some((quote_ident(&old.text), live.clone()))
}

/// Questions for a column that changes.
pub(crate) fn modified_column(
    modified: &Modified<'_>,
    change: &TableChange,
    scene: &Scene<'_>,
) -> Vec<Precheck> {
    let rows = Rows::of(change, &modified.wish.origin, scene);
    let column = quote_ident(&modified.from.text);
    let object = format!("{}.{}", change.is.name, modified.wish.name);
    let mut found = Vec::new();
    let has = |aspect| modified.differences.iter().any(|d| d.aspect == aspect);
    // A generated column computes its values anew.
    if modified.wish.generated.is_some() {
        return found;
    }
    if has(Aspect::Nullability) && modified.is.nullable {
        found.push(rows.precheck(
            NULLS,
            &format!("{column} IS NULL"),
            std::slice::from_ref(&column),
            Said::new(
                format!("{object} can't become NOT NULL"),
                "{n} rows have NULL there",
                "give these rows a value first",
            ),
        ));
    }
    if has(Aspect::Type) || has(Aspect::Collation) {
        for narrow in narrow::conditions(&column, modified.is, modified.wish, change) {
            found.push(rows.precheck(
                narrow.code,
                &narrow.condition,
                std::slice::from_ref(&column),
                Said {
                    message: format!("{object} {}", narrow.message),
                    count_text: narrow.count_text,
                    help: narrow.help.to_owned(),
                    lossy: narrow.lossy,
                },
            ));
        }
        found.extend(unique_keys_over(&modified.wish.name, change, scene));
    }
    found
}

/// Unique keys that stay, over a column whose values may come to equal each other.
fn unique_keys_over(name: &Ident, change: &TableChange, scene: &Scene<'_>) -> Vec<Precheck> {
    let gone: Vec<&str> = change
        .items
        .iter()
        .filter_map(|item| match item {
            TableItem::DropIndex(index) | TableItem::ReplaceIndex { is: index, .. } => {
                Some(index.name_str())
            }
            _ => None,
        })
        .collect();
    let covers = |parts: &[IndexPart]| {
        parts.iter().any(|part| {
            part.as_column()
                .is_some_and(|column| column.text.eq_ignore_ascii_case(&name.text))
        })
    };
    let key_changes = change
        .items
        .iter()
        .any(|item| matches!(item, TableItem::SetPrimaryKey { .. }));
    let keys = change
        .is
        .indexes
        .iter()
        .filter(|index| index.unique && !gone.contains(&index.name_str()))
        .map(|index| (&index.parts, format!("index {}", index.name_str())))
        .chain(
            change
                .is
                .primary_key
                .iter()
                .filter(|_| !key_changes)
                .map(|key| (&key.parts, "primary key".to_owned())),
        );
    keys.filter(|(parts, _)| covers(parts))
        .flat_map(|(parts, what)| {
            duplicates(
                parts,
                &format!("{} {what}", change.is.name),
                &Origin::None,
                change,
                scene,
            )
        })
        .collect()
}

/// Questions for a table that is converted to another character set or collation.
pub(crate) fn converted_table(change: &TableChange, scene: &Scene<'_>) -> Vec<Precheck> {
    let mut found = Vec::new();
    for column in change.is.columns.iter().filter(|c| c.data_type.is_text()) {
        let Some(wish) = change.target.column_ignoring_case(column.name.as_str()) else {
            continue;
        };
        let modified = change.items.iter().any(|item| {
            matches!(item, TableItem::ModifyColumn { wish: other, .. }
                if other.name.text.eq_ignore_ascii_case(&wish.name.text))
        });
        if modified {
            continue;
        }
        let rows = Rows::of(change, &change.target.origin, scene);
        let Some((name, live)) = present(change, &column.name, scene) else {
            continue;
        };
        for narrow in narrow::conditions(&name, &live, wish, change) {
            found.push(rows.precheck(
                narrow.code,
                &narrow.condition,
                std::slice::from_ref(&name),
                Said {
                    message: format!("{}.{} {}", change.is.name, column.name, narrow.message),
                    count_text: narrow.count_text,
                    help: narrow.help.to_owned(),
                    lossy: narrow.lossy,
                },
            ));
        }
        for precheck in unique_keys_over(&column.name, change, scene) {
            if !found
                .iter()
                .any(|known| known.count_sql == precheck.count_sql)
            {
                found.push(precheck);
            }
        }
    }
    found
}

/// Questions for a key that has to be unique.
pub(crate) fn duplicates(
    parts: &[IndexPart],
    object: &str,
    origin: &Origin,
    change: &TableChange,
    scene: &Scene<'_>,
) -> Vec<Precheck> {
    let mut values = Vec::new();
    let mut shown = Vec::new();
    let mut conditions = Vec::new();
    for part in parts {
        let name = match &part.target {
            IndexTarget::Column(name) => name,
            // Over the present columns the expression says the same, unless one is new or
            // has another name: then only the server can tell.
            IndexTarget::Expr(expr) => {
                if change.items.iter().any(|item| match item {
                    TableItem::AddColumn(column) => mentions(expr, column.name.as_str()),
                    TableItem::RenameColumn { to, .. } => mentions(expr, to.as_str()),
                    _ => false,
                }) {
                    return Vec::new();
                }
                values.push(format!("({expr})"));
                conditions.push(format!("({expr}) IS NOT NULL"));
                continue;
            }
        };
        let Some((column, live)) = present(change, name, scene) else {
            // New: AUTO_INCREMENT gives each row its own; NULLs are never alike; one
            // default for all rows tells none of them apart.
            let Some(added) = change.target.column_ignoring_case(name.as_str()) else {
                return Vec::new();
            };
            let no_default = default_of(added.default.as_ref(), &added.data_type).text() == "NULL";
            if added.identity == Some(Identity::AutoIncrement)
                || added.generated.is_some()
                || (added.nullable && no_default)
            {
                return Vec::new();
            }
            continue;
        };
        let mut value = narrow::as_will_be(&column, &live, name, change);
        if let Some(prefix) = part.prefix {
            value = format!("LEFT({value}, {prefix})");
        }
        values.push(value);
        if live.nullable {
            conditions.push(format!("{column} IS NOT NULL"));
        }
        shown.push(column);
    }
    let table = quote_ident(
        &scene
            .names
            .old_table(&change.is.name, scene.facts)
            .name
            .text,
    );
    let filter = if conditions.is_empty() {
        String::new()
    } else {
        format!(" WHERE {}", conditions.join(" AND "))
    };
    let help = "make these values differ, or delete the rows that are too many".to_owned();
    let (count_sql, sample_sql) = if values.is_empty() {
        (
            format!("SELECT COUNT(*) FROM (SELECT COUNT(*) AS n FROM {table}) AS t WHERE n > 1"),
            format!("SELECT COUNT(*) AS `rows` FROM {table}"),
        )
    } else {
        let group = values.join(", ");
        let sample: Vec<String> = if shown.len() == values.len() {
            shown
                .iter()
                .map(|column| format!("MIN({column}) AS {column}"))
                .collect()
        } else {
            values.clone()
        };
        (
            format!(
                "SELECT COUNT(*) FROM (SELECT 1 FROM {table}{filter} GROUP BY {group} HAVING COUNT(*) > 1) AS t"
            ),
            format!(
                "SELECT {}, COUNT(*) AS `rows` FROM {table}{filter} GROUP BY {group} HAVING COUNT(*) > 1 LIMIT 5",
                sample.join(", ")
            ),
        )
    };
    vec![Precheck {
        code: DUPLICATES.to_owned(),
        message: format!("{object} can't become unique"),
        count_text: "{n} values stand more than once".to_owned(),
        count_sql,
        sample_sql,
        help,
        lossy: false,
        origin: origin.clone(),
    }]
}

/// Questions for a foreign key: does every value refer to something?
pub(crate) fn orphans(table: &Table, key: &ForeignKey, scene: &Scene<'_>) -> Vec<Precheck> {
    // A new table has no rows.
    let Some(live) = scene.live(&table.name) else {
        return Vec::new();
    };
    let said = Said::new(
        format!(
            "{} can't get its foreign key to {}",
            table.name, key.ref_table
        ),
        "{n} rows refer to nothing",
        "delete these rows, or let them refer to something that exists",
    );
    let rows = Rows::in_table(live, &key.origin, scene);
    let parent = scene.live(&key.ref_table);
    let mut conditions = Vec::new();
    let mut matches = Vec::new();
    let mut shown = Vec::new();
    for (at, name) in key.columns.iter().enumerate() {
        let old = |holder: &Table, name: &Ident| {
            quote_ident(&scene.names.old_column(&holder.name, name, scene.facts).text)
        };
        let referenced = parent.and_then(|parent| {
            let name = key.ref_columns.get(at)?;
            let column = parent.column_ignoring_case(name.as_str())?;
            Some((old(parent, &column.name), column))
        });
        match live.column_ignoring_case(name.as_str()) {
            Some(column) => {
                let child = old(live, &column.name);
                conditions.push(format!("c.{child} IS NOT NULL"));
                if let Some((parent, referenced)) = referenced {
                    matches.push(format!(
                        "p.{parent} = {}",
                        comparable(&format!("c.{child}"), column, referenced)
                    ));
                }
                shown.push(child);
            }
            None => {
                let Some(added) = scene.future_column(&table.name, name) else {
                    return Vec::new();
                };
                match implicit_value(added) {
                    Some(value) => {
                        if let Some((parent, _)) = referenced {
                            matches.push(format!("p.{parent} = {value}"));
                        }
                    }
                    // NULL refers to nothing, and may.
                    None => return Vec::new(),
                }
            }
        }
    }
    if parent.is_some() && matches.len() == key.columns.len() {
        let parent = quote_ident(&scene.names.old_table(&key.ref_table, scene.facts).name.text);
        conditions.push(format!(
            "NOT EXISTS (SELECT 1 FROM {parent} AS p WHERE {})",
            matches.join(" AND ")
        ));
    }
    if conditions.is_empty() {
        conditions.push("1 = 1".to_owned());
    }
    let shown: Vec<String> = shown.iter().map(|c| format!("c.{c}")).collect();
    let rows = Rows {
        table: format!("{} AS c", rows.table),
        key: rows.key.iter().map(|c| format!("c.{c}")).collect(),
        origin: rows.origin,
    };
    vec![rows.precheck(ORPHANS, &conditions.join(" AND "), &shown, said)]
}

/// A child's value so that it can be compared with its parent's: two collations can't.
fn comparable(value: &str, child: &Column, parent: &Column) -> String {
    match (&child.collation, &parent.collation, &parent.charset) {
        (Some(a), Some(b), Some(charset)) if a != b => {
            format!("CONVERT({value} USING {charset}) COLLATE {b}")
        }
        _ => value.to_owned(),
    }
}

/// What present rows get in a new column; none for NULL.
fn implicit_value(column: &Column) -> Option<String> {
    use crate::expr::Default;

    match default_of(column.default.as_ref(), &column.data_type) {
        Default::None if column.nullable => None,
        Default::None if column.data_type.is_text() => Some("''".to_owned()),
        Default::None => Some("0".to_owned()),
        Default::Value(value) => Some(string_literal(&value)),
        Default::Computed(text) | Default::Unread(text) => Some(text),
    }
}

/// Questions for a new column: what would the rows that are there get?
pub(crate) fn added_column(
    column: &Column,
    change: &TableChange,
    scene: &Scene<'_>,
) -> Vec<Precheck> {
    if column.can_be_left_out() {
        return Vec::new();
    }
    let impossible = match &column.data_type {
        DataType::Date
        | DataType::DateTime { .. }
        | DataType::Timestamp { .. }
        | DataType::Json { .. }
        | DataType::Uuid => true,
        DataType::Native(name) => !name.to_ascii_lowercase().starts_with("inet"),
        _ => false,
    };
    if !impossible {
        return Vec::new();
    }
    let rows = Rows::of(change, &column.origin, scene);
    vec![rows.precheck(
        NO_VALUE,
        "1 = 1",
        &[],
        Said::new(
            format!(
                "{}.{} can't be added as NOT NULL",
                change.is.name, column.name
            ),
            "{n} rows would have no value for it",
            "declare a default, or add it as nullable, fill it, and make it NOT NULL afterwards",
        ),
    )]
}

/// Questions for a new check.
pub(crate) fn check(check: &Check, change: &TableChange, scene: &Scene<'_>) -> Vec<Precheck> {
    // A condition over what is not there yet can't be asked.
    let unknown = !check.enforced
        || change.items.iter().any(|item| match item {
            TableItem::AddColumn(column) => mentions(&check.expr, column.name.as_str()),
            TableItem::RenameColumn { to, .. } => mentions(&check.expr, to.as_str()),
            _ => false,
        });
    if unknown {
        return Vec::new();
    }
    let shown: Vec<String> = change
        .is
        .columns
        .iter()
        .filter(|column| mentions(&check.expr, column.name.as_str()))
        .map(|column| quote_ident(column.name.as_str()))
        .collect();
    let rows = Rows::of(change, &check.origin, scene);
    vec![rows.precheck(
        VIOLATIONS,
        &format!("({}) IS FALSE", check.expr),
        &shown,
        Said::new(
            format!(
                "{} can't get its check {}",
                change.is.name,
                check.name_str()
            ),
            "{n} rows do not meet it",
            "mend these rows first",
        ),
    )]
}

/// Tables that nobody drops and that refer to one that goes.
pub(crate) fn referring_tables(table: &Table, scene: &Scene<'_>) -> Vec<Precheck> {
    let own = table_key(&table.name, scene.facts);
    let mut found = Vec::new();
    for holder in &scene.present {
        if table_key(&holder.name, scene.facts) == own || scene.drops(&holder.name) {
            continue;
        }
        for key in &holder.foreign_keys {
            if table_key(&key.ref_table, scene.facts) == own && !scene.goes(holder, key) {
                found.push(always(
                    format!("table {} can't be dropped", table.name),
                    format!(
                        "foreign key {} of table {} refers to it",
                        key.name_str(),
                        holder.name
                    ),
                    "drop that foreign key first",
                    &table.origin,
                ));
            }
        }
    }
    found
}

/// A foreign key that stands aside and can't come back: only one of its sides changes.
pub(crate) fn lost_partner(table: &Table, key: &ForeignKey, scene: &Scene<'_>) -> Vec<Precheck> {
    let mut found = Vec::new();
    for (name, referenced) in key.columns.iter().zip(&key.ref_columns) {
        let (Some(child), Some(parent)) = (
            scene.future_column(&table.name, name),
            scene.future_column(&key.ref_table, referenced),
        ) else {
            continue;
        };
        if fits(&child.data_type, &parent.data_type) {
            continue;
        }
        found.push(always(
            format!("{}.{referenced} can't change its type", key.ref_table),
            format!(
                "{}.{name} refers to it by foreign key {} and would have another type",
                table.name,
                key.name_str()
            ),
            "drop that foreign key, or let both columns change",
            &parent.origin,
        ));
    }
    found
}

/// Whether two columns can be tied by a foreign key.
fn fits(a: &DataType, b: &DataType) -> bool {
    match (a, b) {
        (
            DataType::Int {
                width: w1,
                unsigned: u1,
                ..
            },
            DataType::Int {
                width: w2,
                unsigned: u2,
                ..
            },
        ) => w1 == w2 && u1 == u2,
        (a, b) => {
            std::mem::discriminant(a) == std::mem::discriminant(b) || (a.is_text() && b.is_text())
        }
    }
}

/// A refusal that no data is asked about.
fn always(message: String, count_text: String, help: &str, origin: &Origin) -> Precheck {
    Precheck {
        code: TIED.to_owned(),
        message,
        count_sql: "SELECT 1".to_owned(),
        sample_sql: format!("SELECT {} AS reason", string_literal(&count_text)),
        count_text,
        help: help.to_owned(),
        lossy: false,
        origin: origin.clone(),
    }
}
