//! Columns of foreign keys that InnoDB does not let stand for each other.
//!
//! It compares how values are kept and not what types are called: `YEAR` and an `ENUM` are small
//! integers to it, decimals and bytes are the same. Only what is surely refused is told: of types
//! whose form hangs on settings of the server nothing is said.

use realign_model::{Column, DataType, FloatWidth, ForeignKey, Ident, IntWidth, RefAction, Table};
use realign_planner::{Diagnostic, Facts, Versions, referred};

use super::{keeps_keys, refused};
use crate::assemble::charset_of;
use crate::compare::{collation_of, declared_collation, mysql_options, normal_collation};
use crate::types;

/// Why the server can't have this foreign key for the sake of its columns; none when it can, or
/// when that is not known.
pub(crate) fn refusal(
    key: &ForeignKey,
    own: Versions<'_>,
    target: Versions<'_>,
    facts: &Facts,
) -> Option<Diagnostic> {
    let (table, other) = (own.latest()?, target.latest()?);
    if ![own.declared, own.live, target.declared, target.live]
        .into_iter()
        .flatten()
        .all(keeps_keys)
    {
        return None;
    }
    let mut pairs = key.columns.iter().zip(referred(key, other));
    let (fault, help) = pairs
        .find_map(|(name, to)| {
            let (column, referred) = (find(own, name)?, find(target, to)?);
            let side = |versions, column: &Column| Side {
                shown: format!("{}.{}", versions_name(versions), column.name),
                text: types::render(&column.data_type, facts),
                collation: collation(versions, column),
            };
            unlike(
                (column, side(own, column)),
                (referred, side(target, referred)),
            )
        })
        .or_else(|| no_place_for_null(key, own))?;
    Some(refused(key, table, (&fault, help), facts))
}

/// One end of a pair, as a person sees it.
struct Side {
    shown: String,
    text: String,
    collation: Option<Known>,
}

/// How InnoDB keeps a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// So many bytes.
    Integer {
        bytes: u8,
        unsigned: bool,
    },
    Single,
    Double,
    /// By code, whatever it means.
    Bytes,
    /// By a collation.
    Text,
}

/// What is known of the collation that a column will have.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Known {
    Collation(String),
    /// One of this character set.
    Charset(String),
}

fn kept(data_type: &DataType) -> Option<Kept> {
    let integer = |bytes, unsigned| Some(Kept::Integer { bytes, unsigned });
    match data_type {
        DataType::Int {
            width,
            unsigned,
            zerofill,
            ..
        } => {
            let bytes = match width {
                IntWidth::W8 => 1,
                IntWidth::W16 => 2,
                IntWidth::W24 => 3,
                IntWidth::W32 => 4,
                IntWidth::W64 => 8,
            };
            integer(bytes, *unsigned || *zerofill)
        }
        DataType::Boolean => integer(1, false),
        DataType::Year => integer(1, true),
        DataType::Date => integer(3, false),
        DataType::Enum { values } => integer(if values.len() < 256 { 1 } else { 2 }, true),
        DataType::Set { values } => {
            let bytes = match values.len() {
                0..=8 => 1,
                9..=16 => 2,
                17..=24 => 3,
                25..=32 => 4,
                _ => 8,
            };
            integer(bytes, true)
        }
        DataType::Float { width, .. } => Some(match width {
            FloatWidth::Single => Kept::Single,
            FloatWidth::Double => Kept::Double,
        }),
        DataType::Decimal { .. }
        | DataType::Binary { .. }
        | DataType::Varbinary { .. }
        | DataType::Bit { .. } => Some(Kept::Bytes),
        DataType::Char { .. } | DataType::Varchar { .. } => Some(Kept::Text),
        // Times are kept as the server was set up to when their table was made. Long values have no
        // whole index, which is told of the index. The rest is no type of these servers, or unknown.
        DataType::Time { .. }
        | DataType::DateTime { .. }
        | DataType::Timestamp { .. }
        | DataType::Text { .. }
        | DataType::Blob { .. }
        | DataType::Json { .. }
        | DataType::Interval
        | DataType::Uuid
        | DataType::Array(_)
        | DataType::Native(_) => None,
    }
}

