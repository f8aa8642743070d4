//! Defaults of associations: join columns and join tables that the mapping leaves out.

use realign_planner::Diagnostic;

use crate::codes;
use crate::declared::{
    Association, AssociationOverride, Cardinality, Index, IndexKey, IndexOver, Inheritance,
    JoinColumn, JoinTable, Kind, Options,
};
use crate::metadata::{AssociationMapping, Context, JoinColumnMapping, JoinTableMapping, Metadata};
use crate::naming::qualified;
use crate::source::Naming;

/// Completes a declared association. `id` says that it is part of the identifier.
pub(crate) fn complete_association(
    class: &mut Metadata,
    declared: &Association,
    id: bool,
    context: Context<'_>,
    said: &mut Vec<Diagnostic>,
) -> Option<AssociationMapping> {
    let name = &declared.name;
    let mut refuse = |code, message: String| {
        said.push(Diagnostic::error(code, message).at(declared.origin.clone()));
    };
    if class.has_field(name) || class.associations.contains_key(name) {
        refuse(
            codes::DUPLICATE_PROPERTY,
            format!("{name} of {} is mapped twice", class.name),
        );
        return None;
    }
    let Some(target) = &declared.target else {
        refuse(
            codes::NO_TARGET,
            format!("{name} of {} has no target-entity", class.name),
        );
        return None;
    };
    let target = qualified(target, &class.name);
    if declared.cardinality == Cardinality::OneToMany && declared.mapped_by.is_none() {
        refuse(
            codes::NO_MAPPED_BY,
            format!("the one-to-many {name} of {} has no mapped-by", class.name),
        );
        return None;
    }
    if id {
        let reason = if !declared.cardinality.is_to_one() {
            Some("it holds many objects")
        } else if declared.mapped_by.is_some() {
            Some("it is the inverse side")
        } else if declared.join_columns.len() > 1 {
            Some("it has several join columns")
        } else if declared.orphan_removal {
            Some("it has orphan-removal")
        } else {
            None
        };
        if let Some(reason) = reason {
            refuse(
                codes::ID_ASSOCIATION,
                format!("{name} of {} can't be an id: {reason}", class.name),
            );
            return None;
        }
        if !class.identifier.contains(name) {
            class.identifier.push(name.clone());
            class.foreign_identifier = true;
        }
    }
    let table = declared.join_table.as_ref();
    if let Some(table) = table.filter(|table| !table.options.is_empty() && !context.orm(2, 13)) {
        let message = "options of a join table need ORM 2.13; the declared release ignores them";
        said.push(Diagnostic::warning(codes::NEEDS_NEWER_ORM, message).at(table.origin.clone()));
    }
    let mut mapping = AssociationMapping {
        name: name.clone(),
        cardinality: declared.cardinality,
        source: class.name.clone(),
        target,
        mapped_by: declared.mapped_by.clone(),
        inversed_by: declared.inversed_by.clone(),
        join_columns: Vec::new(),
        join_table: None,
        id,
        order_by: declared.order_by.clone(),
        inherited: None,
        origin: declared.origin.clone(),
    };
    complete_columns(class, &mut mapping, &declared.join_columns, table, context);
    Some(mapping)
}

/// `setAssociationOverride`: only the given parts are replaced.
pub(crate) fn override_association(
    class: &mut Metadata,
    change: &AssociationOverride,
    context: Context<'_>,
    said: &mut Vec<Diagnostic>,
) {
    let Some(mut mapping) = class.associations.get(&change.name).cloned() else {
        let message = format!(
            "{} has no association {} to override",
            class.name, change.name
        );
        said.push(Diagnostic::error(codes::OVERRIDE, message).at(change.origin.clone()));
        return;
    };
    if let Some(entity) = mapping.inherited.as_ref().filter(|_| context.orm(3, 0)) {
        let message = format!(
            "{} is inherited from the entity {entity}; only associations of mapped superclasses can be overridden",
            change.name
        );
        said.push(Diagnostic::error(codes::OVERRIDE, message).at(change.origin.clone()));
        return;
    }
    mapping.source.clone_from(&class.name);
    if let Some(inversed_by) = &change.inversed_by {
        mapping.inversed_by = Some(inversed_by.clone());
    }
    let table = change.join_table.as_ref();
    match &change.join_columns {
        Some(columns) if mapping.cardinality.is_to_one() => {
            complete_columns(class, &mut mapping, columns, None, context);
        }
        _ if table.is_some() => complete_columns(class, &mut mapping, &[], table, context),
        _ => {}
    }
    class.associations.insert(change.name.clone(), mapping);
}

