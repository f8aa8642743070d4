//! Indexes.

use realign_model::{
    Column, DataType, Ident, Index, IndexKind, IndexPart, IndexTarget, SortOrder, Table, TextSize,
};
use realign_planner::{Aspect, AspectDifference, Facts, Side, Verdict};

use super::mysql_options;
use crate::assemble::charset_of;
use crate::expr;
use crate::facts::{Capability, can, is_mariadb};
use crate::render;

/// Every way in which an index differs, its name aside.
pub(super) fn differences(
    is: &Index,
    wish: &Index,
    (is_table, wish_table): (&Table, &Table),
    facts: &Facts,
    unknown: &mut Vec<AspectDifference>,
) -> Vec<AspectDifference> {
    let mut found = Vec::new();
    let side = |index: &Index| Side::plain(render::describe_index(index, facts));
    let difference = |aspect| AspectDifference {
        aspect,
        declared: side(wish),
        database: side(is),
    };
    if is.unique != wish.unique {
        found.push(difference(Aspect::Uniqueness));
    }
    if !same_kind(&is.kind, &wish.kind) {
        found.push(difference(Aspect::Kind));
    }
    match parts(is, wish, (is_table, wish_table), facts) {
        Verdict::Same => {}
        Verdict::Different => found.push(difference(Aspect::Columns)),
        Verdict::Unknown => unknown.push(difference(Aspect::Columns)),
    }
    if is.invisible != wish.invisible && can(facts, Capability::InvisibleIndex) {
        found.push(difference(Aspect::Visibility));
    }
    if wish.comment.is_some()
        && is.comment.as_deref().unwrap_or_default() != wish.comment.as_deref().unwrap_or_default()
    {
        found.push(difference(Aspect::Comment));
    }
    found
}

fn same_kind(is: &IndexKind, wish: &IndexKind) -> bool {
    match (is, wish) {
        (IndexKind::Fulltext { parser: a }, IndexKind::Fulltext { parser: b }) => {
            let name = |parser: &Option<String>| parser.as_deref().map(str::to_lowercase);
            name(a) == name(b)
        }
        (IndexKind::Plain, IndexKind::Plain) | (IndexKind::Spatial, IndexKind::Spatial) => true,
        (IndexKind::Method(a), IndexKind::Method(b)) => a.eq_ignore_ascii_case(b),
        // What InnoDB makes of any method.
        (IndexKind::Plain, IndexKind::Method(method)) => {
            matches!(method.to_ascii_lowercase().as_str(), "btree" | "hash")
        }
        _ => false,
    }
}

fn parts(is: &Index, wish: &Index, tables: (&Table, &Table), facts: &Facts) -> Verdict {
    if is.parts.len() != wish.parts.len() {
        return Verdict::Different;
    }
    let mut verdict = Verdict::Same;
    for (live, declared) in is.parts.iter().zip(&wish.parts) {
        let targets = match (&live.target, &declared.target) {
            (IndexTarget::Column(a), IndexTarget::Column(b)) => {
                Verdict::from_equal(a.text.to_lowercase() == b.text.to_lowercase())
            }
            (IndexTarget::Expr(a), IndexTarget::Expr(b)) => expr::same(a, b),
            _ => Verdict::Different,
        };
        let order = |part: &IndexPart| {
            can(facts, Capability::DescendingIndex) && part.order == SortOrder::Desc
        };
        if targets == Verdict::Different
            || order(live) != order(declared)
            || !same_prefix(is, live, declared, tables, facts)
        {
            return Verdict::Different;
        }
        if targets == Verdict::Unknown {
            verdict = Verdict::Unknown;
        }
    }
    verdict
}

