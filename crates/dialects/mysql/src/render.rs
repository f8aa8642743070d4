//! DDL fragments in Doctrine's spelling.

use realign_model::{
    Check, Column, DataType, Expr, ForeignKey, GeneratedKind, Ident, Identity, Index, IndexKind,
    IndexPart, IndexTarget, MatchKind, ObjectName, SortOrder, Table, TableOptions,
};
use realign_planner::Facts;

use crate::doctrine::derived_collation;
use crate::facts::is_mariadb;
use crate::keywords::is_reserved;
use crate::types;

/// A name in backticks, whatever it is.
pub(crate) fn quote_ident(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// A name, in backticks when it was declared so, is a reserved word, or is no bare word at all.
pub(crate) fn ident(name: &Ident, facts: &Facts) -> String {
    if name.quoted || !is_bare(&name.text) || is_reserved(&name.text, facts) {
        quote_ident(&name.text)
    } else {
        name.text.clone()
    }
}

/// True for a name that the server takes without quotes: not only digits, nothing like `1e5`.
fn is_bare(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$' || c >= '\u{80}')
}

/// The name of a table or view, its schema included.
pub(crate) fn object_name(name: &ObjectName, facts: &Facts) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", ident(schema, facts), ident(&name.name, facts)),
        None => ident(&name.name, facts),
    }
}

/// A string literal: quotes and backslashes doubled.
pub(crate) fn string_literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

/// A column with its name.
pub(crate) fn column(column: &Column, table: &Table, facts: &Facts) -> String {
    format!(
        "{} {}",
        ident(&column.name, facts),
        column_body(column, table, facts)
    )
}

/// A column without its name: type and clauses. `_table` is the column's table: what a
/// column leaves out is the table's, and Doctrine leaves it out as well.
pub(crate) fn column_body(column: &Column, _table: &Table, facts: &Facts) -> String {
    if let Some(definition) = &column.definition {
        return definition.clone();
    }
    let mut sql = types::render(&column.data_type, facts);
    if column.identity == Some(Identity::AutoIncrement) {
        sql.push_str(" AUTO_INCREMENT");
    }
    if let Some(charset) = &column.charset {
        sql.push_str(" CHARACTER SET ");
        sql.push_str(charset);
    }
    if let Some(generated) = &column.generated {
        // The collation belongs to the type here: after the expression it is an error.
        push_collation(&mut sql, column, facts);
        sql.push_str(" GENERATED ALWAYS AS ");
        sql.push_str(&in_parentheses(&generated.expr));
        sql.push_str(match generated.kind {
            GeneratedKind::Virtual => " VIRTUAL",
            GeneratedKind::Stored => " STORED",
        });
        // MariaDB takes no NOT NULL on a generated column.
        if !column.nullable && !is_mariadb(facts) {
            sql.push_str(" NOT NULL");
        }
    } else {
        push_value_clauses(&mut sql, column);
        push_collation(&mut sql, column, facts);
    }
    if column.invisible {
        sql.push_str(" INVISIBLE");
    }
    if let Some(comment) = column.stored_comment() {
        sql.push_str(" COMMENT ");
        sql.push_str(&string_literal(&comment));
    }
    sql
}

fn push_value_clauses(sql: &mut String, column: &Column) {
    // Without a word about it an old server makes a TIMESTAMP NOT NULL.
    if column.nullable && matches!(column.data_type, DataType::Timestamp { .. }) {
        sql.push_str(" NULL");
    }
    match &column.default {
        Some(default) => {
            sql.push_str(" DEFAULT ");
            sql.push_str(default.as_str());
        }
        None if column.nullable => sql.push_str(" DEFAULT NULL"),
        None => {}
    }
    if let Some(on_update) = &column.on_update {
        sql.push_str(" ON UPDATE ");
        sql.push_str(on_update.as_str());
    }
    if !column.nullable {
        sql.push_str(" NOT NULL");
    }
}

fn push_collation(sql: &mut String, column: &Column, facts: &Facts) {
    if let Some(name) = &column.collation {
        sql.push_str(" COLLATE ");
        sql.push_str(&collation(name, facts));
    }
}

/// The name of a collation: in backticks since DBAL 2.10.
fn collation(name: &str, facts: &Facts) -> String {
    if facts.doctrine.dbal_at_least(2, 10) {
        quote_ident(name)
    } else {
        name.to_owned()
    }
}

/// An expression in parentheses, unless it is in one pair already.
fn in_parentheses(expr: &Expr) -> String {
    let text = expr.as_str().trim();
    let mut cursor = crate::lexer::Cursor::new(text);
    if cursor.eat_group().is_some() && cursor.is_at_end() {
        text.to_owned()
    } else {
        format!("({text})")
    }
}

/// A column's declaration for a person, its comment and type mark included.
pub(crate) fn describe_column(column: &Column, facts: &Facts) -> String {
    column_body(column, &crate::no_table(), facts)
}

