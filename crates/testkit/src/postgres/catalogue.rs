//! Tables of a PostgreSQL database, from `pg_catalog`.

use crate::catalogue::{ColumnKind, ColumnShape, TableShape, add_keys, named};
use crate::database::Live;

const TABLES: &str = "SELECT relname FROM pg_class WHERE relkind = 'r' AND NOT relispartition \
    AND relnamespace = current_schema()::regnamespace ORDER BY relname COLLATE \"C\"";

/// Domains are told by what they stand on.
const COLUMNS: &str = "SELECT c.relname, a.attname, coalesce(b.typname, t.typname), \
    greatest(CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END, 0), \
    a.attnotnull OR t.typnotnull, a.attgenerated <> '', \
    coalesce((SELECT string_agg(enumlabel, E'\\x1d' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid), '') \
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
    JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = t.typbasetype AND t.typtype = 'd' \
    WHERE c.relkind = 'r' AND NOT c.relispartition \
    AND c.relnamespace = current_schema()::regnamespace ORDER BY c.relname, a.attnum";

const KEYS: &str = "SELECT c.relname, k.conname, here.attname, o.relname, there.attname \
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class o ON o.oid = k.confrelid \
    CROSS JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY AS part (here, there, place) \
    JOIN pg_attribute here ON here.attrelid = c.oid AND here.attnum = part.here \
    JOIN pg_attribute there ON there.attrelid = o.oid AND there.attnum = part.there \
    WHERE k.contype = 'f' AND k.connamespace = current_schema()::regnamespace \
    ORDER BY c.relname, k.conname, part.place";

/// The tables of the current schema, without those whose rows live in parts of a range each.
pub(super) fn tables(database: &impl Live) -> Vec<TableShape> {
    let mut tables = named(database.rows(TABLES));
    for row in database.rows(COLUMNS) {
        if let Some(table) = tables.iter_mut().find(|table| table.name == row[0]) {
            table.columns.push(ColumnShape {
                name: row[1].clone(),
                kind: kind(&row[2], row[3].parse().unwrap_or(0), &row[6]),
                nullable: row[4] == "f",
                generated: row[5] == "t",
            });
        }
    }
    add_keys(&mut tables, database.rows(KEYS));
    tables
}

/// What a type takes: its name, its modifier, and its words if it has any.
fn kind(name: &str, modifier: usize, words: &str) -> ColumnKind {
    // A length is kept with the four bytes that hold it.
    let length = modifier.checked_sub(4).filter(|length| *length > 0);
    match name {
        "int2" | "int4" | "int8" => ColumnKind::Integer,
        "numeric" | "float4" | "float8" => ColumnKind::Fraction,
        "bool" => ColumnKind::Truth,
        "bit" | "varbit" => ColumnKind::Bits(modifier.max(1)),
        "bytea" => ColumnKind::Bytes(4096),
        "date" => ColumnKind::Date,
        "timestamp" | "timestamptz" => ColumnKind::Moment,
        "time" | "timetz" => ColumnKind::Time,
        "json" | "jsonb" => ColumnKind::Json,
        "uuid" => ColumnKind::Uuid,
        _ if !words.is_empty() => {
            ColumnKind::Word(words.split('\u{1d}').map(str::to_owned).collect())
        }
        "bpchar" => ColumnKind::Text {
            length: length.unwrap_or(1),
            plain: false,
        },
        _ => ColumnKind::Text {
            length: length.unwrap_or(4096),
            plain: false,
        },
    }
}
