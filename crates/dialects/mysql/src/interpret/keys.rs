//! Keys as the server makes them: names that nobody gave, and the indexes that foreign keys need.

use realign_model::{
    Column, DataType, ForeignKey, Ident, Index, IndexKind, IndexPart, IndexRest, Origin,
    PrimaryKey, SortOrder, Table,
};

use super::session::Session;
use super::{Done, Misfit};
use crate::compare::mysql_options;
use crate::facts::{Capability, can, is_mariadb};
use crate::parse::{KeyDef, KeyKind, References};

/// An index that is to be made, or one that is there.
struct Candidate {
    index: Index,
    /// Only made because a foreign key needs it: it goes as soon as another one serves.
    generated: bool,
    /// It is not there yet.
    new: bool,
}

/// Adds keys to a table, in the order of the statement.
pub(super) fn add(table: &mut Table, keys: Vec<(KeyDef, Origin)>, session: &Session) -> Done {
    if keys.is_empty() {
        return Ok(());
    }
    let mut list: Vec<Candidate> = Vec::with_capacity(table.indexes.len() + keys.len());
    for index in std::mem::take(&mut table.indexes) {
        list.push(Candidate {
            generated: is_generated(&index, &table.foreign_keys),
            index,
            new: false,
        });
    }
    let added = add_all(table, &mut list, keys, session);
    if added.is_ok() {
        drop_needless(table, &mut list);
        name_all(&mut list);
    }
    table.indexes.reserve_exact(list.len());
    let indexes = list.into_iter().map(|candidate| candidate.index);
    table.indexes.extend(indexes);
    added
}

/// How a period of a table begins among what is only shown of it.
pub(super) fn period(name: &Ident) -> String {
    format!("PERIOD FOR {}", name.text.to_lowercase())
}

/// The column in which a row of a versioned table has the end of its time, if it is one of the
/// table's own.
pub(super) fn row_end(table: &Table) -> Option<Ident> {
    let start = format!("{} (", period(&Ident::new("SYSTEM_TIME")));
    table.opaque.iter().find_map(|text| {
        let columns = text.strip_prefix(&start)?.strip_suffix(')')?;
        let (_, end) = columns.split_once(", ")?;
        Some(Ident::new(end))
    })
}

fn has_period(table: &Table, name: &Ident) -> bool {
    let start = format!("{} (", period(name));
    table.opaque.iter().any(|text| text.starts_with(&start))
}

fn add_all(
    table: &mut Table,
    list: &mut Vec<Candidate>,
    keys: Vec<(KeyDef, Origin)>,
    session: &Session,
) -> Done {
    for (key, origin) in keys {
        for part in &key.parts {
            if let Some(name) = part.as_column()
                && table.column_ignoring_case(name.as_str()).is_none()
                && !has_period(table, name)
            {
                return Err(Misfit::new(format!(
                    "table {} has no column {name} for the key",
                    table.name
                )));
            }
        }
        match &key.kind {
            KeyKind::Primary => {
                if table.primary_key.is_some() {
                    if key.if_not_exists {
                        continue;
                    }
                    return Err(Misfit::new(format!(
                        "table {} has a primary key already",
                        table.name
                    )));
                }
                table.primary_key = Some(Box::new(PrimaryKey {
                    name: None,
                    parts: kept_parts(key.parts, &IndexKind::Plain, table, session),
                    deferrable: false,
                    initially_deferred: false,
                    origin,
                }));
            }
            KeyKind::Foreign(references) => {
                if key.if_not_exists
                    && key
                        .constraint
                        .as_ref()
                        .or(key.name.as_ref())
                        .is_some_and(|name| {
                            table
                                .foreign_keys
                                .iter()
                                .any(|other| other.name_str().eq_ignore_ascii_case(&name.text))
                        })
                {
                    continue;
                }
                let made = has_foreign_keys(table, session)
                    .then(|| foreign_key(table, &key, references, origin, session))
                    .transpose()?;
                table.foreign_keys.extend(made);
                list.push(Candidate {
                    index: backing(&key),
                    generated: true,
                    new: true,
                });
            }
            KeyKind::Unique | KeyKind::Plain | KeyKind::Fulltext | KeyKind::Spatial => {
                if let Some(name) = key.name.as_ref().or(key.constraint.as_ref()) {
                    let present = list
                        .iter()
                        .position(|other| other.index.name_str().eq_ignore_ascii_case(&name.text));
                    match present {
                        Some(_) if key.if_not_exists => continue,
                        Some(at) if key.or_replace => {
                            list.remove(at);
                        }
                        // A generated one makes way in `drop_needless`.
                        Some(at) if !list[at].generated => {
                            return Err(Misfit::new(format!(
                                "table {} has an index {name} already",
                                table.name
                            )));
                        }
                        _ => {}
                    }
                }
                list.push(Candidate {
                    index: index(key, origin, table, session),
                    generated: false,
                    new: true,
                });
            }
        }
    }
    Ok(())
}

