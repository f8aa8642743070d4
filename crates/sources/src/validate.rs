//! The checks of `schema:validate`, in Doctrine's order and wording.

use std::collections::{HashMap, HashSet};

use realign_planner::{Diagnostic, DoctrineColumn};

use crate::codes;
use crate::custom::resolved;
use crate::declared::{Cardinality, Inheritance, Kind};
use crate::metadata::{AssociationMapping, Classes, Context, Metadata};
use crate::source::ClassReport;

/// Checks every class.
pub(crate) fn validate(classes: &Classes, context: Context<'_>) -> Vec<ClassReport> {
    let mut types = HashMap::new();
    let mapped: HashSet<(&str, &str)> = classes
        .values()
        .flat_map(|root| {
            let listed = root.discriminator_map.values();
            listed.map(|name| (root.name.as_str(), name.as_str()))
        })
        .collect();
    let parents: HashSet<&str> = classes
        .values()
        .flat_map(|class| class.parents.iter().map(String::as_str))
        .collect();
    classes
        .values()
        .map(|class| {
            let mut check = Check {
                class,
                classes,
                context,
                types: &mut types,
                mapped: &mapped,
                parents: &parents,
                problems: Vec::new(),
            };
            check.class();
            ClassReport {
                name: class.name.clone(),
                origin: class.origin.clone(),
                problems: check.problems,
            }
        })
        .collect()
}

/// The checks of one class.
pub(crate) struct Check<'c, 't> {
    pub(crate) class: &'c Metadata,
    classes: &'c Classes,
    pub(crate) context: Context<'c>,
    /// Type names that were asked for, and whether they exist.
    types: &'t mut HashMap<&'c str, bool>,
    /// Roots with the classes of their discriminator maps.
    mapped: &'t HashSet<(&'c str, &'c str)>,
    /// Classes with children: they may be abstract, which a check excuses.
    parents: &'t HashSet<&'c str>,
    problems: Vec<Diagnostic>,
}

