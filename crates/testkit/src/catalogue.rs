//! Tables as the engines' own catalogues tell them, just enough to fill them with rows.

use crate::database::Live;

/// What kind of value a column takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnKind {
    /// Whole numbers.
    Integer,
    /// True and false, and nothing else.
    Truth,
    /// A UUID.
    Uuid,
    /// So many bits.
    Bits(usize),
    /// Numbers with a fraction.
    Fraction,
    /// Text of at most so many characters; `plain` takes ASCII only.
    Text {
        /// The most characters it takes.
        length: usize,
        /// Takes ASCII only.
        plain: bool,
    },
    /// Bytes, at most so many.
    Bytes(usize),
    /// A day.
    Date,
    /// A moment.
    Moment,
    /// A time of day.
    Time,
    /// A year.
    Year,
    /// A JSON document.
    Json,
    /// One of some words.
    Word(Vec<String>),
}

/// A column.
#[derive(Debug, Clone)]
pub struct ColumnShape {
    /// Its name.
    pub name: String,
    /// What it takes.
    pub kind: ColumnKind,
    /// NULL is allowed.
    pub nullable: bool,
    /// The engine computes it.
    pub generated: bool,
}

/// A foreign key: columns, the other table, its columns.
#[derive(Debug, Clone)]
pub struct KeyShape {
    /// The columns here.
    pub columns: Vec<String>,
    /// The other table.
    pub target: String,
    /// The columns there.
    pub target_columns: Vec<String>,
}

/// A table.
#[derive(Debug, Clone)]
pub struct TableShape {
    /// Its name.
    pub name: String,
    /// Its columns in their order.
    pub columns: Vec<ColumnShape>,
    /// Its foreign keys.
    pub keys: Vec<KeyShape>,
}

impl TableShape {
    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&ColumnShape> {
        self.columns
            .iter()
            .find(|column| column.name.eq_ignore_ascii_case(name))
    }
}

/// Tables of a MariaDB database, from `information_schema`.
pub(crate) fn mariadb(database: &impl Live) -> Vec<TableShape> {
    let mut tables = named(database.rows(
        "SELECT table_name FROM information_schema.tables \
         WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY table_name",
    ));
    // A JSON column is a text column with a check of its own name.
    let documents = database.rows(
        "SELECT table_name, constraint_name FROM information_schema.check_constraints \
         WHERE constraint_schema = DATABASE() AND check_clause LIKE 'json_valid(%'",
    );
    add_columns(database, &mut tables, "is_generated <> 'NEVER'", &documents);
    server_keys(database, &mut tables);
    tables
}

/// Tables of a MySQL database, from `information_schema`.
pub(crate) fn mysql(database: &impl Live) -> Vec<TableShape> {
    let mut tables = named(database.rows(
        "SELECT table_name FROM information_schema.tables \
         WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY table_name",
    ));
    add_columns(database, &mut tables, "generation_expression <> ''", &[]);
    server_keys(database, &mut tables);
    tables
}

/// The columns of all tables; `generated` is the condition for those that the server computes.
fn add_columns(
    database: &impl Live,
    tables: &mut [TableShape],
    generated: &str,
    documents: &[Vec<String>],
) {
    let columns = database.rows(&format!(
        "SELECT table_name, column_name, data_type, column_type, is_nullable, \
         IFNULL(character_maximum_length, 0), IFNULL(character_set_name, ''), {generated} \
         FROM information_schema.columns WHERE table_schema = DATABASE() \
         ORDER BY table_name, ordinal_position"
    ));
    for row in columns {
        if let Some(table) = tables.iter_mut().find(|table| table.name == row[0]) {
            let document = documents.iter().any(|check| check[..] == row[..2]);
            table.columns.push(ColumnShape {
                name: row[1].clone(),
                kind: if document {
                    ColumnKind::Json
                } else {
                    mariadb_kind(&row)
                },
                nullable: row[4] == "YES",
                generated: row[7] == "1",
            });
        }
    }
}

fn server_keys(database: &impl Live, tables: &mut [TableShape]) {
    let keys = database.rows(
        "SELECT table_name, constraint_name, column_name, referenced_table_name, \
         referenced_column_name FROM information_schema.key_column_usage \
         WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL \
         ORDER BY table_name, constraint_name, ordinal_position",
    );
    add_keys(tables, keys);
}

