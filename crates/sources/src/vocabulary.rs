//! The words of the format, to find those that Doctrine silently ignores.

use realign_planner::Diagnostic;

use crate::codes;
use crate::xml::Element;

/// What may stand in an element: child elements and attributes.
struct Words {
    children: &'static [&'static str],
    attributes: &'static [&'static str],
}

const FIELD_ATTRIBUTES: &[&str] = &[
    "name",
    "type",
    "column",
    "length",
    "unique",
    "nullable",
    "insertable",
    "updatable",
    "updateable",
    "generated",
    "enum-type",
    "version",
    "column-definition",
    "precision",
    "scale",
    "index",
];
const CLASS_CHILDREN: &[&str] = &[
    "cache",
    "options",
    "indexes",
    "unique-constraints",
    "discriminator-column",
    "discriminator-map",
    "lifecycle-callbacks",
    "entity-listeners",
    "named-queries",
    "named-native-queries",
    "sql-result-set-mappings",
    "id",
    "field",
    "embedded",
    "one-to-one",
    "one-to-many",
    "many-to-one",
    "many-to-many",
    "association-overrides",
    "attribute-overrides",
    "change-tracking-policy",
];
const CLASS_ATTRIBUTES: &[&str] = &[
    "name",
    "table",
    "schema",
    "repository-class",
    "inheritance-type",
    "change-tracking-policy",
    "read-only",
    "extends",
];
const JOIN_CHILDREN: &[&str] = &["cache", "cascade", "join-column", "join-columns"];

/// The words of an element; none where nothing is checked.
fn words(element: &str) -> Option<Words> {
    let (children, attributes): (&[&str], &[&str]) = match element {
        "doctrine-mapping" => (&["entity", "mapped-superclass", "embeddable"], &[]),
        "entity" | "mapped-superclass" | "embeddable" => (CLASS_CHILDREN, CLASS_ATTRIBUTES),
        "field" => (&["options"], FIELD_ATTRIBUTES),
        "id" => (
            &[
                "options",
                "generator",
                "sequence-generator",
                "custom-id-generator",
            ],
            &[
                "name",
                "type",
                "column",
                "length",
                "column-definition",
                "association-key",
                "unique",
                "nullable",
                "precision",
                "scale",
                "insertable",
                "updatable",
                "generated",
            ],
        ),
        "generator" => (&[], &["strategy"]),
        "sequence-generator" => (&[], &["sequence-name", "allocation-size", "initial-value"]),
        "embedded" => (
            &[],
            &["name", "class", "column-prefix", "use-column-prefix"],
        ),
        "indexes" => (&["index"], &[]),
        "index" => (&["options"], &["name", "columns", "fields", "flags"]),
        "unique-constraints" => (&["unique-constraint"], &[]),
        "unique-constraint" => (&["options"], &["name", "columns", "fields"]),
        "discriminator-column" => (
            &["options"],
            &[
                "name",
                "type",
                "length",
                "column-definition",
                "field-name",
                "enum-type",
            ],
        ),
        "discriminator-map" => (&["discriminator-mapping"], &[]),
        "discriminator-mapping" => (&[], &["value", "class"]),
        "one-to-one" => (
            JOIN_CHILDREN,
            &[
                "field",
                "target-entity",
                "mapped-by",
                "inversed-by",
                "fetch",
                "orphan-removal",
            ],
        ),
        "many-to-one" => (
            JOIN_CHILDREN,
            &["field", "target-entity", "inversed-by", "fetch"],
        ),
        "one-to-many" => (
            &["cache", "cascade", "order-by", "join-table"],
            &[
                "field",
                "target-entity",
                "mapped-by",
                "index-by",
                "fetch",
                "orphan-removal",
            ],
        ),
        "many-to-many" => (
            &["cache", "cascade", "join-table", "order-by"],
            &[
                "field",
                "target-entity",
                "mapped-by",
                "inversed-by",
                "index-by",
                "fetch",
                "orphan-removal",
            ],
        ),
        "join-table" => (
            &["join-columns", "inverse-join-columns", "options"],
            &["name", "schema"],
        ),
        "join-columns" | "inverse-join-columns" => (&["join-column"], &[]),
        "join-column" => (
            &["options"],
            &[
                "name",
                "referenced-column-name",
                "unique",
                "nullable",
                "on-delete",
                "on-update",
                "column-definition",
            ],
        ),
        "attribute-overrides" => (&["attribute-override"], &[]),
        "attribute-override" => (&["field"], &["name"]),
        "association-overrides" => (&["association-override"], &[]),
        "association-override" => (
            &["join-table", "join-columns", "inversed-by"],
            &["name", "fetch"],
        ),
        _ => return None,
    };
    Some(Words {
        children,
        attributes,
    })
}