fn same_prefix(
    index: &Index,
    is: &IndexPart,
    wish: &IndexPart,
    tables: (&Table, &Table),
    facts: &Facts,
) -> bool {
    if matches!(index.kind, IndexKind::Fulltext { .. } | IndexKind::Spatial) {
        return true;
    }
    let column = |table: &'_ Table, part: &IndexPart| -> Option<Column> {
        table
            .column_ignoring_case(part.as_column()?.as_str())
            .cloned()
    };
    let (live_column, declared_column) = (column(tables.0, is), column(tables.1, wish));
    let effective = |part: &IndexPart, column: Option<&Column>| {
        part.prefix
            .filter(|prefix| column.and_then(length).is_none_or(|len| *prefix < len))
    };
    let live = effective(is, live_column.as_ref());
    let declared = effective(wish, declared_column.as_ref());
    if live == declared {
        return true;
    }
    // MySQL takes a text only with a length; where none is declared, somebody had to choose.
    if !is_mariadb(facts) && declared.is_none() && !index.unique {
        let unlimited = declared_column.as_ref().is_some_and(|column| {
            matches!(
                column.data_type,
                DataType::Text { .. } | DataType::Blob { .. }
            )
        });
        if unlimited {
            return true;
        }
    }
    // A declared key that is longer than the engine can hold was shortened by the server
    // itself. Asked for again it would be shortened again.
    match (live, &live_column) {
        (Some(prefix), Some(column)) if !index.unique => {
            longest_prefixes(column, tables.0).contains(&prefix)
                && declared.is_none_or(|wanted| wanted > prefix)
        }
        _ => false,
    }
}

/// Length of a column in the unit of its prefixes; none without a limit.
fn length(column: &Column) -> Option<u32> {
    match column.data_type {
        DataType::Char { len } | DataType::Binary { len } => Some(len.unwrap_or(1)),
        DataType::Varchar { len } | DataType::Varbinary { len } => len,
        // MariaDB takes one without a prefix, and writes this one down.
        DataType::Text {
            size: TextSize::Tiny,
        }
        | DataType::Blob {
            size: TextSize::Tiny,
        } => Some(255),
        _ => None,
    }
}

/// The prefixes that a server cuts a longer key to: the bytes that its engine's keys may have,
/// in characters of the column.
fn longest_prefixes(column: &Column, table: &Table) -> Vec<u32> {
    let options = mysql_options(table);
    let engine = options
        .and_then(|options| options.engine.as_deref())
        .unwrap_or("InnoDB")
        .to_ascii_lowercase();
    let bytes: &[u32] = match engine.as_str() {
        // By row format and page size.
        "innodb" => &[3072, 1536, 768, 767],
        "myisam" => &[1000],
        "aria" => &[1000, 2000, 2300],
        _ => &[3072, 1000, 767, 255],
    };
    let charset = column
        .charset
        .clone()
        .or_else(|| column.collation.as_deref().map(charset_of))
        .or_else(|| options.and_then(|options| options.charset.clone()));
    let width = if column.data_type.is_text() {
        character_bytes(charset.as_deref().unwrap_or("utf8mb4"))
    } else {
        1
    };
    bytes.iter().map(|bytes| bytes / width).collect()
}

/// Bytes of the longest character of a character set.
pub(crate) fn character_bytes(charset: &str) -> u32 {
    match charset {
        "utf8mb4" | "utf16" | "utf16le" | "utf32" | "gb18030" => 4,
        "utf8" | "utf8mb3" | "ujis" | "eucjpms" => 3,
        "ucs2" | "big5" | "cp932" | "euckr" | "gb2312" | "gbk" | "sjis" => 2,
        _ => 1,
    }
}

/// True when an index of these parts is what a foreign key over these columns needs: whole
/// columns, the first ones, in the same order.
pub(crate) fn backs(parts: &[IndexPart], columns: &[Ident]) -> bool {
    parts.len() >= columns.len()
        && parts.iter().zip(columns).all(|(part, column)| {
            part.prefix.is_none()
                && part
                    .as_column()
                    .is_some_and(|name| name.text.eq_ignore_ascii_case(&column.text))
        })
}
