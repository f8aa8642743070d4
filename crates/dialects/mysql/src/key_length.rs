//! Indexes that MySQL refuses because of their length, where MariaDB shortens them by itself.

use realign_model::{Column, DataType, Index, IndexKind, IndexPart, Table};
use realign_planner::{Diagnostic, Facts};

use crate::assemble::charset_of;
use crate::compare::{character_bytes, mysql_options};
use crate::facts::is_mariadb;

/// The most bytes of an InnoDB key with the usual row format and page size.
const LONGEST: u32 = 3072;

/// Why MySQL can't have this index; none when it can, and on MariaDB.
pub(crate) fn refusal(index: &Index, table: &Table, facts: &Facts) -> Option<Diagnostic> {
    if is_mariadb(facts) || matches!(index.kind, IndexKind::Fulltext { .. } | IndexKind::Spatial) {
        return None;
    }
    index.parts.iter().find_map(|part| {
        let column = table.column_ignoring_case(part.as_column()?.as_str())?;
        let fault = fault(part, column, table)?;
        Some(
            Diagnostic::error(
                "D092",
                format!(
                    "MySQL can't have the index {} on {}: {fault}",
                    index.name_str(),
                    table.name
                ),
            )
            .at(index.origin.clone())
            .with_note(format!("{}.{} is declared at {}", table.name, column.name, column.origin))
            .with_help(
                "give the index lengths (option `lengths`, such as 191 characters), or the column a shorter type"
            ),
        )
    })
}

/// What is wrong with a part of a key.
fn fault(part: &IndexPart, column: &Column, table: &Table) -> Option<String> {
    let name = &column.name;
    let limit = match (column.data_type.clone(), part.prefix) {
        (DataType::Json { .. }, _) => {
            return Some(format!("no index covers a JSON column, and {name} is one"));
        }
        (DataType::Text { .. } | DataType::Blob { .. }, None) => {
            return Some(format!(
                "{name} is a text or blob without a limit, and a key over one needs a length"
            ));
        }
        (_, Some(prefix)) => prefix,
        (
            DataType::Char { len }
            | DataType::Varchar { len }
            | DataType::Binary { len }
            | DataType::Varbinary { len },
            None,
        ) => len?,
        _ => return None,
    };
    let options = mysql_options(table);
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
    let bytes = limit.saturating_mul(width);
    (bytes > LONGEST)
        .then(|| format!("{name} takes {bytes} bytes of a key, and {LONGEST} is the most"))
}

#[cfg(test)]
mod tests {
    use realign_model::{Ident, ObjectName, TextSize};

    use super::*;
    use crate::facts::offline;

    fn refused(version: &str, data_type: DataType, prefix: Option<u32>) -> bool {
        let mut table = Table::new(ObjectName::bare("t"));
        table.columns.push(Column::new(Ident::new("c"), data_type));
        let mut index = Index::over(Some(Ident::new("i")), [Ident::new("C")], false);
        index.parts[0].prefix = prefix;
        refusal(&index, &table, &offline(version).expect("known")).is_some()
    }

    #[test]
    fn mysql_refuses_what_mariadb_shortens() {
        let text = DataType::Text {
            size: TextSize::Long,
        };
        assert!(refused("mysql-8.0", text.clone(), None));
        assert!(!refused("mysql-8.0", text.clone(), Some(191)));
        assert!(refused("mysql-8.0", text.clone(), Some(769)));
        assert!(!refused("mariadb-10.11", text, None));
        assert!(refused("mysql-9.4", DataType::Json { binary: false }, None));
        assert!(refused("mysql-8.0", DataType::varchar(769), None));
        assert!(!refused("mysql-8.0", DataType::varchar(768), None));
        assert!(!refused("mysql-8.0", DataType::Boolean, None));
    }
}
