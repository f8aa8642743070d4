//! Doctrine's schema tool: classes become tables.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;
use realign_model::{Ident, ObjectName, Origin, Sequence};
use realign_planner::{Diagnostic, DoctrineColumn, IdSource, OptionValue};

use crate::codes;
use crate::declared::{Inheritance, Kind};
use crate::metadata::{Classes, Context, FieldMapping, Metadata};
use crate::names::{normalized, unquoted};
use crate::reference::targets;
use crate::schema_column::{column_of, modify};
use crate::schema_table::{NewForeignKey, NewIndex, SchemaColumn, SchemaTable};

/// What the schema tool has made so far.
pub(crate) struct SchemaTool<'a, 's> {
    /// What classes tell each other, see [`targets`].
    pub(crate) classes: &'a Classes,
    pub(crate) context: Context<'a>,
    pub(crate) said: &'s mut Vec<Diagnostic>,
    /// The table of the class at hand, and the join tables of its associations.
    pub(crate) tables: Vec<SchemaTable>,
    pub(crate) sequences: Vec<Sequence>,
    sequence_names: HashSet<String>,
    /// Where each table was first declared, by its name.
    names: HashMap<String, Origin>,
    /// The first foreign key over each list of columns: target and target columns.
    pub(crate) added_keys: HashMap<String, (String, Vec<String>)>,
    pub(crate) dropped_keys: HashSet<String>,
    /// How many unknown names are still worth a guess.
    pub(crate) guesses: usize,
}

/// Makes the tables of all classes. They are handed on class by class, and each class is freed:
/// no class touches the tables of another, and all of them at once would be as large as the
/// schema itself. Of a class that is done stays what others refer to.
pub(crate) fn make_tables(
    classes: Classes,
    context: Context<'_>,
    said: &mut Vec<Diagnostic>,
    mut made: impl FnMut(SchemaTable),
) -> Vec<Sequence> {
    let known = targets(&classes);
    let mut tool = SchemaTool {
        classes: &known,
        context,
        said,
        tables: Vec::new(),
        sequences: Vec::new(),
        sequence_names: HashSet::new(),
        names: HashMap::new(),
        added_keys: HashMap::new(),
        dropped_keys: HashSet::new(),
        guesses: 50,
    };
    for class in classes.into_values() {
        let in_another_table = class.inheritance == Inheritance::SingleTable && !class.is_root();
        if class.kind == Kind::Entity && !in_another_table {
            tool.class(&class);
            tool.tables.drain(..).for_each(&mut made);
        }
    }
    tool.sequences
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
        let below = class.inheritance == Inheritance::SingleTable && !class.parents.is_empty();
        column.not_null = !field.nullable && !below;
        // From ORM 2.15 on a field's options take the place of the version mark.
        let marked = field.options.is_empty() || !context.orm(2, 15);
        column.version = marked && class.version.as_deref() == Some(&field.name);
        let child = class.inheritance == Inheritance::Joined && !class.is_root();
        column.autoincrement = class.generator == Some(IdSource::Identity)
            && class.identifier == [field.name.as_str()]
            && !child;
        let table = &mut self.tables[table];
        if let Some(existing) = table.column_mut(&raw) {
            modify(&mut existing.column, column, field);
        } else {
            let derived = false;
            table.add_column(&raw, SchemaColumn { column, derived });
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
            length: discriminator.length,
            definition: discriminator.definition.clone(),
            origin: discriminator.origin.clone(),
            ..DoctrineColumn::new(
                Ident::new(&discriminator.name),
                discriminator.type_name.clone(),
            )
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
        if !self.sequence_names.insert(key) {
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
            unlogged: false,
            owned_by: None,
            loose: false,
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
            let message = format!("the table {} is declared twice", table.name);
            self.said.push(
                Diagnostic::error(codes::DUPLICATE_TABLE, message)
                    .at(origin.clone())
                    .with_note(format!("first at {first}")),
            );
        } else {
            self.names.insert(key, origin.clone());
        }
        self.tables.push(table);
        self.tables.len() - 1
    }
}
