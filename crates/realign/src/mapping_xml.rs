//! A schema as a Doctrine XML mapping: what a project begins with that has a database and no
//! mapping yet.
//!
//! Doctrine's words do not reach every column. The mapping is therefore read back by the very
//! reader of mappings, and a column that came out as another one gets its whole definition.

mod links;
mod lost;
#[cfg(test)]
mod tests;
mod words;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write as _;

use realign_model::{
    Column, DataType, Database, Ident, Identity, Index, IndexKind, Table, TableOptions, TextSize,
};
use realign_planner::{Dialect, Facts};
use realign_sources::{DoctrineOptions, SourceFile, load_doctrine_xml};

use words::{camel, column_options, columns, doctrine_type, escaped, quoted, studly};

/// Columns that Doctrine's types do not describe, by table and column, with their definition.
type Definitions = BTreeMap<(String, String), String>;

/// A mapping that declares what Doctrine can declare of a schema; what it can't is said in
/// comments. All classes are in one file.
pub fn doctrine_xml(database: &Database, dialect: &dyn Dialect, facts: &Facts) -> String {
    let mut definitions = Definitions::new();
    let text = write(database, &definitions);
    let read = load_doctrine_xml(
        [SourceFile {
            path: "mapping".to_owned(),
            text: text.clone(),
        }],
        &DoctrineOptions::default(),
        dialect.doctrine(),
        facts,
    );
    for table in &database.tables {
        let mapped = read
            .database
            .tables
            .iter()
            .find(|mapped| same(&mapped.name.name, &table.name.name));
        let Some(mapped) = mapped else {
            continue;
        };
        for column in &table.columns {
            let wish = mapped
                .columns
                .iter()
                .find(|wish| same(&wish.name, &column.name));
            let Some(wish) = wish else {
                continue;
            };
            let mut unknown = Vec::new();
            let found =
                dialect
                    .compare()
                    .column((column, table), (wish, mapped), facts, &mut unknown);
            if !found.is_empty() || !unknown.is_empty() {
                definitions.insert(
                    (table.name.to_string(), column.name.text.clone()),
                    dialect.describe_column(column, facts),
                );
            }
        }
    }
    if definitions.is_empty() {
        text
    } else {
        write(database, &definitions)
    }
}

fn same(a: &Ident, b: &Ident) -> bool {
    a.text.eq_ignore_ascii_case(&b.text)
}

fn write(database: &Database, definitions: &Definitions) -> String {
    let mut writer = Writer {
        text: String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<doctrine-mapping xmlns=\"http://doctrine-project.org/schemas/orm/doctrine-mapping\">\n",
        ),
        database,
        definitions,
        classes: classes(database),
    };
    for table in &database.tables {
        writer.table(table);
    }
    for object in lost::of_database(database) {
        writer.remark(1, &format!("the {object} has no words in a mapping"));
    }
    writer.text.push_str("</doctrine-mapping>\n");
    writer.text
}

/// A class name a table, no two alike.
fn classes(database: &Database) -> BTreeMap<String, String> {
    let mut taken = HashSet::new();
    let mut classes = BTreeMap::new();
    for table in &database.tables {
        let wanted = studly(&table.name.name.text);
        let mut name = wanted.clone();
        let mut number = 2;
        while !taken.insert(name.to_lowercase()) {
            name = format!("{wanted}{number}");
            number += 1;
        }
        classes.insert(table.name.to_string(), name);
    }
    classes
}

struct Writer<'a> {
    text: String,
    database: &'a Database,
    definitions: &'a Definitions,
    classes: BTreeMap<String, String>,
}