/// The parts of a key, with commas between, without parentheses around: `a, b(10)`.
fn parts(parts: &[IndexPart], facts: &Facts) -> String {
    let parts: Vec<_> = parts.iter().map(|part| index_part(part, facts)).collect();
    parts.join(", ")
}

fn index_part(part: &IndexPart, facts: &Facts) -> String {
    let mut sql = match &part.target {
        IndexTarget::Column(name) => ident(name, facts),
        IndexTarget::Expr(expr) => in_parentheses(expr),
    };
    if let Some(prefix) = part.prefix {
        sql.push('(');
        sql.push_str(&prefix.to_string());
        sql.push(')');
    }
    if part.order == SortOrder::Desc {
        sql.push_str(" DESC");
    }
    sql
}

/// The parts of a key in parentheses: `(a, b(10))`.
pub(crate) fn index_parts(index_parts: &[IndexPart], facts: &Facts) -> String {
    format!("({})", parts(index_parts, facts))
}

/// `UNIQUE `, `FULLTEXT `, `SPATIAL ` or nothing. Of several DBAL prints the first.
fn index_flags(index: &Index) -> &'static str {
    match &index.kind {
        _ if index.unique => "UNIQUE ",
        IndexKind::Fulltext { .. } => "FULLTEXT ",
        IndexKind::Spatial => "SPATIAL ",
        IndexKind::Plain | IndexKind::Method(_) => "",
    }
}

/// What follows the parts of an index.
fn index_options(index: &Index, facts: &Facts) -> String {
    let mut sql = String::new();
    match &index.kind {
        IndexKind::Method(method) => {
            sql.push_str(" USING ");
            sql.push_str(&method.to_ascii_uppercase());
        }
        IndexKind::Fulltext {
            parser: Some(parser),
        } => {
            sql.push_str(" WITH PARSER ");
            sql.push_str(&quote_ident(parser));
        }
        IndexKind::Plain | IndexKind::Fulltext { parser: None } | IndexKind::Spatial => {}
    }
    if let Some(comment) = index.comment.as_deref().filter(|text| !text.is_empty()) {
        sql.push_str(" COMMENT ");
        sql.push_str(&string_literal(comment));
    }
    if index.invisible {
        sql.push_str(if is_mariadb(facts) {
            " IGNORED"
        } else {
            " INVISIBLE"
        });
    }
    sql
}

/// An index as in CREATE TABLE: `UNIQUE INDEX x (a, b)`.
pub(crate) fn index_inline(index: &Index, facts: &Facts) -> String {
    let name = index
        .name
        .as_ref()
        .map_or_else(String::new, |name| format!("{} ", ident(name, facts)));
    format!(
        "{}INDEX {name}{}{}",
        index_flags(index),
        index_parts(&index.parts, facts),
        index_options(index, facts)
    )
}

/// A whole CREATE INDEX. An index without a name is only possible inside ALTER TABLE.
pub(crate) fn create_index(table: &ObjectName, index: &Index, facts: &Facts) -> String {
    let table = object_name(table, facts);
    match &index.name {
        Some(name) => format!(
            "CREATE {}INDEX {} ON {table} {}{}",
            index_flags(index),
            ident(name, facts),
            index_parts(&index.parts, facts),
            index_options(index, facts)
        ),
        None => format!("ALTER TABLE {table} ADD {}", index_inline(index, facts)),
    }
}

/// An index for a person, without its name: `UNIQUE (a, b)`.
pub(crate) fn describe_index(index: &Index, facts: &Facts) -> String {
    let kind = match index_flags(index).trim_end() {
        "" => "INDEX",
        flags => flags,
    };
    format!(
        "{kind} {}{}",
        index_parts(&index.parts, facts),
        index_options(index, facts)
    )
}

/// A foreign key: `FOREIGN KEY (a) REFERENCES u (id) ON DELETE CASCADE`.
pub(crate) fn foreign_key(key: &ForeignKey, facts: &Facts) -> String {
    let names = |columns: &[Ident]| {
        let columns: Vec<_> = columns.iter().map(|name| ident(name, facts)).collect();
        columns.join(", ")
    };
    let mut sql = format!(
        "FOREIGN KEY ({}) REFERENCES {}",
        names(&key.columns),
        object_name(&key.ref_table, facts)
    );
    if !key.ref_columns.is_empty() {
        sql.push_str(" (");
        sql.push_str(&names(&key.ref_columns));
        sql.push(')');
    }
    sql.push_str(match key.match_kind {
        MatchKind::Simple => "",
        MatchKind::Full => " MATCH FULL",
        MatchKind::Partial => " MATCH PARTIAL",
    });
    if let Some(action) = key.on_update {
        sql.push_str(" ON UPDATE ");
        sql.push_str(action.sql());
    }
    if let Some(action) = key.on_delete {
        sql.push_str(" ON DELETE ");
        sql.push_str(action.sql());
    }
    sql
}

