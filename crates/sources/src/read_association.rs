//! The associations of a class, as the XML driver reads them.

use realign_planner::Diagnostic;

use crate::codes;
use crate::declared::{Association, AssociationOverride, Cardinality, JoinColumn, JoinTable};
use crate::read::Reader;
use crate::read_index::read_options;
use crate::xml::Element;

/// All associations, in the order in which Doctrine maps them.
pub(crate) fn associations(reader: &mut Reader<'_>, class: Element<'_>) -> Vec<Association> {
    let kinds = [
        Cardinality::OneToOne,
        Cardinality::OneToMany,
        Cardinality::ManyToOne,
        Cardinality::ManyToMany,
    ];
    let mut found = Vec::new();
    for cardinality in kinds {
        for element in class.all(cardinality.element()) {
            found.extend(association(reader, element, cardinality));
        }
    }
    found
}

fn association(
    reader: &mut Reader<'_>,
    element: Element<'_>,
    cardinality: Cardinality,
) -> Option<Association> {
    let name = reader.property_name(element, "field")?;
    let text = |attribute| {
        element
            .attribute(attribute)
            .filter(|text: &&str| !text.is_empty())
            .map(str::to_owned)
    };
    let mapped_by = match cardinality {
        Cardinality::ManyToOne => None,
        _ => text("mapped-by"),
    };
    let owning = mapped_by.is_none();
    let join_table = match cardinality {
        Cardinality::ManyToMany if owning => element
            .first("join-table")
            .map(|table| read_join_table(reader, table)),
        _ => None,
    };
    // A many-to-many without join-table loses its inversed-by: the driver reads it
    // only together with the table.
    let inversed_by = match cardinality {
        Cardinality::OneToMany => None,
        Cardinality::ManyToMany if join_table.is_none() => {
            if owning && element.attribute("inversed-by").is_some() {
                reader.say(
                    Diagnostic::warning(
                        codes::IGNORED,
                        "Doctrine reads inversed-by of a many-to-many only when there is a <join-table>",
                    )
                    .at(element.origin_of("inversed-by")),
                );
            }
            None
        }
        _ if !owning => None,
        _ => text("inversed-by"),
    };
    let join_columns = if cardinality.is_to_one() && owning {
        to_one_columns(reader, element)
    } else {
        Vec::new()
    };
    Some(Association {
        name,
        cardinality,
        target: text("target-entity"),
        mapped_by,
        inversed_by,
        join_columns,
        join_table,
        orphan_removal: element.flag("orphan-removal").unwrap_or(false),
        order_by: match cardinality {
            Cardinality::OneToMany | Cardinality::ManyToMany => element
                .first("order-by")
                .map(|order| {
                    order
                        .all("order-by-field")
                        .map(|field| field.attribute("name").unwrap_or_default().to_owned())
                        .collect()
                })
                .unwrap_or_default(),
            _ => Vec::new(),
        },
        origin: element.origin(),
    })
}

/// One `join-column` wins over a list of them.
fn to_one_columns(reader: &mut Reader<'_>, element: Element<'_>) -> Vec<JoinColumn> {
    if let Some(single) = element.first("join-column") {
        for other in element.all("join-column").skip(1) {
            reader.say(
                Diagnostic::warning(
                    codes::IGNORED,
                    "Doctrine reads only the first <join-column>",
                )
                .at(other.origin())
                .with_help("put several columns into <join-columns>"),
            );
        }
        if let Some(list) = element.first("join-columns") {
            reader.say(
                Diagnostic::warning(
                    codes::IGNORED,
                    "Doctrine does not read <join-columns> beside a <join-column>",
                )
                .at(list.origin()),
            );
        }
        return vec![read_join_column(reader, single)];
    }
    column_list(reader, element, "join-columns")
}

fn column_list(
    reader: &mut Reader<'_>,
    element: Element<'_>,
    list: &'static str,
) -> Vec<JoinColumn> {
    element
        .first(list)
        .map(|list| {
            list.all("join-column")
                .map(|column| read_join_column(reader, column))
                .collect()
        })
        .unwrap_or_default()
}

fn read_join_table(reader: &mut Reader<'_>, element: Element<'_>) -> JoinTable {
    let text = |attribute| {
        element
            .attribute(attribute)
            .filter(|text: &&str| !text.is_empty())
            .map(str::to_owned)
    };
    JoinTable {
        name: text("name"),
        schema: text("schema"),
        options: element
            .first("options")
            .map(read_options)
            .unwrap_or_default(),
        columns: column_list(reader, element, "join-columns"),
        inverse_columns: column_list(reader, element, "inverse-join-columns"),
        origin: element.origin(),
    }
}

fn read_join_column(reader: &mut Reader<'_>, element: Element<'_>) -> JoinColumn {
    let text = |attribute| {
        element
            .attribute(attribute)
            .filter(|text: &&str| !text.is_empty())
            .map(str::to_owned)
    };
    if element.attribute("on-update").is_some() {
        reader.say(
            Diagnostic::warning(codes::IGNORED, "Doctrine ignores on-update")
                .at(element.origin_of("on-update")),
        );
    }
    if let Some(options) = element.first("options") {
        reader.say(
            Diagnostic::warning(
                codes::IGNORED,
                "Doctrine ignores the options of a join column",
            )
            .at(options.origin())
            .with_note("the column takes the options of the column it refers to"),
        );
    }
    JoinColumn {
        name: text("name"),
        referenced: text("referenced-column-name"),
        unique: element.flag("unique").unwrap_or(false),
        nullable: element.flag("nullable"),
        on_delete: element.attribute("on-delete").map(str::to_owned),
        definition: element.attribute("column-definition").map(str::to_owned),
        origin: element.origin(),
    }
}

/// Overrides of inherited associations.
pub(crate) fn association_overrides(
    reader: &mut Reader<'_>,
    class: Element<'_>,
) -> Vec<AssociationOverride> {
    let mut overrides = Vec::new();
    let Some(list) = class.first("association-overrides") else {
        return overrides;
    };
    for element in list.all("association-override") {
        let Some(name) = reader.property_name(element, "name") else {
            continue;
        };
        overrides.push(AssociationOverride {
            name,
            join_columns: element
                .first("join-columns")
                .map(|_| column_list(reader, element, "join-columns")),
            join_table: element
                .first("join-table")
                .map(|table| read_join_table(reader, table)),
            inversed_by: element
                .first("inversed-by")
                .and_then(|side| side.attribute("name"))
                .map(str::to_owned),
            origin: element.origin(),
        });
    }
    overrides
}