impl Writer<'_> {
    fn line(&mut self, depth: usize, text: &str) {
        // Writing into a String cannot fail.
        let _ = writeln!(self.text, "{}{text}", "    ".repeat(depth));
    }

    fn remark(&mut self, depth: usize, text: &str) {
        // Two hyphens would end a comment, and no other sign of control may stand in it.
        let mut text = text.replace(|c: char| c.is_control() && c != '\n', " ");
        while text.contains("--") {
            text = text.replace("--", "- -");
        }
        self.line(depth, &format!("<!-- {text} -->"));
    }

    fn table(&mut self, table: &Table) {
        let name = table.name.to_string();
        let Some(key) = &table.primary_key else {
            self.remark(
                1,
                &format!("the table {name} has no primary key, which a mapping needs"),
            );
            return;
        };
        let key: Vec<Ident> = key.columns().cloned().collect();
        let class = self.classes.get(&name).cloned().unwrap_or_default();
        let schema = table
            .name
            .schema
            .as_ref()
            .map_or_else(String::new, |s| format!(" schema=\"{}\"", escaped(&s.text)));
        self.line(
            1,
            &format!(
                "<entity name=\"App\\Entity\\{}\" table=\"{}\"{schema}>",
                escaped(&class),
                escaped(&quoted(&table.name.name))
            ),
        );
        self.table_options(table);
        for part in lost::of_table(table) {
            self.remark(2, &format!("the {part} has no words in a mapping"));
        }
        self.indexes(table);
        let links = self.links(table);
        let linked: BTreeSet<String> = links
            .iter()
            .flat_map(|(key, _)| &key.columns)
            .map(|column| column.text.to_lowercase())
            .collect();
        let is_linked = |name: &Ident| linked.contains(&name.text.to_lowercase());
        let mut fields = HashSet::new();
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        let mut field = |name: &str| {
            let wanted = camel(name);
            let mut made = wanted.clone();
            let mut number = 2;
            while !fields.insert(made.to_lowercase()) {
                made = format!("{wanted}{number}");
                number += 1;
            }
            made
        };
        for column in &table.columns {
            names.insert(column.name.text.to_lowercase(), field(&column.name.text));
        }
        let name_of = |column: &Ident| {
            names
                .get(&column.text.to_lowercase())
                .cloned()
                .unwrap_or_default()
        };
        for column in &table.columns {
            if !key.iter().any(|part| same(part, &column.name)) {
                continue;
            }
            if is_linked(&column.name) {
                let line = format!(
                    "<id name=\"{}\" association-key=\"true\"/>",
                    name_of(&column.name)
                );
                self.line(2, &line);
            } else {
                self.column(table, column, &name_of(&column.name), true);
            }
        }
        for column in &table.columns {
            if !key.iter().any(|part| same(part, &column.name)) && !is_linked(&column.name) {
                self.column(table, column, &name_of(&column.name), false);
            }
        }
        for (key, target) in links {
            let Some(first) = key.columns.first() else {
                continue;
            };
            self.association(table, key, &target, &name_of(first));
        }
        self.line(1, "</entity>");
    }

    fn table_options(&mut self, table: &Table) {
        let mut options: Vec<(&str, String)> = Vec::new();
        if let TableOptions::MySql(own) = &table.options {
            let named = [
                ("charset", &own.charset),
                ("collate", &own.collation),
                ("engine", &own.engine),
            ];
            for (name, value) in named {
                options.extend(value.clone().map(|value| (name, value)));
            }
        }
        options.extend(table.comment.clone().map(|comment| ("comment", comment)));
        self.options(2, &options);
    }

    fn options(&mut self, depth: usize, options: &[(&str, String)]) {
        if options.is_empty() {
            return;
        }
        self.line(depth, "<options>");
        for (name, value) in options {
            let line = format!("<option name=\"{name}\">{}</option>", escaped(value));
            self.line(depth + 1, &line);
        }
        self.line(depth, "</options>");
    }

    fn indexes(&mut self, table: &Table) {
        let (unique, plain): (Vec<&Index>, Vec<&Index>) =
            table.indexes.iter().partition(|index| index.unique);
        for (many, one, indexes) in [
            ("indexes", "index", plain),
            ("unique-constraints", "unique-constraint", unique),
        ] {
            let (able, unable): (Vec<&Index>, Vec<&Index>) =
                indexes.into_iter().partition(|index| {
                    columns(index).is_some()
                        && (index.unique || index.name.is_some())
                        && !matches!(index.kind, IndexKind::Method(_))
                });
            for index in unable {
                let said = format!(
                    "the index {} is none that a mapping can declare",
                    index.name_str()
                );
                self.remark(2, &said);
            }
            if able.is_empty() {
                continue;
            }
            for index in &able {
                if let Some(lost) = lost::of_index(index) {
                    let name = index.name_str();
                    let said = format!("the index {name} is more than a mapping can say: {lost}");
                    self.remark(2, &said);
                }
            }
            self.line(2, &format!("<{many}>"));
            for index in able {
                let columns = columns(index).unwrap_or_default().join(",");
                let flags = match index.kind {
                    IndexKind::Fulltext { .. } => " flags=\"fulltext\"",
                    IndexKind::Spatial => " flags=\"spatial\"",
                    IndexKind::Plain | IndexKind::Method(_) => "",
                };
                let name = match index.name_str() {
                    "" => String::new(),
                    name => format!(" name=\"{}\"", escaped(name)),
                };
                let head = format!("<{one}{name} columns=\"{}\"{flags}", escaped(&columns));
                let mut options: Vec<(&str, String)> = Vec::new();
                options.extend(
                    index
                        .predicate
                        .as_ref()
                        .map(|text| ("where", text.text.clone())),
                );
                let lengths: Vec<String> = index
                    .parts
                    .iter()
                    .map(|part| {
                        part.prefix
                            .map_or_else(String::new, |length| length.to_string())
                    })
                    .collect();
                if lengths.iter().any(|length| !length.is_empty()) {
                    options.push(("lengths", lengths.join(",")));
                }
                if options.is_empty() {
                    self.line(3, &format!("{head}/>"));
                } else {
                    self.line(3, &format!("{head}>"));
                    self.options(4, &options);
                    self.line(3, &format!("</{one}>"));
                }
            }
            self.line(2, &format!("</{many}>"));
        }
    }

    fn column(&mut self, table: &Table, column: &Column, field: &str, id: bool) {
        let word = if id { "id" } else { "field" };
        let kind = column
            .type_mark
            .clone()
            .filter(|mark| !mark.is_empty())
            .unwrap_or_else(|| doctrine_type(&column.data_type).to_owned());
        let mut head = format!(
            "<{word} name=\"{field}\" type=\"{}\" column=\"{}\"",
            escaped(&kind),
            escaped(&quoted(&column.name))
        );
        // Writing into a String cannot fail, here and below.
        match &column.data_type {
            DataType::Char { len } | DataType::Varchar { len } => {
                let _ = write!(head, " length=\"{}\"", len.unwrap_or(255));
            }
            DataType::Binary { len: Some(len) } | DataType::Varbinary { len: Some(len) } => {
                let _ = write!(head, " length=\"{len}\"");
            }
            DataType::Text { size } | DataType::Blob { size } => {
                let length = match size {
                    TextSize::Tiny => Some(255),
                    TextSize::Normal => Some(65_535),
                    TextSize::Medium => Some(16_777_215),
                    TextSize::Long => None,
                };
                if let Some(length) = length {
                    let _ = write!(head, " length=\"{length}\"");
                }
            }
            DataType::Decimal {
                precision, scale, ..
            } => {
                let _ = write!(
                    head,
                    " precision=\"{}\" scale=\"{}\"",
                    precision.unwrap_or(10),
                    scale.unwrap_or(0)
                );
            }
            _ => {}
        }
        if column.nullable && !id {
            head.push_str(" nullable=\"true\"");
        }
        let place = (table.name.to_string(), column.name.text.clone());
        if let Some(definition) = self.definitions.get(&place) {
            let _ = write!(head, " column-definition=\"{}\"", escaped(definition));
        }
        let options = column_options(column);
        let generated = id && column.identity.is_some();
        if options.is_empty() && !generated {
            self.line(2, &format!("{head}/>"));
            return;
        }
        self.line(2, &format!("{head}>"));
        if generated {
            let strategy = match column.identity {
                Some(Identity::AutoIncrement | Identity::Serial | Identity::Identity { .. }) => {
                    "IDENTITY"
                }
                None => "NONE",
            };
            self.line(3, &format!("<generator strategy=\"{strategy}\"/>"));
        }
        self.options(3, &options);
        self.line(2, &format!("</{word}>"));
    }
}
