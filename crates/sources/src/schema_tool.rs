//! Doctrine's schema tool: classes become tables.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;
use realign_model::{Ident, ObjectName, Origin, Sequence};
use realign_planner::{Diagnostic, DoctrineColumn, IdSource, OptionValue};

use crate::codes;
use crate::declared::{Index, IndexKey, IndexOver, Indexes, Inheritance, Kind, Options};
use crate::fulfil::TableIndex;
use crate::metadata::{Classes, Context, FieldMapping, Metadata};
use crate::names::{normalized, unquoted};
use crate::php;
use crate::schema_column::{column_of, modify};
use crate::schema_table::{
    IndexRefusal, NewForeignKey, NewIndex, PRIMARY, SchemaColumn, SchemaTable,
};

/// What the schema tool has made so far.
pub(crate) struct SchemaTool<'a, 's> {
    pub(crate) classes: &'a Classes,
    pub(crate) context: Context<'a>,
    pub(crate) said: &'s mut Vec<Diagnostic>,
    pub(crate) tables: Vec<SchemaTable>,
    pub(crate) sequences: Vec<Sequence>,
    names: HashMap<String, usize>,
    /// The first foreign key over each list of columns: target and target columns.
    pub(crate) added_keys: HashMap<String, (String, Vec<String>)>,
    pub(crate) dropped_keys: HashSet<String>,
}

/// Makes the tables of all classes.
pub(crate) fn make_tables(
    classes: &Classes,
    context: Context<'_>,
    said: &mut Vec<Diagnostic>,
) -> (Vec<SchemaTable>, Vec<Sequence>) {
    let mut tool = SchemaTool {
        classes,
        context,
        said,
        tables: Vec::new(),
        sequences: Vec::new(),
        names: HashMap::new(),
        added_keys: HashMap::new(),
        dropped_keys: HashSet::new(),
    };
    for class in classes.values() {
        let in_another_table = class.inheritance == Inheritance::SingleTable && !class.is_root();
        if class.kind == Kind::Entity && !in_another_table {
            tool.class(class);
        }
    }
    (tool.tables, tool.sequences)
}

impl SchemaTool<'_, '_> {
    fn class(&mut self, class: &Metadata) {
        let name = self.table_name(class);
        let table = self.create_table(name, &class.table.origin, &class.table.options);
        match class.inheritance {
            Inheritance::None => {
                self.columns(class, table);
                self.relations(class, table);
            }
            Inheritance::SingleTable => {
                self.columns(class, table);
                self.relations(class, table);
                self.discriminator(class, table);
                let classes = self.classes;
                for subclass in class.subclasses.iter().filter_map(|name| classes.get(name)) {
                    self.columns(subclass, table);
                    self.relations(subclass, table);
                }
            }
            Inheritance::Joined => self.joined(class, table),
        }
        self.primary_key(class, table);
        self.indexes(class, table);
        self.sequence(class);
    }

    /// One table of a JOINED hierarchy: own fields; the root has the discriminator, the
    /// others refer to the root with the inherited id.
    fn joined(&mut self, class: &Metadata, table: usize) {
        for field in class.fields.values().filter(|f| f.inherited.is_none()) {
            self.column(class, field, table);
        }
        self.relations(class, table);
        if class.is_root() {
            self.discriminator(class, table);
            return;
        }
        let mut key = Vec::new();
        for name in &class.identifier {
            if let Some(field) = class.fields.get(name).filter(|f| f.inherited.is_some()) {
                self.column(class, field, table);
                key.push(self.context.raw(&field.column.text, field.column.quoted));
            } else if let Some(association) = class
                .associations
                .get(name)
                .filter(|a| a.inherited.is_some())
            {
                let columns = association.join_columns.iter();
                key.extend(columns.map(|c| self.context.raw(&c.name, c.quoted)));
            }
        }
        key.retain(|column| self.tables[table].has_column(column));
        let root = self.classes.get(&class.root);
        if let Some(root) = root.filter(|_| !key.is_empty()) {
            let foreign_key = NewForeignKey {
                columns: key.clone(),
                target: self.table_name(root),
                target_columns: key.clone(),
                on_delete: Some("CASCADE".to_owned()),
                origin: class.origin.clone(),
            };
            self.tables[table].add_foreign_key(foreign_key, self.context);
            let added = self.tables[table].set_primary_key(key, &class.origin, self.context);
            self.tell(added, &class.origin, &class.name);
        }
    }

    fn columns(&mut self, class: &Metadata, table: usize) {
        let one_table = class.inheritance == Inheritance::SingleTable;
        for field in class.fields.values() {
            if !(one_table && field.inherited.is_some()) {
                self.column(class, field, table);
            }
        }
    }

