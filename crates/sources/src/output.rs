//! Tables under construction become tables of the model, in the platform's words.

use std::collections::{BTreeSet, HashMap, HashSet};

use realign_model::{
    Column, Database, ForeignKey, Ident, MatchKind, Namespace, ObjectName, PrimaryKey, RefAction,
    Sequence, Table,
};
use realign_planner::{Diagnostic, DoctrineColumn, DoctrineIndex, Severity};

use crate::codes;
use crate::custom::resolved;
use crate::fulfil::TableIndex;
use crate::metadata::Context;
use crate::names::{ident, normalized};
use crate::schema_table::{PRIMARY, SchemaForeignKey, SchemaTable};

/// The database under construction.
pub(crate) struct Output<'a> {
    context: Context<'a>,
    database: Database,
    names: HashSet<String>,
    /// Types that are said to be wrong where a field declares them.
    bad_types: HashSet<String>,
    /// Types that are wrong where a column refers to such a field.
    of_references: Vec<(String, Diagnostic)>,
    of_columns: Vec<Diagnostic>,
    of_indexes: Vec<Diagnostic>,
    of_tables: Vec<Diagnostic>,
}

impl<'a> Output<'a> {
    /// An empty database with room for so many tables.
    pub(crate) fn new(context: Context<'a>, tables: usize) -> Self {
        Self {
            context,
            database: Database {
                tables: Vec::with_capacity(tables),
                ..Database::default()
            },
            names: HashSet::with_capacity(tables),
            bad_types: HashSet::new(),
            of_references: Vec::new(),
            of_columns: Vec::new(),
            of_indexes: Vec::new(),
            of_tables: Vec::new(),
        }
    }

    /// Takes a table; a second one of a name is only looked at for what is wrong with it, and
    /// one in another database is left out.
    pub(crate) fn add(&mut self, table: &SchemaTable) {
        let columns = self.columns(table);
        let Some(name) = self.within_reach(&table.name) else {
            self.of_tables.push(elsewhere(table));
            return;
        };
        if self.names.insert(normalized(&name.to_string())) {
            let table = self.table(name, table, columns);
            self.database.tables.push(table);
        }
    }

    fn within_reach(&self, name: &ObjectName) -> Option<ObjectName> {
        self.context.platform.within_reach(name, self.context.facts)
    }

    /// The database. What is wrong with a type is said where a field declares it, and not
    /// again for each column that refers to it.
    pub(crate) fn finish(self, sequences: Vec<Sequence>, said: &mut Vec<Diagnostic>) -> Database {
        said.extend(self.of_columns);
        let of_references = self.of_references.into_iter();
        said.extend(
            of_references
                .filter(|(type_name, _)| !self.bad_types.contains(type_name))
                .map(|(_, error)| error),
        );
        said.extend(self.of_indexes);
        said.extend(self.of_tables);
        let mut database = self.database;
        database.sequences = sequences;
        if self.context.options.qualify_index_names {
            qualify_index_names(&mut database);
        }
        let namespaces: BTreeSet<&Ident> = database
            .tables
            .iter()
            .filter_map(|table| table.name.schema.as_ref())
            .chain(
                database
                    .sequences
                    .iter()
                    .filter_map(|s| s.name.schema.as_ref()),
            )
            .collect();
        database.namespaces = namespaces
            .into_iter()
            .map(|name| Namespace { name: name.clone() })
            .collect();
        database
    }

    /// The columns of a table, in their order, without those that can't be made.
    fn columns(&mut self, table: &SchemaTable) -> Vec<Column> {
        let mut columns = Vec::with_capacity(table.columns.len());
        for column in table.ordered_columns(self.context) {
            let declared = resolved(&column.column, &self.context.options.types);
            let (declared, derived) = (declared.as_ref(), column.derived);
            let mut remarks = Vec::new();
            let facts = self.context.facts;
            let platform = self.context.platform;
            match platform.column(declared, facts, &mut remarks) {
                Ok(mut done) => {
                    done.origin = declared.origin.clone();
                    columns.push(done);
                }
                Err(error) => {
                    let error = placed(error, declared);
                    if derived {
                        let type_name = declared.mapped_type().to_owned();
                        self.of_references.push((type_name, error));
                    } else {
                        self.bad_types.insert(declared.mapped_type().to_owned());
                        self.of_columns.push(error);
                    }
                }
            }
            let remarks = remarks
                .into_iter()
                .filter(|remark| !derived || remark.severity != Severity::Note);
            self.of_columns
                .extend(remarks.map(|remark| placed(remark, declared)));
        }
        columns
    }

