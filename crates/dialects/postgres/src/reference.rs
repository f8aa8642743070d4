//! Columns of foreign keys that the server does not let stand for each other.
//!
//! It wants an operator that compares the two, or a cast to the type of the key that it makes by
//! itself. Only what is surely refused is told: of types that others may have given operators or
//! casts nothing is said.

use realign_model::{Column, DataType, ForeignKey, Ident};
use realign_planner::{Diagnostic, Facts, Versions, referred};

use crate::lower::convert::{Kind, kind};
use crate::{render, types};

/// Why the server can't have this foreign key for the sake of its columns; none when it can, or
/// when that is not known.
pub(crate) fn refusal(
    key: &ForeignKey,
    own: Versions<'_>,
    target: Versions<'_>,
    facts: &Facts,
) -> Option<Diagnostic> {
    let (table, other) = (own.latest()?, target.latest()?);
    let mut pairs = key.columns.iter().zip(referred(key, other));
    let (fault, help) = pairs.find_map(|(name, to)| {
        let (column, referred) = (find(own, name)?, find(target, to)?);
        if may_refer(&column.data_type, &referred.data_type) {
            return None;
        }
        let (mine, theirs) = (
            format!("{}.{}", table.name, column.name),
            format!("{}.{}", other.name, referred.name),
        );
        let spelled = |column: &Column| types::render(&column.data_type);
        Some((
            format!(
                "{mine} is {}, and {theirs} is {}",
                spelled(column),
                spelled(referred)
            ),
            format!("give {mine} the type of {theirs}"),
        ))
    })?;
    Some(
        Diagnostic::error(
            "D093",
            format!(
                "PostgreSQL can't have this foreign key of {}: {fault}",
                table.name
            ),
        )
        .at(key.origin.clone())
        .with_note(render::describe_foreign_key(key, facts))
        .with_help(help),
    )
}

/// False when no value of the first type can be looked up among those of the second.
pub(crate) fn may_refer(own: &DataType, key: &DataType) -> bool {
    let is_array = |data_type: &DataType| matches!(data_type, DataType::Array(_));
    if is_array(own) != is_array(key) {
        let plain = if is_array(own) { key } else { own };
        return kind(plain) == Kind::Other;
    }
    match (kind(own), kind(key)) {
        (Kind::Other, _) | (_, Kind::Other) => true,
        (Kind::Int | Kind::Decimal, Kind::Float) | (Kind::Int, Kind::Decimal) => true,
        (Kind::Date | Kind::Moment, Kind::Date | Kind::Moment) => true,
        (Kind::Time, Kind::Time) => !zoned(own) || zoned(key),
        (a, b) => a == b,
    }
}

fn zoned(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Time { zone: true, .. })
}

/// The column as it will be.
fn find<'t>(versions: Versions<'t>, name: &Ident) -> Option<&'t Column> {
    let tables = [versions.declared, versions.live];
    let mut columns = tables.into_iter().flatten().flat_map(|t| &t.columns);
    columns.find(|column| column.name.text.eq_ignore_ascii_case(&name.text))
}

#[cfg(test)]
mod tests {
    use super::may_refer;
    use crate::types::parse;

    #[test]
    fn what_the_server_surely_refuses_is_known() {
        for (own, key, may) in [
            ("integer", "bigint", true),
            ("integer", "numeric(10,2)", true),
            ("numeric(10,2)", "integer", false),
            ("double precision", "integer", false),
            ("numeric", "double precision", true),
            ("varchar(5)", "text", true),
            ("integer", "varchar(5)", false),
            ("varchar(5)", "integer", false),
            ("date", "timestamptz", true),
            ("timestamp", "date", true),
            ("timestamp", "time", false),
            ("timetz", "time", false),
            ("time", "timetz", true),
            ("uuid", "text", false),
            ("boolean", "smallint", false),
            ("bytea", "text", false),
            ("text[]", "text", false),
            ("text[]", "integer[]", true),
            ("mood", "text", true),
            ("interval", "time", true),
        ] {
            assert_eq!(may_refer(&parse(own), &parse(key)), may, "{own} to {key}");
        }
    }
}