/// A foreign key with its name, as after `ADD`.
pub(crate) fn foreign_key_constraint(key: &ForeignKey, facts: &Facts) -> String {
    match &key.name {
        Some(name) => format!(
            "CONSTRAINT {} {}",
            ident(name, facts),
            foreign_key(key, facts)
        ),
        None => foreign_key(key, facts),
    }
}

/// A whole `ALTER TABLE … ADD CONSTRAINT …`.
pub(crate) fn foreign_key_add(table: &ObjectName, key: &ForeignKey, facts: &Facts) -> String {
    format!(
        "ALTER TABLE {} ADD {}",
        object_name(table, facts),
        foreign_key_constraint(key, facts)
    )
}

/// A check with its name, as in CREATE TABLE and after `ADD`.
pub(crate) fn check(check: &Check, facts: &Facts) -> String {
    let name = check.name.as_ref().map_or_else(String::new, |name| {
        format!("CONSTRAINT {} ", ident(name, facts))
    });
    let enforced = if check.enforced { "" } else { " NOT ENFORCED" };
    format!("{name}CHECK {}{enforced}", in_parentheses(&check.expr))
}

/// True for a check that is part of a column's definition, which only MariaDB knows.
pub(crate) fn in_a_column(check: &Check, facts: &Facts) -> bool {
    is_mariadb(facts) && check.name.is_none() && check.column.is_some()
}

/// The checks of a column as its definition ends with them. The one that makes it JSON comes
/// with the type, and those of a verbatim definition are in its text.
pub(crate) fn column_checks<'c>(
    column: &Column,
    checks: impl IntoIterator<Item = &'c Check>,
    facts: &Facts,
) -> String {
    let mut sql = String::new();
    if column.definition.is_some() {
        return sql;
    }
    let json = matches!(column.data_type, DataType::Json { .. });
    for check in checks {
        let of_it = check
            .column
            .as_ref()
            .is_some_and(|name| name.text.eq_ignore_ascii_case(&column.name.text));
        if of_it
            && in_a_column(check, facts)
            && !(json && crate::expr::is_json_check(&check.expr, &column.name.text))
        {
            sql.push_str(" CHECK ");
            sql.push_str(&in_parentheses(&check.expr));
        }
    }
    sql
}

/// Everything after the closing parenthesis of CREATE TABLE, with a blank before it, or nothing.
/// DBAL's order is fixed, and so is the blank that it leaves after a comment.
pub(crate) fn table_options(table: &Table, facts: &Facts) -> String {
    let no_options = realign_model::MySqlTable::default();
    let options: &realign_model::MySqlTable = match &table.options {
        TableOptions::MySql(options) => options,
        TableOptions::None | TableOptions::Sqlite(_) | TableOptions::Postgres(_) => &no_options,
    };
    let mut words = Vec::new();
    if let Some(verbatim) = &options.verbatim {
        words.push(verbatim.clone());
    } else {
        if let Some(charset) = &options.charset {
            words.push(format!("DEFAULT CHARACTER SET {charset}"));
        }
        let derived = || derived_collation(options.charset.as_deref()?, facts.doctrine);
        if let Some(name) = options.collation.clone().or_else(derived) {
            words.push(format!("COLLATE {}", collation(&name, facts)));
        }
        if let Some(engine) = &options.engine {
            words.push(format!("ENGINE = {engine}"));
        }
        if let Some(first) = options.auto_increment {
            words.push(format!("AUTO_INCREMENT = {first}"));
        }
        if let Some(comment) = &table.comment {
            words.push(format!("COMMENT = {} ", string_literal(comment)));
        }
        if let Some(format) = &options.row_format {
            words.push(format!("ROW_FORMAT = {format}"));
        }
        words.extend(options.extra.iter().cloned());
    }
    if let Some(partition) = &options.partition {
        words.push(partition.clone());
    } else if let Some(partitioning) = &table.partitioning {
        words.push(partitioning.clause.text.clone());
    }
    if words.is_empty() {
        String::new()
    } else {
        format!(" {}", words.join(" "))
    }
}

/// A whole CREATE TABLE, without foreign keys.
pub(crate) fn create_table(table: &Table, facts: &Facts) -> String {
    let mut items: Vec<String> = table
        .columns
        .iter()
        .map(|item| column(item, table, facts) + &column_checks(item, &table.checks, facts))
        .collect();
    items.extend(table.indexes.iter().map(|index| index_inline(index, facts)));
    let own = table.checks.iter().filter(|item| !in_a_column(item, facts));
    items.extend(own.map(|item| check(item, facts)));
    if let Some(key) = &table.primary_key {
        // DBAL writes no blank before this one parenthesis.
        items.push(format!("PRIMARY KEY{}", index_parts(&key.parts, facts)));
    }
    format!(
        "CREATE TABLE {} ({}){}",
        object_name(&table.name, facts),
        items.join(", "),
        table_options(table, facts)
    )
}