fn index(key: KeyDef, origin: Origin, table: &Table, session: &Session) -> Index {
    let mut index = Index::over(key.name.or(key.constraint), [], key.kind == KeyKind::Unique);
    let kind = match key.kind {
        KeyKind::Fulltext => IndexKind::Fulltext { parser: key.parser },
        KeyKind::Spatial => IndexKind::Spatial,
        KeyKind::Primary | KeyKind::Unique | KeyKind::Plain | KeyKind::Foreign(_) => {
            method(key.method.as_deref(), table, session)
        }
    };
    index.parts = kept_parts(key.parts, &kind, table, session);
    index.rare = IndexRest {
        kind,
        invisible: key.invisible && can(&session.facts, Capability::InvisibleIndex),
        comment: key.comment.filter(|text| !text.is_empty()),
        ..IndexRest::default()
    }
    .into();
    index.origin = origin;
    index
}

/// The method that the engine really has: InnoDB makes a B-tree whatever is asked for.
fn method(name: Option<&str>, table: &Table, session: &Session) -> IndexKind {
    let memory = engine(table, session).eq_ignore_ascii_case("MEMORY");
    match name {
        Some("btree") if memory => IndexKind::Method("btree".to_owned()),
        Some("rtree") => IndexKind::Spatial,
        _ => IndexKind::Plain,
    }
}

/// Directions and lengths that the server keeps: one that is all of the column is none.
fn kept_parts(
    mut parts: Vec<IndexPart>,
    kind: &IndexKind,
    table: &Table,
    session: &Session,
) -> Vec<IndexPart> {
    let descending = can(&session.facts, Capability::DescendingIndex);
    for part in &mut parts {
        if !descending {
            part.order = SortOrder::Asc;
        }
        let whole = part
            .as_column()
            .and_then(|name| table.column_ignoring_case(name.as_str()))
            .and_then(whole_length);
        if *kind == IndexKind::Spatial || (whole.is_some() && part.prefix == whole) {
            part.rare.put(None, |rare| &mut rare.prefix);
        }
    }
    parts
}

/// Length of a column that a key can hold whole.
fn whole_length(column: &Column) -> Option<u32> {
    match column.data_type {
        DataType::Char { len } | DataType::Binary { len } => Some(len.unwrap_or(1)),
        DataType::Varchar { len } | DataType::Varbinary { len } => len,
        _ => None,
    }
}

/// The index that a foreign key needs, should no other serve.
fn backing(key: &KeyDef) -> Index {
    let name = key.constraint.as_ref().or(key.name.as_ref()).cloned();
    let mut index = Index::over(name, [], false);
    index.parts.clone_from(&key.parts);
    index
}

/// The engine of a table, named or not.
fn engine<'t>(table: &'t Table, session: &'t Session) -> &'t str {
    mysql_options(table)
        .and_then(|options| options.engine.as_deref())
        .unwrap_or_else(|| session.usual_engine())
}

/// Other engines read foreign keys and forget them.
fn has_foreign_keys(table: &Table, session: &Session) -> bool {
    let name = engine(table, session).to_ascii_lowercase();
    matches!(name.as_str(), "innodb" | "ndb" | "ndbcluster")
}

fn foreign_key(
    table: &Table,
    key: &KeyDef,
    references: &References,
    origin: Origin,
    session: &Session,
) -> Result<ForeignKey, Misfit> {
    // MariaDB takes the name of the index for want of another.
    let given = key
        .constraint
        .as_ref()
        .or_else(|| key.name.as_ref().filter(|_| is_mariadb(&session.facts)));
    let name = given
        .cloned()
        .unwrap_or_else(|| Ident::new(numbered(table)));
    if table
        .foreign_keys
        .iter()
        .any(|other| other.name_str().eq_ignore_ascii_case(&name.text))
    {
        return Err(Misfit::new(format!(
            "table {} has a foreign key {name} already",
            table.name
        )));
    }
    let mut ref_table = session.resolve(references.table.clone());
    if ref_table.schema == table.name.schema {
        ref_table.schema = None;
    }
    let mut columns = Vec::with_capacity(key.parts.len());
    columns.extend(key.parts.iter().filter_map(IndexPart::as_column).cloned());
    Ok(ForeignKey {
        name: Some(name),
        columns,
        ref_table,
        ref_columns: references.columns.clone(),
        on_delete: references.on_delete,
        on_update: references.on_update,
        deferrable: false,
        initially_deferred: false,
        match_kind: references.match_kind,
        set_columns: Vec::new(),
        origin,
    })
}