/// What sets two columns apart, and what to do about it.
fn unlike(
    (column, own): (&Column, Side),
    (referred, other): (&Column, Side),
) -> Option<(String, String)> {
    let (mine, theirs) = (kept(&column.data_type)?, kept(&referred.data_type)?);
    if mine != theirs {
        return Some((
            format!(
                "{} is {}, and {} is {}",
                own.shown, own.text, other.shown, other.text
            ),
            format!("give {} the type of {}", own.shown, other.shown),
        ));
    }
    if mine != Kept::Text {
        return None;
    }
    let (mine, theirs) = (own.collation?, other.collation?);
    let charset = |known: &Known| match known {
        Known::Collation(name) => charset_of(name),
        Known::Charset(name) => name.clone(),
    };
    let apart = match (&mine, &theirs) {
        (Known::Collation(mine), Known::Collation(theirs)) => mine != theirs,
        _ => charset(&mine) != charset(&theirs),
    };
    let name = |known: &Known| match known {
        Known::Collation(name) | Known::Charset(name) => name.clone(),
    };
    apart.then(|| {
        (
            format!(
                "{} is in {}, and {} is in {}",
                own.shown,
                name(&mine),
                other.shown,
                name(&theirs)
            ),
            format!("give {} the collation of {}", own.shown, other.shown),
        )
    })
}

/// SET NULL is refused where a column can't be NULL.
fn no_place_for_null(key: &ForeignKey, own: Versions<'_>) -> Option<(String, String)> {
    let sets = [
        (key.on_delete, "ON DELETE SET NULL"),
        (key.on_update, "ON UPDATE SET NULL"),
    ];
    let (_, words) = sets
        .into_iter()
        .find(|(action, _)| *action == Some(RefAction::SetNull))?;
    let primary = |name: &Ident| {
        let table = own.latest();
        table.is_some_and(|table| {
            let key = table.primary_key.as_deref();
            key.into_iter()
                .flat_map(realign_model::PrimaryKey::columns)
                .any(|part| part.text.eq_ignore_ascii_case(&name.text))
        })
    };
    let column = key
        .columns
        .iter()
        .filter_map(|name| find(own, name))
        .find(|column| !column.nullable || primary(&column.name))?;
    Some((
        format!("it is {words}, and {} can't be NULL", column.name),
        "let the column be NULL, or choose another action".to_owned(),
    ))
}

/// The column as it will be.
fn find<'t>(versions: Versions<'t>, name: &Ident) -> Option<&'t Column> {
    [versions.declared, versions.live]
        .into_iter()
        .flatten()
        .find_map(|table| column(table, name))
}

fn column<'t>(table: &'t Table, name: &Ident) -> Option<&'t Column> {
    let mut columns = table.columns.iter();
    columns.find(|column| column.name.text.eq_ignore_ascii_case(&name.text))
}

fn versions_name(versions: Versions<'_>) -> String {
    versions
        .latest()
        .map_or_else(String::new, |table| table.name.to_string())
}

/// The collation that a column will have: its own, else that declared for its table, else the one
/// that it has, else that of the table that it is made in.
fn collation(versions: Versions<'_>, wanted: &Column) -> Option<Known> {
    let own = wanted.collation.as_deref();
    let own = own.or(wanted.charset.as_deref());
    let declared = || declared_collation(versions.declared?);
    let live = || {
        let table = versions.live?;
        collation_of(column(table, &wanted.name)?, table)
    };
    let table = || {
        let options = mysql_options(versions.live.or(versions.declared)?)?;
        options.collation.as_deref().or(options.charset.as_deref())
    };
    let name = own.or_else(declared).or_else(live).or_else(table)?;
    let name = normal_collation(name);
    // Such a word of MariaDB's is a collation of whatever character set it stands with.
    if name.starts_with("uca1400") {
        return None;
    }
    Some(if name.contains('_') || name == "binary" {
        Known::Collation(name)
    } else {
        Known::Charset(name)
    })
}

#[cfg(test)]
mod tests {
    use realign_model::{DataType, IntWidth};

    use super::{Kept, kept};
    use crate::facts::offline;
    use crate::types;

    #[test]
    fn a_type_is_what_its_values_are_kept_as() {
        let facts = offline("mariadb-10.11").expect("known");
        let of = |text: &str| kept(&types::parse(text, &facts));
        assert_eq!(of("tinyint(1)"), kept(&DataType::Boolean));
        assert_eq!(of("year"), of("tinyint unsigned"));
        assert_eq!(of("enum('a','b')"), of("set('a')"));
        assert_eq!(of("date"), of("mediumint"));
        assert_eq!(of("int unsigned zerofill"), of("int(5) unsigned"));
        assert_eq!(of("decimal(10,2)"), of("varbinary(9)"));
        assert_eq!(of("varchar(9)"), of("char(20)"));
        assert_ne!(of("int"), of("int unsigned"));
        assert_ne!(of("int"), of("bigint"));
        assert_ne!(of("float"), of("double"));
        assert_eq!(of("datetime"), None);
        assert_eq!(
            kept(&DataType::int(IntWidth::W64)),
            Some(Kept::Integer {
                bytes: 8,
                unsigned: false
            })
        );
    }
}
