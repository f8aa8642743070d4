//! Primary keys, indexes and unique constraints of a class.

use realign_model::Origin;
use realign_planner::Diagnostic;

use crate::codes;
use crate::declared::{Index, IndexKey, IndexOver, Indexes};
use crate::fulfil::TableIndex;
use crate::metadata::Metadata;
use crate::php;
use crate::schema_table::{IndexRefusal, NewIndex, PRIMARY};
use crate::schema_tool::SchemaTool;

impl SchemaTool<'_, '_> {
    /// The columns of the identifier, in its order, unless a child table has its key
    /// already; then the indexes that the key overrules go.
    pub(crate) fn primary_key(&mut self, class: &Metadata, table: usize) {
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

    pub(crate) fn indexes(&mut self, class: &Metadata, table: usize) {
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
                unique: true,
                options: index.options.clone(),
                ..TableIndex::over(String::new(), columns.clone(), Origin::None)
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
}
