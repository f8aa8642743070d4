//! Checks of join columns: they have to refer to whole primary keys.

use crate::codes;
use crate::metadata::{AssociationMapping, JoinColumnMapping, Metadata};
use crate::validate::Check;

impl Check<'_, '_> {
    /// Each side of a join table has to refer to the whole key of its class.
    pub(crate) fn join_table_keys(
        &mut self,
        association: &AssociationMapping,
        target: &Metadata,
        table: &str,
    ) {
        let Some(mapping) = &association.join_table else {
            return;
        };
        let source = self.class;
        let sides = [
            (codes::JOIN_TABLE_SOURCE_KEY, &mapping.columns, source),
            (
                codes::JOIN_TABLE_TARGET_KEY,
                &mapping.inverse_columns,
                target,
            ),
        ];
        for (code, columns, class) in sides {
            let key = class.identifier_columns();
            if let Some(stray) = columns
                .iter()
                .find(|c| !key.contains(&c.referenced.as_str()))
            {
                self.fail(code, not_a_key(&stray.referenced, class), &stray.origin);
            }
        }
        let sides = [
            (
                codes::JOIN_TABLE_TARGET_COUNT,
                "inverse join columns",
                "target",
                &mapping.inverse_columns,
                target,
            ),
            (
                codes::JOIN_TABLE_SOURCE_COUNT,
                "join columns",
                "source",
                &mapping.columns,
                source,
            ),
        ];
        for (code, what, role, columns, class) in sides {
            let key = class.identifier_columns();
            if key.len() != columns.len() {
                let missing = missing(&key, columns, |column| &column.referenced);
                let message = format!(
                    "The {what} of the many-to-many table '{}{table}' have to contain to ALL identifier columns of the {role} entity '{}', however '{missing}' are missing.",
                    self.context.options.table_prefix, class.name
                );
                self.fail(code, message, &association.origin);
            }
        }
    }

    /// Join columns have to refer to the target's whole key.
    pub(crate) fn join_column_keys(&mut self, association: &AssociationMapping, target: &Metadata) {
        let key = target.identifier_columns();
        for column in &association.join_columns {
            if !key.contains(&column.referenced.as_str()) {
                let message = not_a_key(&column.referenced, target);
                self.fail(codes::JOIN_COLUMN_KEY, message, &column.origin);
            }
        }
        if key.len() != association.join_columns.len() {
            // Doctrine compares with the names of the join columns here, not with what
            // they refer to.
            let missing = missing(&key, &association.join_columns, |column| &column.name);
            let message = format!(
                "The join columns of the association '{}' have to match to ALL identifier columns of the target entity '{}', however '{missing}' are missing.",
                association.name, target.name
            );
            self.fail(codes::JOIN_COLUMN_COUNT, message, &association.origin);
        }
    }
}

fn not_a_key(column: &str, class: &Metadata) -> String {
    format!(
        "The referenced column name '{column}' has to be a primary key column on the target entity class '{}'.",
        class.name
    )
}

fn missing(
    key: &[&str],
    columns: &[JoinColumnMapping],
    name: impl Fn(&JoinColumnMapping) -> &str,
) -> String {
    key.iter()
        .filter(|wanted| !columns.iter().any(|column| name(column) == **wanted))
        .copied()
        .collect::<Vec<_>>()
        .join(", ")
}
