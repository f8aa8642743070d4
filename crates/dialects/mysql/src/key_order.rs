//! Composite foreign keys in the order of the key that they refer to.
//!
//! MySQL 8.4 and newer refuse a foreign key whose referenced columns are not those of a unique
//! key, all of them and in its order. What refers to what is the same in any order, so it is
//! spelled in that one. Older servers, and MariaDB, take any order that an index begins with.

use std::borrow::Cow;

use realign_model::{Database, ForeignKey, Ident, Table};
use realign_planner::Facts;

use crate::facts::{Capability, can};
use crate::lower::table_key;

/// The foreign key as this server takes it; `tables` are those that it may refer to.
pub(crate) fn spelled<'a, 't>(
    key: &'a ForeignKey,
    tables: impl IntoIterator<Item = &'t Table>,
    facts: &Facts,
) -> Cow<'a, ForeignKey> {
    if key.ref_columns.len() < 2
        || key.ref_columns.len() != key.columns.len()
        || !can(facts, Capability::WholeKeysOnly)
    {
        return Cow::Borrowed(key);
    }
    let name = table_key(&key.ref_table, facts);
    let target = tables
        .into_iter()
        .filter(|table| {
            table
                .name
                .name
                .text
                .eq_ignore_ascii_case(&key.ref_table.name.text)
        })
        .find(|table| table_key(&table.name, facts) == name);
    let orders: Vec<Vec<&Ident>> = target.map(unique_keys).unwrap_or_default();
    let wanted: Vec<Vec<usize>> = orders
        .iter()
        .filter_map(|order| places(order, &key.ref_columns))
        .collect();
    let as_written: Vec<usize> = (0..key.columns.len()).collect();
    match wanted.first() {
        Some(places) if !wanted.contains(&as_written) => {
            let pick = |names: &[Ident]| places.iter().map(|at| names[*at].clone()).collect();
            Cow::Owned(ForeignKey {
                columns: pick(&key.columns),
                ref_columns: pick(&key.ref_columns),
                ..key.clone()
            })
        }
        _ => Cow::Borrowed(key),
    }
}

/// A database whose foreign keys are all spelled so.
pub(crate) fn all_spelled<'a>(
    database: &'a Database,
    tables: &[Table],
    facts: &Facts,
) -> Cow<'a, Database> {
    let mut spelled_so = Cow::Borrowed(database);
    for (at, table) in database.tables.iter().enumerate() {
        for (place, key) in table.foreign_keys.iter().enumerate() {
            if let Cow::Owned(key) = spelled(key, tables, facts) {
                spelled_so.to_mut().tables[at].foreign_keys[place] = key;
            }
        }
    }
    spelled_so
}

/// The columns of the primary key and of each unique index over whole columns.
fn unique_keys(table: &Table) -> Vec<Vec<&Ident>> {
    let primary = table.primary_key.iter().map(|key| key.columns().collect());
    let unique = table
        .indexes
        .iter()
        .filter(|index| index.unique && index.columns().count() == index.parts.len())
        .filter(|index| index.parts.iter().all(|part| part.prefix.is_none()))
        .map(|index| index.columns().collect());
    primary.chain(unique).collect()
}

/// Where each column of a unique key stands among those that are referred to; none when they are
/// not the same columns.
fn places(order: &[&Ident], referenced: &[Ident]) -> Option<Vec<usize>> {
    if order.len() != referenced.len() {
        return None;
    }
    let place = |name: &&Ident| {
        referenced
            .iter()
            .position(|other| other.text.eq_ignore_ascii_case(&name.text))
    };
    order.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use realign_model::{Column, DataType, MatchKind, ObjectName, Origin, PrimaryKey};
    use realign_planner::Dialect;

    use super::*;
    use crate::MYSQL;

    fn names(texts: &[&str]) -> Vec<Ident> {
        texts.iter().map(|text| Ident::new(*text)).collect()
    }

    #[test]
    fn the_order_is_that_of_the_unique_key_where_the_server_asks_for_it() {
        let parent_name = ObjectName::new(None, Ident::new("parent"));
        let mut parent = Table::new(parent_name);
        for name in ["no", "owner"] {
            let column = Column::new(Ident::new(name), DataType::Boolean);
            parent.columns.push(column);
        }
        parent.primary_key = Some(Box::new(PrimaryKey::over(names(&["no", "owner"]))));
        let key = ForeignKey {
            name: None,
            columns: names(&["next_owner", "next_no"]),
            ref_table: parent.name.clone(),
            ref_columns: names(&["owner", "no"]),
            on_delete: None,
            set_columns: Vec::new(),
            on_update: None,
            deferrable: false,
            initially_deferred: false,
            match_kind: MatchKind::Simple,
            origin: Origin::None,
        };
        let parents = [parent];
        let shown = |version: &str, tables: &[Table]| {
            let facts = MYSQL.offline_facts(version).expect("a version");
            let spelled = spelled(&key, tables, &facts).into_owned();
            let text = |names: &[Ident]| names.iter().map(|n| n.text.clone()).collect::<Vec<_>>();
            (text(&spelled.columns), text(&spelled.ref_columns))
        };
        let texts = |names: [&str; 2]| names.map(str::to_owned).to_vec();
        let turned = (texts(["next_no", "next_owner"]), texts(["no", "owner"]));
        let as_written = (texts(["next_owner", "next_no"]), texts(["owner", "no"]));
        assert_eq!(shown("mysql-8.4", &parents), turned);
        assert_eq!(shown("mysql-8.0", &parents), as_written);
        assert_eq!(shown("mariadb-11.8", &parents), as_written);
        assert_eq!(shown("mysql-8.4", &[]), as_written);
    }
}
