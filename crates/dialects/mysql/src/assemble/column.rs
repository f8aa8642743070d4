//! Columns from `information_schema.COLUMNS`.

use realign_model::{
    Column, DataType, Expr, Generated, GeneratedKind, Ident, Identity, Origin, Table, TextSize,
    split_mark,
};
use realign_planner::{Facts, Value};

use super::Builder;
use super::row::Row;
use crate::compare::mysql_options;
use crate::facts::is_mariadb;
use crate::{expr, render, types};

/// The columns of all tables. They come in the directory's order, so they are put in theirs.
/// They are most of the answer: each row is freed once it is read.
pub(super) fn columns(builder: &mut Builder<'_>, mut rows: Vec<Vec<Value>>) {
    let facts = builder.facts;
    rows.sort_by(|a, b| {
        let key = |row| (Row(row).text(0), Row(row).place(1));
        key(a).cmp(&key(b))
    });
    let of_one_table = |a: &Vec<Value>, b: &Vec<Value>| Row(a).text(0) == Row(b).text(0);
    let sizes: Vec<usize> = rows.chunk_by(of_one_table).map(<[_]>::len).collect();
    let mut rows = rows.into_iter();
    for size in sizes {
        let mut rows = rows.by_ref().take(size).peekable();
        let name = rows.peek().map_or("", |row| Row(row).text(0));
        // Views have columns as well.
        if builder.find(name).is_none() {
            let of_view = name.to_owned();
            let names = rows.map(|row| Ident::new(Row(&row).text(2))).collect();
            builder.view_columns.insert(of_view, names);
            continue;
        }
        let Some(table) = builder.find(name) else {
            continue;
        };
        table.columns.reserve_exact(size);
        for row in rows {
            let (column, opaque) = column(Row(&row), facts);
            table
                .opaque
                .extend(opaque.map(|text| format!("column {}: {text}", column.name)));
            table.columns.push(column);
        }
    }
}

fn column(row: Row<'_>, facts: &Facts) -> (Column, Option<String>) {
    let mut column = Column::new(Ident::new(row.text(2)), types::parse(row.text(5), facts));
    column.origin = Origin::Server;
    column.nullable = row.text(4).eq_ignore_ascii_case("YES");
    let charset = row.filled(6).map(str::to_owned);
    column.rare.put(charset, |rare| &mut rare.charset);
    let collation = row.filled(7).map(str::to_owned);
    column.rare.put(collation, |rare| &mut rare.collation);
    let (comment, mark) = split_mark(row.text(9));
    column.rare.put(comment, |rare| &mut rare.comment);
    column.type_mark = mark;

    let mut extra = Extra::parse(row.text(8));
    if extra.auto_increment {
        column.identity = Some(Identity::AutoIncrement);
    }
    if extra.invisible {
        column.invisible = true;
    }
    let on_update = extra.on_update.take().map(Expr::new);
    column.rare.put(on_update, |rare| &mut rare.on_update);
    if let (Some(kind), Some(text)) = (extra.generated, row.filled(10)) {
        column.generated = Some(Generated {
            expr: Expr::new(expr::stored(text, facts)),
            kind,
        });
    } else {
        column.default = row
            .maybe(3)
            .and_then(|text| default(text, &column, extra.default_is_expression, facts))
            .map(Expr::new);
    }
    if let Some(srid) = row.number(11) {
        column.data_type = types::with_srid(&column.data_type, srid, facts);
    }
    (column, extra.rest)
}

/// The default as SQL. MariaDB prints it as such; MySQL prints a literal bare, so that its
/// quotes have to be put back.
fn default(text: &str, column: &Column, expression: bool, facts: &Facts) -> Option<String> {
    if is_mariadb(facts) {
        // A sequence is printed with the name of this database, whatever that is.
        let own = format!(
            "{}.",
            render::quote_ident(facts.setting("current_database"))
        );
        if text.contains("nextval(") && own.len() > 3 {
            return Some(text.replace(&own, ""));
        }
        return (!text.eq_ignore_ascii_case("NULL")).then(|| text.to_owned());
    }
    let upper = text.to_ascii_uppercase();
    if expression && !upper.starts_with("CURRENT_TIMESTAMP") {
        return Some(format!("({})", expr::stored(text, facts)));
    }
    Some(match column.data_type {
        DataType::DateTime { .. } | DataType::Timestamp { .. }
            if upper.starts_with("CURRENT_TIMESTAMP") =>
        {
            upper
        }
        DataType::Int { .. }
        | DataType::Boolean
        | DataType::Decimal { .. }
        | DataType::Float { .. }
        | DataType::Year => text.to_owned(),
        // Printed as 0x6162.
        DataType::Binary { .. } | DataType::Varbinary { .. } | DataType::Blob { .. }
            if upper.starts_with("0X") =>
        {
            if text.len() > 2 {
                text.to_owned()
            } else {
                "''".to_owned()
            }
        }
        // Printed as b'101'.
        DataType::Bit { .. } => text.to_owned(),
        _ => render::string_literal(text),
    })
}

