//! Associations become columns, foreign keys and join tables.

use realign_model::RefAction;
use realign_planner::Diagnostic;

use crate::codes;
use crate::declared::{Cardinality, Kind};
use crate::metadata::{AssociationMapping, Classes, FieldMapping, JoinColumnMapping, Metadata};
use crate::schema_column::column_of;
use crate::schema_table::{NewForeignKey, NewIndex, SchemaColumn};
use crate::schema_tool::SchemaTool;

/// Ids that are associations to entities whose ids are associations, and so on.
const MAX_ID_CHAIN: usize = 16;

impl SchemaTool<'_, '_> {
    /// `gatherRelationsSql`: associations that are inherited from an entity belong to its
    /// table, unless they are the id.
    pub(crate) fn relations(&mut self, class: &Metadata, table: usize) {
        let classes = self.classes;
        for association in class.associations.values() {
            let inherited = association.inherited.is_some();
            if inherited && !class.identifier.contains(&association.name) {
                continue;
            }
            let Some(target) = classes.get(&association.target) else {
                let message = format!(
                    "{} of {} leads to {}, which is not mapped",
                    association.name, class.name, association.target
                );
                let near = if self.guesses > 0 {
                    self.guesses -= 1;
                    nearest(&association.target, classes)
                } else {
                    None
                };
                let diagnostic = Diagnostic::error(codes::UNKNOWN_TARGET, message)
                    .at(association.origin.clone());
                self.said.push(match near {
                    Some(name) => diagnostic.with_help(format!("is {name} meant?")),
                    None => diagnostic,
                });
                continue;
            };
            if !association.is_owning() {
                continue;
            }
            if target.kind != Kind::Entity {
                let message = format!(
                    "{} of {} leads to {}, which has no table",
                    association.name, class.name, association.target
                );
                self.said.push(
                    Diagnostic::error(codes::TARGET_WITHOUT_TABLE, message)
                        .at(association.origin.clone()),
                );
                continue;
            }
            match association.cardinality {
                Cardinality::OneToOne | Cardinality::ManyToOne => {
                    self.join_columns(&association.join_columns, table, target, association);
                }
                Cardinality::ManyToMany => self.join_table(class, association, target),
                Cardinality::OneToMany => {}
            }
        }
    }

    fn join_table(
        &mut self,
        class: &Metadata,
        association: &AssociationMapping,
        target: &Metadata,
    ) {
        let Some(mapping) = &association.join_table else {
            return;
        };
        let name = self.object_name(mapping.schema.as_deref(), &mapping.name, mapping.quoted);
        let table = self.create_table(name, &mapping.origin, &mapping.options);
        let mut key = self.join_columns(&mapping.columns, table, class, association);
        key.extend(self.join_columns(&mapping.inverse_columns, table, target, association));
        let context = self.context;
        let made = key.len() == mapping.columns.len() + mapping.inverse_columns.len();
        if made {
            let added = self.tables[table].set_primary_key(key, &mapping.origin, context);
            self.tell(added, &mapping.origin, &class.name);
        }
    }

    /// `gatherRelationJoinColumns`: the columns, unique indexes over them, and the key.
    /// Gives the columns back as handed to DBAL.
    fn join_columns(
        &mut self,
        columns: &[JoinColumnMapping],
        table: usize,
        target: &Metadata,
        association: &AssociationMapping,
    ) -> Vec<String> {
        let context = self.context;
        let classes = self.classes;
        let mut local = Vec::new();
        let mut foreign = Vec::new();
        let mut on_delete: Option<&JoinColumnMapping> = None;
        let mut unique = Vec::new();
        for column in columns {
            let Some(field) = defining_field(target, &column.referenced, classes, 0) else {
                let message = format!(
                    "{} of {} refers to a column {} that {} has not",
                    association.name, association.source, column.referenced, target.name
                );
                let known = target.identifier_columns().join(", ");
                let diagnostic =
                    Diagnostic::error(codes::JOIN_COLUMN, message).at(column.origin.clone());
                self.said.push(if known.is_empty() {
                    diagnostic
                } else {
                    diagnostic.with_help(format!("its key is {known}"))
                });
                return Vec::new();
            };
            let raw = context.raw(&column.name, column.quoted);
            let made = self.tables[table].has_column(&raw);
            if !made {
                let made = self.join_column(column, field);
                self.tables[table].add_column(&raw, made);
            }
            if column.unique {
                unique.push((raw.clone(), &column.origin));
            }
            if column.on_delete.is_some() {
                on_delete = Some(column);
            }
            local.push(raw);
            foreign.push(context.raw(&column.referenced, column.quoted));
        }
        for (column, origin) in unique {
            let index = NewIndex::unique(vec![column], origin);
            let added = self.tables[table].add_index(index, context);
            self.tell(added, origin, &association.source);
        }
        // ORM 2.6 goes no further where DBAL claims to support no foreign keys; releases
        // before and after it do not ask.
        let asks = context.orm(2, 6) && !context.orm(2, 7);
        if asks && !context.platform.supports_foreign_keys(context.facts) {
            return local;
        }
        let action = on_delete.and_then(|column| self.on_delete(column, &local, table));
        let origin = columns
            .first()
            .map_or_else(|| association.origin.clone(), |c| c.origin.clone());
        let key = NewForeignKey {
            columns: local.clone(),
            target: self.table_name(target),
            target_columns: foreign,
            on_delete: action,
            origin,
        };
        self.foreign_key(table, key);
        local
    }