    fn table(&mut self, name: ObjectName, table: &SchemaTable, columns: Vec<Column>) -> Table {
        let context = self.context;
        let (options, comment) = context.platform.table_options(
            &table.options,
            &context.options.defaults,
            context.facts,
        );
        let mut made = Table::new(name);
        made.options = options;
        made.rare.put(comment, |rare| &mut rare.comment);
        made.origin = table.origin.clone();
        made.columns = columns;
        for (key, index) in &table.indexes {
            if key == PRIMARY {
                let mut primary = PrimaryKey::over(SchemaTable::idents(&index.columns));
                primary.origin = index.origin.clone();
                made.primary_key = Some(Box::new(primary));
            } else {
                made.indexes.push(self.index(index));
            }
        }
        for key in table.foreign_keys.values() {
            let Some(target) = self.within_reach(&key.target) else {
                continue;
            };
            let mut done = context
                .platform
                .foreign_key(foreign_key(key, target), context.facts);
            done.origin = key.origin.clone();
            made.foreign_keys.push(done);
        }
        made
    }

    fn index(&mut self, index: &TableIndex) -> realign_model::Index {
        let doctrine = DoctrineIndex {
            name: ident(&index.name),
            columns: SchemaTable::idents(&index.columns),
            unique: index.unique,
            flags: index.flags.clone(),
            options: index.options.clone(),
            origin: index.origin.clone(),
        };
        let mut remarks = Vec::new();
        let mut made = self
            .context
            .platform
            .index(&doctrine, self.context.facts, &mut remarks);
        made.origin = index.origin.clone();
        for mut remark in remarks {
            if remark.origin.is_none() {
                remark.origin = index.origin.clone();
            }
            self.of_indexes.push(remark);
        }
        made
    }
}

/// The diagnostic at the column, if it does not say where itself.
fn placed(mut diagnostic: Diagnostic, column: &DoctrineColumn) -> Diagnostic {
    if diagnostic.origin.is_none() {
        diagnostic.origin = column.origin.clone();
    }
    diagnostic
}

/// What is said of a table that is left out.
fn elsewhere(table: &SchemaTable) -> Diagnostic {
    let database = table
        .name
        .schema
        .as_ref()
        .map_or("", |schema| schema.as_str());
    let message = format!(
        "the table {} lies in another database, {database}, and is left alone",
        table.name
    );
    Diagnostic::warning(codes::ELSEWHERE, message)
        .at(table.origin.clone())
        .with_note("here a schema is a database, and one database is looked after at a time; foreign keys to this table are left out as well")
}

fn foreign_key(key: &SchemaForeignKey, target: ObjectName) -> ForeignKey {
    ForeignKey {
        name: Some(Ident::new(&key.name)),
        columns: SchemaTable::idents(&key.columns),
        ref_table: target,
        ref_columns: SchemaTable::idents(&key.target_columns),
        on_delete: key.on_delete.as_deref().and_then(RefAction::from_sql),
        on_update: None,
        deferrable: false,
        initially_deferred: false,
        match_kind: MatchKind::Simple,
        set_columns: Vec::new(),
        origin: key.origin.clone(),
    }
}

/// Puts the table in front of every index name that is not the only one of its kind.
fn qualify_index_names(database: &mut Database) {
    let scoped = |schema: Option<&Ident>, name: &str| {
        let schema = schema.map_or("", Ident::as_str).to_ascii_lowercase();
        (schema, name.to_ascii_lowercase())
    };
    let mut uses: HashMap<(String, String), usize> = HashMap::new();
    for table in &database.tables {
        let schema = table.name.schema.as_ref();
        let names = table.indexes.iter().filter_map(|index| index.name.as_ref());
        for name in names.chain([&table.name.name]) {
            *uses.entry(scoped(schema, name.as_str())).or_default() += 1;
        }
    }
    for table in &mut database.tables {
        let (schema, own) = (table.name.schema.clone(), table.name.name.text.clone());
        for name in table.indexes.iter_mut().filter_map(|i| i.name.as_mut()) {
            if uses.get(&scoped(schema.as_ref(), name.as_str())).copied() > Some(1) {
                name.text = format!("{own}_{}", name.text);
            }
        }
    }
}