/// What the column `EXTRA` says.
#[derive(Debug, Default)]
struct Extra {
    auto_increment: bool,
    invisible: bool,
    default_is_expression: bool,
    generated: Option<GeneratedKind>,
    on_update: Option<String>,
    /// Words that mean nothing to us.
    rest: Option<String>,
}

impl Extra {
    fn parse(text: &str) -> Self {
        let mut extra = Self::default();
        let mut rest = Vec::new();
        let words: Vec<&str> = text
            .split([' ', ','])
            .filter(|word| !word.is_empty())
            .collect();
        let mut at = 0;
        while let Some(word) = words.get(at) {
            let next = words.get(at + 1).copied().unwrap_or_default();
            let is = |w: &str, expected: &str| w.eq_ignore_ascii_case(expected);
            at += 1;
            if is(word, "auto_increment") {
                extra.auto_increment = true;
            } else if is(word, "INVISIBLE") {
                extra.invisible = true;
            } else if is(word, "DEFAULT_GENERATED") {
                extra.default_is_expression = true;
            } else if is(next, "GENERATED") && (is(word, "VIRTUAL") || is(word, "STORED")) {
                extra.generated = Some(if is(word, "STORED") {
                    GeneratedKind::Stored
                } else {
                    GeneratedKind::Virtual
                });
                at += 1;
            } else if is(word, "on") && is(next, "update") {
                extra.on_update = words.get(at + 1).map(|w| (*w).to_owned());
                at += 2;
            } else {
                rest.push(*word);
            }
        }
        if !rest.is_empty() {
            extra.rest = Some(rest.join(" "));
        }
        extra
    }
}

/// What only shows once the whole table is known, of the columns from the `first` on.
pub(crate) fn settle(table: &mut Table, first: usize, facts: &Facts) {
    if is_mariadb(facts) {
        settle_json(table, first);
    }
    let default = mysql_options(table).and_then(|options| options.collation.clone());
    for column in table.columns.iter_mut().skip(first) {
        // JSON has a collation that can't be chosen; one that is the table's is none of the
        // column's own.
        let json = matches!(column.data_type, DataType::Json { .. });
        if (json || column.collation == default)
            && let Some(rare) = column.rare.said_mut()
        {
            rare.charset = None;
            rare.collation = None;
            column.rare.settle();
        }
    }
}

/// MariaDB keeps JSON as a LONGTEXT with a check; together they are the type.
fn settle_json(table: &mut Table, first: usize) {
    let (columns, checks) = (&mut table.columns, &table.checks);
    for column in columns.iter_mut().skip(first) {
        let long = column.data_type
            == DataType::Text {
                size: TextSize::Long,
            };
        if long
            && checks
                .iter()
                .any(|check| expr::is_json_check(&check.expr, column.name.as_str()))
        {
            column.data_type = DataType::Json { binary: false };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extra_is_read_in_both_vendors_words() {
        let extra = Extra::parse("DEFAULT_GENERATED on update CURRENT_TIMESTAMP(6)");
        assert!(extra.default_is_expression);
        assert_eq!(extra.on_update.as_deref(), Some("CURRENT_TIMESTAMP(6)"));
        let extra = Extra::parse("auto_increment, INVISIBLE");
        assert!(extra.auto_increment && extra.invisible && extra.rest.is_none());
        assert_eq!(
            Extra::parse("STORED GENERATED").generated,
            Some(GeneratedKind::Stored)
        );
        assert_eq!(
            Extra::parse("WITHOUT SYSTEM VERSIONING").rest.as_deref(),
            Some("WITHOUT SYSTEM VERSIONING")
        );
    }
}