    /// `gatherColumn`.
    fn column(&mut self, class: &Metadata, field: &FieldMapping, table: usize) {
        let context = self.context;
        let raw = context.raw(&field.column.text, field.column.quoted);
        let mut column = column_of(field);
        column.not_null = !field.nullable
            && !(class.inheritance == Inheritance::SingleTable && !class.parents.is_empty());
        // From ORM 2.15 on a field's options take the place of the version mark.
        column.version = class.version.as_deref() == Some(&field.name)
            && !(context.orm(2, 15) && !field.options.is_empty());
        let single = class.identifier.len() == 1 && class.identifier[0] == field.name;
        column.autoincrement = class.generator == Some(IdSource::Identity)
            && single
            && !(class.inheritance == Inheritance::Joined && !class.is_root());
        let table = &mut self.tables[table];
        match table.column_mut(&raw) {
            Some(existing) => modify(&mut existing.column, column, field),
            None => {
                let derived = false;
                table.add_column(&raw, SchemaColumn { column, derived });
            }
        }
        if field.unique {
            let index = NewIndex::unique(vec![raw], &field.origin);
            let added = table.add_index(index, context);
            self.tell(added, &field.origin, &class.name);
        }
    }

    fn discriminator(&mut self, class: &Metadata, table: usize) {
        let Some(discriminator) = &class.discriminator else {
            return;
        };
        let column = DoctrineColumn {
            name: Ident::new(&discriminator.name),
            type_name: discriminator.type_name.clone(),
            length: discriminator.length,
            precision: None,
            scale: None,
            fixed: false,
            unsigned: false,
            not_null: true,
            default: None,
            autoincrement: false,
            comment: None,
            definition: discriminator.definition.clone(),
            version: false,
            values: Vec::new(),
            options: Options::new(),
            origin: discriminator.origin.clone(),
        };
        let column = SchemaColumn {
            column,
            derived: false,
        };
        if !self.tables[table].add_column(&discriminator.name, column) {
            let message = format!(
                "the discriminator column {} of {} is another column's name",
                discriminator.name, class.name
            );
            self.said.push(
                Diagnostic::error(codes::DUPLICATE_COLUMN, message)
                    .at(discriminator.origin.clone()),
            );
        }
    }

    fn primary_key(&mut self, class: &Metadata, table: usize) {
        let context = self.context;
        let mut columns = Vec::new();
        let mut origin = class.origin.clone();
        for (position, name) in class.identifier.iter().enumerate() {
            let place = if let Some(field) = class.fields.get(name) {
                columns.push(context.raw(&field.column.text, field.column.quoted));
                &field.origin
            } else if let Some(association) = class.associations.get(name) {
                let keys = association.join_columns.iter();
                columns.extend(keys.map(|c| context.raw(&c.name, c.quoted)));
                &association.origin
            } else {
                continue;
            };
            if position == 0 {
                origin.clone_from(place);
            }
        }
        if columns.is_empty() {
            return; // Said already: no identifier.
        }
        let target = &mut self.tables[table];
        if !target.indexes.contains_key(PRIMARY) {
            // A column that is missing here is missing because of an error said before.
            columns.retain(|column| target.has_column(column));
            let added = target.set_primary_key(columns, &origin, context);
            self.tell(added, &origin, &class.name);
        }
        // ORM 2.5 leaves indexes that the primary key makes superfluous.
        let target = &mut self.tables[table];
        if let Some(key) = target.indexes.get(PRIMARY).cloned()
            && context.orm(2, 6)
        {
            target.indexes.retain(|_, index| !key.overrules(index));
        }
    }

    fn indexes(&mut self, class: &Metadata, table: usize) {
        let context = self.context;
        for (key, index) in &class.table.indexes {
            let Some(columns) = self.index_columns(class, index) else {
                continue;
            };
            let new = NewIndex {
                name: self.index_name(key),
                columns,
                unique: false,
                flags: index.flags.iter().map(|f| f.to_ascii_lowercase()).collect(),
                options: index.options.clone(),
                origin: &index.origin,
            };
            let added = self.tables[table].add_index(new, context);
            self.tell(added, &index.origin, &class.name);
        }
        self.unique_constraints(class, &class.table.uniques, table);
    }

    /// A unique constraint drops the first index that it fulfils, and is a unique index.
    fn unique_constraints(&mut self, class: &Metadata, uniques: &Indexes, table: usize) {
        let context = self.context;
        for (key, index) in uniques {
            let Some(columns) = self.index_columns(class, index) else {
                continue;
            };
            let candidate = TableIndex {
                name: String::new(),
                columns: columns.clone(),
                unique: true,
                primary: false,
                flags: Vec::new(),
                options: index.options.clone(),
                origin: Origin::None,
            };
            let lengths = context.dbal(2, 9);
            let name = self.index_name(key);
            let target = &mut self.tables[table];
            let fulfilled = target
                .indexes
                .iter()
                .find(|(_, existing)| existing.is_fulfilled_by(&candidate, lengths))
                .map(|(key, _)| key.clone());
            if let Some(key) = fulfilled {
                target.indexes.shift_remove(&key);
            }
            let new = NewIndex {
                name,
                columns,
                unique: true,
                flags: Vec::new(),
                options: index.options.clone(),
                origin: &index.origin,
            };
            let added = target.add_index(new, context);
            self.tell(added, &index.origin, &class.name);
        }
    }

    fn index_name(&self, key: &IndexKey) -> Option<String> {
        match key {
            IndexKey::Name(name) if !php::is_numeric(name) => {
                Some(format!("{}{name}", self.context.options.table_prefix))
            }
            _ => None,
        }
    }