/// `t_ibfk_3`: one more than the highest number so far.
fn numbered(table: &Table) -> String {
    let prefix = format!("{}_ibfk_", table.name.name.text);
    let highest = table
        .foreign_keys
        .iter()
        .filter_map(|key| key.name_str().strip_prefix(&prefix)?.parse::<u32>().ok())
        .max();
    format!("{prefix}{}", highest.unwrap_or(0).saturating_add(1))
}

/// True for an index that was only made because a foreign key needs it. Those made here have no
/// place in a file; of those that a server showed it is likely where the names agree.
fn is_generated(index: &Index, keys: &[ForeignKey]) -> bool {
    if index.unique || index.kind != IndexKind::Plain || index.comment.is_some() {
        return false;
    }
    let serves = |key: &ForeignKey| {
        key.columns.len() == index.parts.len() && crate::compare::backs(&index.parts, &key.columns)
    };
    match index.origin {
        Origin::None => keys.iter().any(serves),
        Origin::Server => keys
            .iter()
            .any(|key| serves(key) && key.name_str().eq_ignore_ascii_case(index.name_str())),
        Origin::File { .. } => false,
    }
}

/// Leaves out the generated indexes that another one serves for.
fn drop_needless(table: &Table, list: &mut Vec<Candidate>) {
    let primary = table.primary_key.as_deref().map(|key| key.parts.clone());
    let mut needless = vec![false; list.len()];
    for at in 0..list.len() {
        if list[at].generated
            && primary
                .as_deref()
                .is_some_and(|parts| begins(parts, &list[at].index.parts))
        {
            needless[at] = true;
            continue;
        }
        for before in 0..at {
            if needless[before] {
                continue;
            }
            let (key, other) = (&list[at], &list[before]);
            if key.generated
                && begins(&other.index.parts, &key.index.parts)
                && (!other.generated || other.index.parts.len() >= key.index.parts.len())
                && serves(&other.index)
            {
                needless[at] = true;
                break;
            }
            if other.generated && begins(&key.index.parts, &other.index.parts) && serves(&key.index)
            {
                needless[before] = true;
                break;
            }
        }
    }
    let mut flags = needless.into_iter();
    list.retain(|_| !flags.next().unwrap_or(false));
}

/// Whether an index can serve a foreign key at all.
fn serves(index: &Index) -> bool {
    index.kind == IndexKind::Plain
}

/// True when the longer parts begin with the shorter ones, prefix lengths included.
fn begins(longer: &[IndexPart], shorter: &[IndexPart]) -> bool {
    longer.len() >= shorter.len()
        && longer.iter().zip(shorter).all(|(a, b)| {
            a.prefix == b.prefix
                && match (a.as_column(), b.as_column()) {
                    (Some(a), Some(b)) => a.text.eq_ignore_ascii_case(&b.text),
                    _ => false,
                }
        })
}

/// Names the indexes that have none: by their first column, with a number if that is taken.
fn name_all(list: &mut [Candidate]) {
    for at in 0..list.len() {
        if !list[at].new || list[at].index.name.is_some() {
            continue;
        }
        let first = list[at].index.parts.first();
        let base = first.map_or_else(String::new, |part| match part.as_column() {
            Some(name) => name.text.clone(),
            None => "functional_index".to_owned(),
        });
        let taken = |name: &str| {
            name.eq_ignore_ascii_case("PRIMARY")
                || list[..at]
                    .iter()
                    .any(|other| other.index.name_str().eq_ignore_ascii_case(name))
        };
        let name = if taken(&base) {
            (2..=at + 2)
                .map(|number| format!("{base}_{number}"))
                .find(|name| !taken(name))
        } else {
            Some(base)
        };
        list[at].index.name = name.map(Ident::new);
    }
}
