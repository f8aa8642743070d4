//! Indexes, unique constraints and options, as the XML driver reads them.

use realign_planner::{Diagnostic, OptionValue};

use crate::codes;
use crate::declared::{Index, IndexKey, IndexOver, Indexes, Options};
use crate::php;
use crate::read::Reader;
use crate::xml::{Element, is_true};

/// More indexes than any real table, and more columns than any engine indexes at once.
const MAX_INDEXES: usize = 1_000;
const MAX_INDEX_COLUMNS: usize = 100;

/// The indexes or unique constraints of a class.
pub(crate) fn read_indexes(
    reader: &mut Reader<'_>,
    class: Element<'_>,
    list: &'static str,
    item: &'static str,
) -> Indexes {
    let mut indexes = Indexes::new();
    let Some(list) = class.first(list) else {
        return indexes;
    };
    let mut next = 0;
    for element in list.all(item) {
        let too_wide = ["columns", "fields"].into_iter().any(|attribute| {
            let list = element.attribute(attribute).unwrap_or_default();
            list.bytes().filter(|byte| *byte == b',').count() >= MAX_INDEX_COLUMNS
        });
        if too_wide || indexes.len() >= MAX_INDEXES {
            let message = if too_wide {
                format!("this {item} has more than {MAX_INDEX_COLUMNS} columns")
            } else {
                format!("the class has more than {MAX_INDEXES} of <{item}>")
            };
            reader.say(Diagnostic::error(codes::TOO_MANY_COLUMNS, message).at(element.origin()));
            if too_wide {
                continue;
            }
            break;
        }
        let split = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        // PHP's `empty`: an empty text or "0" counts as not given.
        let columns = element
            .attribute("columns")
            .filter(|columns| !columns.is_empty() && *columns != "0");
        let over = match (columns, element.attribute("fields")) {
            (Some(columns), None) => IndexOver::Columns(split(columns)),
            (None, Some(fields)) => IndexOver::Fields(split(fields)),
            (both, _) => {
                let has = if both.is_some() { "both" } else { "neither" };
                let message = format!("this {item} has {has} of columns and fields");
                reader.say(
                    Diagnostic::error(codes::INDEX_COLUMNS_OR_FIELDS, message)
                        .at(element.origin())
                        .with_help("give exactly one of them"),
                );
                continue;
            }
        };
        let key = match element.attribute("name") {
            Some(name) => php::array_key(name),
            None => IndexKey::Position(next),
        };
        if let IndexKey::Position(position) = key {
            next = next.max(position.saturating_add(1));
        }
        let index = Index {
            over,
            flags: element.attribute("flags").map(split).unwrap_or_default(),
            options: element
                .first("options")
                .map(read_options)
                .unwrap_or_default(),
            origin: element.origin(),
        };
        if let Some(earlier) = indexes.insert(key.clone(), index) {
            let name = element.attribute("name").unwrap_or_default();
            reader.say(
                Diagnostic::warning(
                    codes::IGNORED,
                    format!("a later {item} of the name {name} takes the place of this one"),
                )
                .at(earlier.origin),
            );
        }
    }
    indexes
}

/// `parseOptions`: every child element, by its name or else by its position.
pub(crate) fn read_options(element: Element<'_>) -> Options {
    let mut options = Options::new();
    let mut next = 0_i64;
    for option in element.children() {
        let value = if option.children().next().is_some() {
            OptionValue::Map(read_options(option))
        } else {
            OptionValue::Text(option.text())
        };
        let Some(name) = option.attribute("name") else {
            options.insert(next.to_string(), value);
            next += 1;
            continue;
        };
        let value = match value {
            OptionValue::Text(text) if name == "unsigned" || name == "fixed" => {
                OptionValue::Text(if is_true(&text) { "true" } else { "false" }.to_owned())
            }
            other => other,
        };
        if let IndexKey::Position(position) = php::array_key(name) {
            next = next.max(position.saturating_add(1));
        }
        options.insert(name.to_owned(), value);
    }
    options
}