impl<'c> Check<'c, '_> {
    pub(crate) fn fail(&mut self, code: &str, message: String, at: &realign_model::Origin) {
        self.problems
            .push(Diagnostic::error(code, message).at(at.clone()));
    }

    fn warn(&mut self, code: &str, message: String, at: &realign_model::Origin) {
        self.problems
            .push(Diagnostic::warning(code, message).at(at.clone()));
    }

    fn class(&mut self) {
        let class = self.class;
        for (name, field) in &class.fields {
            if !self.type_exists(&field.type_name) {
                let message = format!(
                    "The field '{}#{name}' uses a non-existent type '{}'.",
                    class.name, field.type_name
                );
                self.fail(codes::UNKNOWN_TYPE, message, &field.origin);
            }
        }
        if class.kind == Kind::Embeddable
            && !class.associations.is_empty()
            && !self.context.orm(3, 0)
        {
            let message = format!("Embeddable '{}' does not support associations", class.name);
            self.fail(codes::EMBEDDABLE_ASSOCIATION, message, &class.origin);
            return;
        }
        for association in class.associations.values() {
            let Some(target) = self.classes.get(&association.target) else {
                let message = format!(
                    "The target entity '{}' specified on {}#{} is unknown or not an entity.",
                    association.target, class.name, association.name
                );
                self.fail(codes::CHECK_TARGET, message, &association.origin);
                return;
            };
            if target.kind == Kind::MappedSuperclass && self.context.orm(2, 15) {
                let message = format!(
                    "The target entity '{}' specified on {}#{} is a mapped superclass. This is not possible since there is no table that a foreign key could refer to.",
                    association.target, class.name, association.name
                );
                self.fail(codes::CHECK_TARGET_SUPERCLASS, message, &association.origin);
                return;
            }
            self.association(association, target);
        }
        self.hierarchy();
    }

    /// A type exists when the platform takes a column of it that lacks nothing.
    fn type_exists(&mut self, type_name: &'c str) -> bool {
        if let Some(known) = self.types.get(type_name) {
            return *known;
        }
        let probe = DoctrineColumn {
            length: Some(1),
            precision: Some(1),
            scale: Some(0),
            values: vec!["a".to_owned()],
            ..DoctrineColumn::new("a", type_name)
        };
        let platform = self.context.platform;
        let probe = resolved(&probe, &self.context.options.types);
        let exists = platform
            .column(&probe, self.context.facts, &mut Vec::new())
            .is_ok();
        self.types.insert(type_name, exists);
        exists
    }

    fn association(&mut self, association: &AssociationMapping, target: &Metadata) {
        let name = format!("{}#{}", self.class.name, association.name);
        let at = &association.origin;
        if association.mapped_by.is_some() && association.inversed_by.is_some() {
            let message =
                format!("The association {name} cannot be defined as both inverse and owning.");
            self.fail(codes::OWNING_AND_INVERSE, message, at);
        }
        if association.id && target.foreign_identifier {
            let message = format!(
                "Cannot map association '{name} as identifier, because the target entity '{}' also maps an association as identifier.",
                target.name
            );
            self.fail(codes::FOREIGN_ID_CHAIN, message, at);
        }
        if let Some(owner) = &association.mapped_by {
            self.inverse_side(association, target, &name, owner);
        }
        if let Some(inverse) = &association.inversed_by {
            self.owning_side(association, target, &name, inverse);
        }
        if association.is_owning() {
            if let Some(table) = &association.join_table {
                self.join_table_keys(association, target, &table.name);
            } else if association.cardinality.is_to_one() {
                self.join_column_keys(association, target);
            }
        }
        self.order_by(association, target, &name);
    }

    fn inverse_side(
        &mut self,
        association: &AssociationMapping,
        target: &Metadata,
        name: &str,
        owner: &str,
    ) {
        let at = &association.origin;
        let other = format!("{}#{owner}", association.target);
        if target.has_field(owner) {
            let message = format!(
                "The association {name} refers to the owning side field {other} which is not defined as association, but as field."
            );
            self.fail(codes::OWNER_IS_FIELD, message, at);
        }
        let Some(owning) = target.associations.get(owner) else {
            let message = format!(
                "The association {name} refers to the owning side field {other} which does not exist."
            );
            self.fail(codes::OWNER_MISSING, message, at);
            return;
        };
        match &owning.inversed_by {
            None => {
                let message = format!(
                    "The field {name} is on the inverse side of a bi-directional relationship, but the specified mappedBy association on the target-entity {other} does not contain the required 'inversedBy=\"{}\"' attribute.",
                    association.name
                );
                self.fail(codes::OWNER_LACKS_INVERSED_BY, message, at);
            }
            Some(inverse) if *inverse != association.name => {
                let message =
                    format!("The mappings {name} and {other} are inconsistent with each other.");
                self.fail(codes::OWNER_INCONSISTENT, message, at);
            }
            Some(_) => {}
        }
    }

    fn owning_side(
        &mut self,
        association: &AssociationMapping,
        target: &Metadata,
        name: &str,
        inverse: &str,
    ) {
        let at = &association.origin;
        let other = format!("{}#{inverse}", association.target);
        if target.has_field(inverse) {
            // Doctrine says both of this. The association works all the same, and no
            // table hangs on the other side, so that it stands in nobody's way.
            self.warn(
                codes::INVERSE_IS_FIELD,
                format!("The association {name} refers to the inverse side field {other} which is not defined as association."),
                at,
            );
            self.warn(codes::INVERSE_MISSING, inverse_missing(name, &other), at);
            return;
        }
        let Some(side) = target.associations.get(inverse) else {
            self.fail(codes::INVERSE_MISSING, inverse_missing(name, &other), at);
            return;
        };
        match &side.mapped_by {
            None => {
                let message = format!(
                    "The field {name} is on the owning side of a bi-directional relationship, but the specified inversedBy association on the target-entity {other} does not contain the required 'mappedBy=\"{}\"' attribute.",
                    association.name
                );
                self.fail(codes::INVERSE_LACKS_MAPPED_BY, message, at);
            }
            Some(owner) if *owner != association.name => {
                let message =
                    format!("The mappings {name} and {other} are inconsistent with each other.");
                self.fail(codes::INVERSE_INCONSISTENT, message, at);
            }
            Some(_) => {}
        }
        let (is, has_to_be, wanted) = match association.cardinality {
            Cardinality::OneToOne => ("one-to-one", "one-to-one as well", Cardinality::OneToOne),
            Cardinality::ManyToOne => ("many-to-one", "one-to-many", Cardinality::OneToMany),
            Cardinality::ManyToMany => (
                "many-to-many",
                "many-to-many as well",
                Cardinality::ManyToMany,
            ),
            Cardinality::OneToMany => return,
        };
        if side.cardinality != wanted {
            let message = format!(
                "If association {name} is {is}, then the inversed side {}#{inverse} has to be {has_to_be}.",
                target.name
            );
            self.fail(codes::CARDINALITY, message, at);
        }
    }

    fn order_by(&mut self, association: &AssociationMapping, target: &Metadata, name: &str) {
        for field in &association.order_by {
            let other = target.associations.get(field);
            let message = match other {
                None if target.has_field(field) => continue,
                None => format!(
                    "The association {name} is ordered by a foreign field {field} that is not a field on the target entity {}.",
                    target.name
                ),
                Some(other) if !other.cardinality.is_to_one() => format!(
                    "The association {name} is ordered by a field {field} on {} that is a collection-valued association.",
                    target.name
                ),
                Some(other) if !other.is_owning() => format!(
                    "The association {name} is ordered by a field {field} on {} that is the inverse side of an association.",
                    target.name
                ),
                Some(_) => continue,
            };
            self.fail(codes::ORDER_BY, message, &association.origin);
        }
    }

    /// Needs PHP's class hierarchy, of which only the declared part is known.
    fn hierarchy(&mut self) {
        let class = self.class;
        if class.inheritance == Inheritance::None || class.kind == Kind::MappedSuperclass {
            return;
        }
        if class.is_root() {
            for name in class.discriminator_map.values() {
                let related = *name == class.name || class.subclasses.contains(name);
                if !related {
                    let message = format!(
                        "According to the discriminator map class '{name}' has to be a child of '{}' but these entities are not related through inheritance.",
                        class.name
                    );
                    self.fail(codes::NOT_A_CHILD, message, &class.origin);
                }
            }
        } else if !self
            .mapped
            .contains(&(class.root.as_str(), class.name.as_str()))
            && !self.parents.contains(class.name.as_str())
        {
            let message = format!(
                "Entity class '{}' is part of inheritance hierarchy, but is not mapped in the root entity '{}' discriminator map. All subclasses must be listed in the discriminator map.",
                class.name, class.root
            );
            self.fail(codes::MISSING_IN_MAP, message, &class.origin);
        }
    }
}

fn inverse_missing(name: &str, other: &str) -> String {
    format!("The association {name} refers to the inverse side field {other} which does not exist.")
}