fn complete_columns(
    class: &mut Metadata,
    mapping: &mut AssociationMapping,
    columns: &[JoinColumn],
    table: Option<&JoinTable>,
    context: Context<'_>,
) {
    if !mapping.is_owning() {
        return;
    }
    match mapping.cardinality {
        Cardinality::OneToOne | Cardinality::ManyToOne => {
            mapping.join_columns = to_one_columns(class, mapping, columns, context);
        }
        Cardinality::ManyToMany => {
            mapping.join_table = Some(join_table(mapping, table, context));
        }
        Cardinality::OneToMany => {}
    }
}

fn to_one_columns(
    class: &mut Metadata,
    mapping: &AssociationMapping,
    declared: &[JoinColumn],
    context: Context<'_>,
) -> Vec<JoinColumnMapping> {
    let naming = context.options.naming;
    let default = [bare(mapping, None)];
    let declared = if declared.is_empty() {
        &default[..]
    } else {
        declared
    };
    let mut columns: Vec<JoinColumnMapping> = declared
        .iter()
        .map(|column| join_column(column, || naming.join_column(&mapping.name)))
        .collect();
    // Doctrine asks here for the inheritance that is known so far: the root of a
    // SINGLE_TABLE hierarchy declares it before its associations.
    let one_to_one = mapping.cardinality == Cardinality::OneToOne
        && class.inheritance != Inheritance::SingleTable;
    if one_to_one {
        if let [column] = columns.as_mut_slice() {
            if !mapping.id {
                column.unique = true;
            }
        } else if !context.orm(3, 0) && class.kind != Kind::Embeddable {
            // ORM 3 means to do the same, but writes it into a copy.
            let key = IndexKey::Name(format!("{}_uniq", mapping.name));
            let index = Index {
                over: IndexOver::Columns(columns.iter().map(|c| c.name.clone()).collect()),
                flags: Vec::new(),
                options: Options::new(),
                origin: mapping.origin.clone(),
            };
            class.table.uniques.insert(key, index);
        }
    }
    columns
}

fn join_table(
    mapping: &AssociationMapping,
    declared: Option<&JoinTable>,
    context: Context<'_>,
) -> JoinTableMapping {
    let naming = context.options.naming;
    let (source, target) = (mapping.source.as_str(), mapping.target.as_str());
    let given = declared.and_then(|table| table.name.as_deref());
    let name = given.map_or_else(|| naming.join_table(source, target), str::to_owned);
    let none = |columns: Option<&Vec<JoinColumn>>| columns.is_none_or(Vec::is_empty);
    let (near, far) = (
        declared.map(|table| &table.columns),
        declared.map(|table| &table.inverse_columns),
    );
    let to_itself = source == target && none(near) && none(far);
    let side = |class: &str, columns: Option<&Vec<JoinColumn>>, role: &'static str| {
        if let Some(columns) = columns.filter(|columns| !columns.is_empty()) {
            let complete = |column: &JoinColumn| {
                let name = || naming.join_key_column(class, column.referenced.as_deref());
                join_column(column, name)
            };
            columns.iter().map(complete).collect()
        } else {
            let column = bare(mapping, Some("CASCADE"));
            let name = || naming.join_key_column(class, to_itself.then_some(role));
            vec![join_column(&column, name)]
        }
    };
    JoinTableMapping {
        quoted: name.starts_with('`'),
        name: name.trim_matches('`').to_owned(),
        schema: declared.and_then(|table| table.schema.clone()),
        options: declared
            .filter(|_| context.orm(2, 13))
            .map(|table| table.options.clone())
            .unwrap_or_default(),
        columns: side(source, near, "source"),
        inverse_columns: side(target, far, "target"),
        origin: declared.map_or_else(|| mapping.origin.clone(), |table| table.origin.clone()),
    }
}

/// A join column of which the mapping says nothing.
fn bare(mapping: &AssociationMapping, on_delete: Option<&str>) -> JoinColumn {
    JoinColumn {
        name: None,
        referenced: None,
        unique: false,
        nullable: None,
        on_delete: on_delete.map(str::to_owned),
        definition: None,
        origin: mapping.origin.clone(),
    }
}

fn join_column(declared: &JoinColumn, default_name: impl FnOnce() -> String) -> JoinColumnMapping {
    let name = declared.name.clone().unwrap_or_else(default_name);
    let referenced = declared
        .referenced
        .clone()
        .unwrap_or_else(|| Naming::REFERENCED_COLUMN.to_owned());
    JoinColumnMapping {
        quoted: name.starts_with('`') || referenced.starts_with('`'),
        name: name.trim_matches('`').to_owned(),
        referenced: referenced.trim_matches('`').to_owned(),
        unique: declared.unique,
        nullable: declared.nullable,
        on_delete: declared.on_delete.clone(),
        definition: declared.definition.clone(),
        origin: declared.origin.clone(),
    }
}
