//! Foreign keys that the servers refuse because of what they refer to. They would be found only
//! at the end of a plan, where half of it has been done.

pub(crate) mod pair;

use realign_model::{ForeignKey, Ident, Index, IndexKind, PrimaryKey, Table};
use realign_planner::{Diagnostic, Facts, is_key, referred};

use crate::compare::mysql_options;
use crate::facts::{RESTRICT_KEYS, is_mariadb};
use crate::{key_order, render};

/// Why the server can't have this foreign key; none when it can, or when its target is unknown.
pub(crate) fn refusal(
    key: &ForeignKey,
    table: &Table,
    targets: &[&Table],
    facts: &Facts,
) -> Option<Diagnostic> {
    let target = targets.first()?;
    // Other storage engines read the key and forget it.
    if !targets
        .iter()
        .chain([&table])
        .all(|table| keeps_keys(table))
    {
        return None;
    }
    let key = &*key_order::spelled(key, targets.iter().copied(), facts);
    let columns = referred(key, target);
    let found = |holds: fn(&Table, &[&Ident]) -> bool| {
        targets
            .iter()
            .any(|target| holds(target, &referred(key, target)))
    };
    let shown: Vec<&str> = columns.iter().map(|column| column.as_str()).collect();
    let shown = format!("{} ({})", target.name, shown.join(", "));
    let (fault, help) = if !found(begins_an_index) {
        (
            format!("no index of {} begins with {shown}", target.name),
            format!("declare a unique constraint over {shown}, or refer to the primary key"),
        )
    } else if wants_whole_keys(facts) && !found(is_key) {
        (
            format!("{shown} is no primary key and no unique one"),
            format!(
                "declare a unique constraint over {shown}; the server's setting {RESTRICT_KEYS} = OFF \
                 lets any index do, as before 8.4"
            ),
        )
    } else {
        return None;
    };
    Some(refused(key, table, (&fault, help), facts))
}

/// Says why the server can't have a foreign key of a table, and what to do about it.
fn refused(
    key: &ForeignKey,
    table: &Table,
    (fault, help): (&str, String),
    facts: &Facts,
) -> Diagnostic {
    Diagnostic::error(
        "D093",
        format!(
            "the server can't have this foreign key of {}: {fault}",
            table.name
        ),
    )
    .at(key.origin.clone())
    .with_note(render::foreign_key(key, facts))
    .with_help(help)
}

/// True where the server takes foreign keys to primary keys and unique ones only.
fn wants_whole_keys(facts: &Facts) -> bool {
    !is_mariadb(facts)
        && facts.version.at_least(8, 4, 0)
        && !matches!(facts.setting(RESTRICT_KEYS), "0" | "OFF")
}

/// Engines that keep foreign keys; the others read them and forget them.
const KEEPERS: [&str; 4] = ["InnoDB", "NDB", "NDBCLUSTER", "XtraDB"];

/// False when the table's engine forgets foreign keys.
pub(crate) fn keeps_keys(table: &Table) -> bool {
    let engine = mysql_options(table).and_then(|options| options.engine.as_deref());
    engine.is_none_or(|engine| {
        KEEPERS
            .iter()
            .any(|keeper| keeper.eq_ignore_ascii_case(engine.trim()))
    })
}

