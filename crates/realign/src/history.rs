//! Tables that record migrations: nobody's schema, and never touched.

use realign_model::{Database, Table};

/// Names that a migrations tool uses for its history unless it is told otherwise.
const USUAL: [&str; 3] = [
    "doctrine_migration_versions",
    "migration_versions",
    "migrations",
];

/// Realign's own tables.
const OWN: &str = "realign_*";

/// Patterns of tables that are never touched: the configured history, Realign's own, and
/// whatever in this database has the layout of a migrations history. A table that is
/// declared is the application's own, unless the configuration calls it a history.
pub fn history_tables(is: &Database, wish: &Database, configured: &str) -> Vec<String> {
    let mut names = vec![OWN.to_owned()];
    if !configured.is_empty() {
        names.push(configured.to_owned());
    }
    let declared = |name: &str| {
        wish.tables
            .iter()
            .any(|table| table.name.to_string().eq_ignore_ascii_case(name))
    };
    for table in &is.tables {
        if is_history(table) && !declared(&table.name.to_string()) {
            names.push(table.name.to_string());
        }
    }
    names
}

fn is_history(table: &Table) -> bool {
    // No layout has more: most tables of a large schema need no closer look.
    if table.columns.len() > 3 {
        return false;
    }
    let mut columns: Vec<String> = table
        .columns
        .iter()
        .map(|column| column.name.text.to_ascii_lowercase())
        .collect();
    columns.sort();
    let layout: Vec<&str> = columns.iter().map(String::as_str).collect();
    match layout[..] {
        ["executed_at", "execution_time", "version"] | ["batch", "id", "migration"] => true,
        // Doctrine's first two layouts have so little of their own that the name has to agree.
        ["version"] | ["executed_at", "version"] | ["batch", "migration"] => USUAL
            .iter()
            .any(|usual| table.name.name.text.eq_ignore_ascii_case(usual)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use realign_model::{Column, DataType, Database, Ident, ObjectName, Table};

    use super::history_tables;

    fn table(name: &str, columns: &[&str]) -> Table {
        let mut table = Table::new(ObjectName::bare(name));
        table.columns = columns
            .iter()
            .map(|column| Column::new(Ident::new(*column), DataType::varchar(14)))
            .collect();
        table
    }

    #[test]
    fn a_history_is_known_by_its_layout() {
        let is = Database {
            tables: vec![
                table("migrations", &["id", "migration", "batch"]),
                table("schema_log", &["version", "executed_at", "execution_time"]),
                table("migration_versions", &["version"]),
                table("release", &["version"]),
                table("cust", &["id", "name"]),
            ],
            ..Database::default()
        };
        let wish = Database::default();
        assert_eq!(
            history_tables(&is, &wish, "my_migrations"),
            [
                "realign_*",
                "my_migrations",
                "migrations",
                "schema_log",
                "migration_versions"
            ]
        );
    }

    #[test]
    fn a_declared_table_is_the_applications_own() {
        let is = Database {
            tables: vec![table("migrations", &["id", "migration", "batch"])],
            ..Database::default()
        };
        assert_eq!(history_tables(&is, &is, ""), ["realign_*"]);
    }
}