/// Where Doctrine reads only the first element of a name.
const READ_ONCE: &[&str] = &[
    "options",
    "indexes",
    "unique-constraints",
    "discriminator-column",
    "discriminator-map",
    "join-columns",
    "inverse-join-columns",
    "join-table",
    "attribute-overrides",
    "association-overrides",
    "generator",
    "sequence-generator",
];

/// Warnings for one file; what is all wrong need not be told to the end.
const MAX_WARNINGS: usize = 100;

/// Warns of every element that Doctrine does not know and of every unknown attribute that
/// looks like a known one. Unknown attributes that resemble nothing are let be: real
/// mappings carry remarks of other tools.
pub(crate) fn check(element: Element<'_>, said: &mut Vec<Diagnostic>) {
    let mut room = MAX_WARNINGS;
    check_within(element, said, &mut room);
}

fn check_within(element: Element<'_>, said: &mut Vec<Diagnostic>, room: &mut usize) {
    let Some(words) = words(element.name()) else {
        return;
    };
    for attribute in element.attribute_names() {
        if *room == 0 || words.attributes.contains(&attribute) {
            continue;
        }
        let near = words
            .attributes
            .iter()
            .filter(|known| element.attribute(known).is_none())
            .find(|known| looks_like(attribute, known));
        if let Some(known) = near {
            *room -= 1;
            said.push(
                Diagnostic::warning(
                    codes::UNKNOWN_ATTRIBUTE,
                    format!(
                        "Doctrine ignores the attribute {attribute} of <{}>",
                        element.name()
                    ),
                )
                .at(element.origin_of(attribute))
                .with_help(format!("is {known} meant?")),
            );
        }
    }
    let mut seen: Vec<&str> = Vec::new();
    for child in element.children() {
        if *room == 0 {
            return;
        }
        let name = child.name();
        if !words.children.contains(&name) {
            *room -= 1;
            let diagnostic = Diagnostic::warning(
                codes::UNKNOWN_ELEMENT,
                format!("Doctrine ignores <{name}> in <{}>", element.name()),
            )
            .at(child.origin());
            said.push(match words.children.iter().find(|k| looks_like(name, k)) {
                Some(known) => diagnostic.with_help(format!("is <{known}> meant?")),
                None => diagnostic,
            });
            continue;
        }
        if READ_ONCE.contains(&name) {
            if seen.contains(&name) {
                said.push(
                    Diagnostic::warning(
                        codes::IGNORED,
                        format!(
                            "Doctrine reads only the first <{name}> of <{}>",
                            element.name()
                        ),
                    )
                    .at(child.origin()),
                );
                continue;
            }
            seen.push(name);
        }
        check_within(child, said, room);
    }
}

/// The same letters in another spelling, or one or two slips in a longer word.
fn looks_like(word: &str, known: &str) -> bool {
    let plain = |text: &str| {
        text.chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect::<String>()
    };
    if word.len() > 40 {
        return false;
    }
    let (word, known) = (plain(word), plain(known));
    word == known
        || (known.len() >= 4 && strsim::damerau_levenshtein(&word, &known) <= 1)
        || (known.len() >= 8 && strsim::damerau_levenshtein(&word, &known) <= 2)
}