/// True when a key or index of the table begins with these columns, in this order. A foreign key
/// counts as well, since the server makes an index for it; and every index but the primary one goes
/// on with those columns of the primary key that it has not, unseen (`dict_index_build_internal`
/// of InnoDB).
fn begins_an_index(table: &Table, columns: &[&Ident]) -> bool {
    let primary: Vec<&Ident> = table
        .primary_key
        .as_deref()
        .into_iter()
        .flat_map(PrimaryKey::columns)
        .collect();
    let wanted = |at: usize, name: &Ident| {
        columns
            .get(at)
            .is_none_or(|wanted| wanted.text.eq_ignore_ascii_case(&name.text))
    };
    let begins = |own: &[&Ident]| {
        let unseen = primary.iter().filter(|name| {
            let text = name.as_str();
            !own.iter().any(|own| own.text.eq_ignore_ascii_case(text))
        });
        let all: Vec<&Ident> = own.iter().chain(unseen).copied().collect();
        all.len() >= columns.len() && all.iter().enumerate().all(|(at, name)| wanted(at, name))
    };
    let whole = |index: &Index| {
        if matches!(index.kind, IndexKind::Fulltext { .. } | IndexKind::Spatial) {
            return false;
        }
        let parts = &index.parts[..columns.len().min(index.parts.len())];
        parts
            .iter()
            .all(|part| part.prefix.is_none() && part.as_column().is_some())
    };
    (!primary.is_empty() && begins(&primary))
        || table
            .indexes
            .iter()
            .any(|index| whole(index) && begins(&index.columns().collect::<Vec<_>>()))
        || table
            .foreign_keys
            .iter()
            .any(|key| begins(&key.columns.iter().collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use realign_model::{Column, DataType, IntWidth, MatchKind, ObjectName, Origin};

    use super::*;
    use crate::facts::offline;

    fn told(version: &str, unique: Option<bool>, to: &[&str]) -> String {
        let mut target = Table::new(ObjectName::bare("u"));
        for name in ["id", "part", "code"] {
            let column = Column::new(Ident::new(name), DataType::int(IntWidth::W32));
            target.columns.push(column);
        }
        target.primary_key = Some(Box::new(PrimaryKey::over(["id", "part"].map(Ident::new))));
        if let Some(unique) = unique {
            let code = [Ident::new("CODE")];
            target
                .indexes
                .push(Index::over(Some(Ident::new("i")), code, unique));
        }
        let columns: Vec<Ident> = to.iter().map(|name| Ident::new(*name)).collect();
        let key = ForeignKey {
            name: None,
            columns: columns.clone(),
            ref_table: ObjectName::bare("u"),
            ref_columns: columns,
            on_delete: None,
            set_columns: Vec::new(),
            on_update: None,
            deferrable: false,
            initially_deferred: false,
            match_kind: MatchKind::default(),
            origin: Origin::None,
        };
        let table = Table::new(ObjectName::bare("t"));
        refusal(&key, &table, &[&target], &offline(version).expect("known"))
            .map_or(String::new(), |told| told.message)
    }

    #[test]
    fn a_key_needs_an_index_and_since_8_4_a_whole_unique_one() {
        let no_index =
            "the server can't have this foreign key of t: no index of u begins with u (code)";
        let turned =
            "the server can't have this foreign key of t: no index of u begins with u (part, id)";
        let no_key = |columns: &str| {
            format!(
                "the server can't have this foreign key of t: u ({columns}) is no primary key and no unique one"
            )
        };
        for old in ["mysql-5.7", "mysql-8.0", "mariadb-10.11", "mariadb-11.8"] {
            assert_eq!(told(old, None, &["code"]), no_index, "{old}");
            assert_eq!(told(old, Some(false), &["code"]), "", "{old}");
            assert_eq!(told(old, Some(true), &["code"]), "", "{old}");
            assert_eq!(told(old, None, &["id"]), "", "{old}");
            // The index goes on with the primary key, unseen.
            let unseen = &["code", "id", "part"];
            assert_eq!(told(old, Some(false), unseen), "", "{old}");
            assert_eq!(told(old, None, &["part", "id"]), turned, "{old}");
        }
        for new in ["mysql-8.4", "mysql-9.4"] {
            assert_eq!(told(new, None, &["code"]), no_index, "{new}");
            assert_eq!(told(new, Some(false), &["code"]), no_key("code"), "{new}");
            assert_eq!(told(new, Some(true), &["code"]), "", "{new}");
            assert_eq!(told(new, None, &["id"]), no_key("id"), "{new}");
            assert_eq!(told(new, None, &["id", "part"]), "", "{new}");
            assert_eq!(told(new, None, &["part", "id"]), "", "{new}");
            let unseen = &["code", "id"];
            assert_eq!(told(new, Some(false), unseen), no_key("code, id"), "{new}");
        }
    }

    #[test]
    fn a_full_text_index_is_nothing_to_refer_to() {
        let mut target = Table::new(ObjectName::bare("u"));
        let name = DataType::varchar(9);
        target.columns.push(Column::new(Ident::new("name"), name));
        let mut index = Index::over(Some(Ident::new("i")), [Ident::new("name")], false);
        let columns = [Ident::new("name")];
        let columns: Vec<&Ident> = columns.iter().collect();
        target.indexes.push(index.clone());
        assert!(begins_an_index(&target, &columns));
        index.kind = IndexKind::Fulltext { parser: None };
        target.indexes = vec![index];
        assert!(!begins_an_index(&target, &columns));
    }
}