    /// The column of a join column: type and options of the one it refers to.
    fn join_column(&self, column: &JoinColumnMapping, field: &FieldMapping) -> SchemaColumn {
        let mut made = column_of(field);
        made.name.text.clone_from(&column.name);
        made.name.quoted = column.quoted;
        made.origin = column.origin.clone();
        made.not_null = column.nullable == Some(false);
        // The default of a version field is no option, and not taken along.
        if !field.options.contains_key("default") {
            made.default = None;
        }
        if &*field.type_name != "decimal" {
            made.precision = None;
            made.scale = None;
        }
        // Up to ORM 2.12 the length is taken from text columns only.
        if !self.context.orm(2, 13) && &*field.type_name != "string" {
            made.length = None;
        }
        if column.definition.is_some() {
            made.definition.clone_from(&column.definition);
        }
        SchemaColumn {
            column: made,
            derived: true,
        }
    }

    /// The action as declared, unless it is none.
    fn on_delete(
        &mut self,
        column: &JoinColumnMapping,
        local: &[String],
        table: usize,
    ) -> Option<String> {
        let word = column.on_delete.as_deref()?;
        let Some(action) = RefAction::from_sql(word) else {
            let message = format!("`{word}` is no action for on-delete");
            self.said.push(
                Diagnostic::error(codes::ON_DELETE, message)
                    .at(column.origin.clone())
                    .with_help("write CASCADE, SET NULL, RESTRICT, NO ACTION or SET DEFAULT"),
            );
            return None;
        };
        let not_null = local.iter().any(|raw| {
            self.tables[table]
                .column_mut(raw)
                .is_some_and(|c| c.column.not_null)
        });
        if action == RefAction::SetNull && not_null {
            let message = format!("on-delete is SET NULL, but {} is NOT NULL", column.name);
            self.said.push(
                Diagnostic::warning(codes::SET_NULL_NOT_NULL, message)
                    .at(column.origin.clone())
                    .with_note("some engines refuse such a key; on the others the delete fails")
                    .with_help("make the column nullable, or use CASCADE"),
            );
        }
        Some(word.to_owned())
    }

    /// Two keys over the same columns that lead to different places are both dropped,
    /// and none over these columns is made again.
    fn foreign_key(&mut self, table: usize, key: NewForeignKey) {
        let composite = format!("{}.{}", self.tables[table].hashed, key.columns.concat());
        let target = key.target.to_string();
        let missing = |from: &[String], what: &[String]| what.iter().any(|c| !from.contains(c));
        let differs = self
            .added_keys
            .get(&composite)
            .is_some_and(|(first, columns)| {
                *first != target || missing(columns, &key.target_columns)
            });
        if differs {
            let keys = &mut self.tables[table].foreign_keys;
            let other = keys
                .iter()
                .find(|(_, other)| {
                    !missing(&key.columns, &other.columns)
                        && (other.target.to_string() != target
                            || missing(&key.target_columns, &other.target_columns))
                })
                .map(|(name, _)| name.clone());
            if let Some(other) = other.and_then(|name| keys.shift_remove(&name)) {
                let message = format!(
                    "two foreign keys over {} lead to {} and {target}; Doctrine makes neither",
                    key.columns.join(", "),
                    other.target
                );
                self.said.push(
                    Diagnostic::warning(codes::BOTH_KEYS_DROPPED, message)
                        .at(key.origin)
                        .with_note(format!("the other one is at {}", other.origin)),
                );
            }
            self.dropped_keys.insert(composite);
        } else if !self.dropped_keys.contains(&composite) {
            self.added_keys
                .insert(composite, (target, key.target_columns.clone()));
            self.tables[table].add_foreign_key(key, self.context);
        }
    }
}

/// `getDefiningClass`: the field behind a column, through ids that are associations.
fn defining_field<'c>(
    class: &'c Metadata,
    column: &str,
    classes: &'c Classes,
    depth: usize,
) -> Option<&'c FieldMapping> {
    if let Some(name) = class.property(column) {
        return class.fields.get(name);
    }
    if depth >= MAX_ID_CHAIN {
        return None;
    }
    class
        .identifier
        .iter()
        .filter_map(|name| class.associations.get(name))
        .find_map(|association| match association.join_columns.as_slice() {
            [single] if single.name == column => {
                let target = classes.get(&association.target)?;
                defining_field(target, &single.referenced, classes, depth + 1)
            }
            _ => None,
        })
}

/// The mapped class of the most similar name, if one is similar at all.
fn nearest<'c>(wanted: &str, classes: &'c Classes) -> Option<&'c str> {
    // Only for a person's slip: endless names are not worth the time.
    if wanted.len() > 120 {
        return None;
    }
    classes
        .keys()
        .filter(|name| name.len() <= 120)
        .map(|name| (strsim::jaro_winkler(wanted, name), name.as_str()))
        .filter(|(similarity, _)| *similarity > 0.9)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, name)| name)
}