    /// `getIndexColumns`: columns as written, or those of the fields.
    fn index_columns(&mut self, class: &Metadata, index: &Index) -> Option<Vec<String>> {
        let context = self.context;
        let fields = match &index.over {
            IndexOver::Columns(columns) => return Some(columns.clone()),
            IndexOver::Fields(fields) => fields,
        };
        if !context.orm(2, 9) {
            let message = "an index over fields needs ORM 2.9; the declared release knows columns";
            self.said
                .push(Diagnostic::error(codes::NEEDS_NEWER_ORM, message).at(index.origin.clone()));
            return None;
        }
        let mut columns = Vec::new();
        for name in fields {
            if let Some(field) = class.fields.get(name) {
                columns.push(context.raw(&field.column.text, field.column.quoted));
            } else if let Some(association) = class
                .associations
                .get(name)
                .filter(|a| !a.join_columns.is_empty())
            {
                let keys = association.join_columns.iter();
                columns.extend(keys.map(|c| context.raw(&c.name, c.quoted)));
            } else {
                let message = format!("{} has no field `{name}` to index", class.name);
                self.said.push(
                    Diagnostic::error(codes::INDEX_UNKNOWN_COLUMN, message)
                        .at(index.origin.clone()),
                );
                return None;
            }
        }
        Some(columns)
    }

    /// Says why an index was refused.
    pub(crate) fn tell(&mut self, added: Result<(), IndexRefusal>, origin: &Origin, class: &str) {
        let Err(refusal) = added else {
            return;
        };
        let diagnostic = match refusal {
            IndexRefusal::UnknownColumn(column) => {
                let diagnostic = Diagnostic::error(
                    codes::INDEX_UNKNOWN_COLUMN,
                    format!("the table of {class} has no column `{column}` to index"),
                );
                if column.trim() == column {
                    diagnostic
                } else {
                    diagnostic.with_help("blanks around the commas count as part of the names")
                }
            }
            IndexRefusal::IllegalName(name) => Diagnostic::error(
                codes::INDEX_NAME_ILLEGAL,
                format!("`{name}` is no name for an index: letters, digits and _ only"),
            ),
            IndexRefusal::NameTwice(name) => Diagnostic::error(
                codes::INDEX_NAME_TWICE,
                format!("the table of {class} has two indexes of the name {name}"),
            ),
        };
        self.said.push(diagnostic.at(origin.clone()));
    }

    fn sequence(&mut self, class: &Metadata) {
        if class.generator != Some(IdSource::Sequence) || !class.is_root() {
            return;
        }
        let Some(sequence) = &class.sequence else {
            return;
        };
        let (schema, name) = match sequence.name.split_once('.') {
            Some((schema, name)) => (Some(schema), name),
            None => (None, sequence.name.as_str()),
        };
        let prefixed = format!("{}{name}", self.context.options.table_prefix);
        let part = |text: &str| Ident {
            text: text.to_owned(),
            quoted: sequence.quoted,
        };
        let name = ObjectName::new(schema.map(part), part(&prefixed));
        let key = normalized(&name.to_string());
        if self
            .sequences
            .iter()
            .any(|known| normalized(&known.name.to_string()) == key)
        {
            return;
        }
        self.sequences.push(Sequence {
            name,
            data_type: None,
            start: sequence.initial_value.into(),
            increment: sequence.allocation_size.into(),
            min: Some(sequence.initial_value.into()),
            max: None,
            cache: None,
            cycle: false,
            owned_by: None,
            origin: sequence.origin.clone(),
        });
    }

    /// The name of a class's table on this platform.
    pub(crate) fn table_name(&self, class: &Metadata) -> ObjectName {
        let table = &class.table;
        self.object_name(table.schema.as_deref(), &table.name, table.quoted)
    }

    pub(crate) fn object_name(&self, schema: Option<&str>, name: &str, quoted: bool) -> ObjectName {
        let part = |text: String| Ident { text, quoted };
        let prefix = &self.context.options.table_prefix;
        self.context.platform.table_name(
            schema.map(|schema| part(unquoted(schema))),
            part(format!("{prefix}{}", unquoted(name))),
            self.context.facts,
        )
    }

    /// `createTable`. A second table of one name is built all the same, to find what
    /// else is wrong with it.
    pub(crate) fn create_table(
        &mut self,
        name: ObjectName,
        origin: &Origin,
        options: &IndexMap<String, OptionValue>,
    ) -> usize {
        let key = normalized(&name.to_string());
        let mut table = SchemaTable::new(name, origin.clone());
        table.options.clone_from(options);
        if let Some(first) = self.names.get(&key) {
            let first = &self.tables[*first];
            let message = format!("the table {} is declared twice", table.name);
            self.said.push(
                Diagnostic::error(codes::DUPLICATE_TABLE, message)
                    .at(origin.clone())
                    .with_note(format!("first at {}", first.origin)),
            );
        } else {
            self.names.insert(key, self.tables.len());
        }
        self.tables.push(table);
        self.tables.len() - 1
    }
}