fn mariadb_kind(row: &[String]) -> ColumnKind {
    let length = row[5].parse().unwrap_or(0);
    match row[2].as_str() {
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "bit" => ColumnKind::Integer,
        "decimal" | "float" | "double" => ColumnKind::Fraction,
        "date" => ColumnKind::Date,
        "datetime" | "timestamp" => ColumnKind::Moment,
        "time" => ColumnKind::Time,
        "year" => ColumnKind::Year,
        "json" => ColumnKind::Json,
        "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => {
            ColumnKind::Bytes(length)
        }
        "enum" | "set" => ColumnKind::Word(
            row[3]
                .split('\'')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect(),
        ),
        _ => ColumnKind::Text {
            length,
            plain: !row[6].starts_with("utf8"),
        },
    }
}

/// Tables of a SQLite file, from its pragmas.
pub(crate) fn sqlite(database: &impl Live) -> Vec<TableShape> {
    let mut tables = named(database.rows(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' \
         ESCAPE '\\' ORDER BY name;",
    ));
    let columns = database.rows(
        "SELECT t.name, c.name, lower(c.type), c.\"notnull\", c.hidden FROM sqlite_schema t \
         JOIN pragma_table_xinfo(t.name) c WHERE t.type = 'table' ORDER BY t.name, c.cid;",
    );
    for row in columns {
        if let Some(table) = tables.iter_mut().find(|table| table.name == row[0]) {
            table.columns.push(ColumnShape {
                name: row[1].clone(),
                kind: sqlite_kind(&row[2]),
                nullable: row[3] == "0",
                generated: row[4] != "0",
            });
        }
    }
    let keys = database.rows(
        "SELECT t.name, k.id, k.\"from\", k.\"table\", coalesce(k.\"to\", (SELECT p.name \
         FROM pragma_table_info(k.\"table\") p WHERE p.pk = k.seq + 1)) FROM sqlite_schema t \
         JOIN pragma_foreign_key_list(t.name) k WHERE t.type = 'table' \
         ORDER BY t.name, k.id, k.seq;",
    );
    add_keys(&mut tables, keys);
    tables
}

fn sqlite_kind(declared: &str) -> ColumnKind {
    let base = declared.split('(').next().unwrap_or_default().trim();
    let length = declared.split_once('(').and_then(|(_, rest)| {
        rest.trim_end_matches(')')
            .split(',')
            .next()?
            .trim()
            .parse()
            .ok()
    });
    match base {
        "boolean" => ColumnKind::Integer,
        "date" => ColumnKind::Date,
        "datetime" | "timestamp" => ColumnKind::Moment,
        "time" => ColumnKind::Time,
        "numeric" | "decimal" | "real" | "float" | "double precision" | "double" => {
            ColumnKind::Fraction
        }
        "blob" => ColumnKind::Bytes(4096),
        "json" => ColumnKind::Json,
        _ if base.contains("int") => ColumnKind::Integer,
        _ => ColumnKind::Text {
            length: length.unwrap_or(4096),
            plain: false,
        },
    }
}

pub(crate) fn named(rows: Vec<Vec<String>>) -> Vec<TableShape> {
    rows.into_iter()
        .map(|row| TableShape {
            name: row[0].clone(),
            columns: Vec::new(),
            keys: Vec::new(),
        })
        .collect()
}

/// Rows of table, key, column, other table, other column; rows of one key follow each other.
pub(crate) fn add_keys(tables: &mut [TableShape], rows: Vec<Vec<String>>) {
    let mut last = (String::new(), String::new());
    for row in rows {
        let Some(table) = tables.iter_mut().find(|table| table.name == row[0]) else {
            continue;
        };
        let this = (row[0].clone(), row[1].clone());
        if this != last {
            table.keys.push(KeyShape {
                columns: Vec::new(),
                target: row[3].clone(),
                target_columns: Vec::new(),
            });
            last = this;
        }
        if let Some(key) = table.keys.last_mut() {
            key.columns.push(row[2].clone());
            key.target_columns.push(row[4].clone());
        }
    }
}
