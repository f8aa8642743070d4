//! Columns out of fields: what `SchemaTool::gatherColumn` hands to DBAL.

use realign_planner::{DoctrineColumn, OptionValue};

use crate::declared::Options;
use crate::metadata::FieldMapping;

/// The column of a field, without what depends on the class.
pub(crate) fn column_of(field: &FieldMapping) -> DoctrineColumn {
    let is_string = field.type_name.eq_ignore_ascii_case("string");
    let mut column = DoctrineColumn {
        length: field.length.or(is_string.then_some(255)),
        precision: field.precision,
        scale: field.scale,
        default: field.default.map(str::to_owned),
        definition: field.definition.as_deref().map(str::to_owned),
        origin: field.origin.clone(),
        ..DoctrineColumn::new(field.column.clone(), field.type_name.to_string())
    };
    apply_options(&mut column, &field.options);
    column
}

/// `gatherColumnOptions`: the known ones, and the rest for the platform.
pub(crate) fn apply_options(column: &mut DoctrineColumn, options: &Options) {
    for (name, value) in options {
        match (name.as_str(), value) {
            ("default", OptionValue::Text(text)) => column.default = Some(text.clone()),
            ("comment", OptionValue::Text(text)) => column.comment = Some(text.clone()),
            ("unsigned", OptionValue::Text(text)) => column.unsigned = text == "true",
            ("fixed", OptionValue::Text(text)) => column.fixed = text == "true",
            ("values", OptionValue::Map(values)) => {
                let words = values.values().filter_map(OptionValue::as_str);
                column.values = words.map(str::to_owned).collect();
            }
            _ => {
                column.options.insert(name.clone(), value.clone());
            }
        }
    }
}

/// `modifyColumn`: what the second mapping gives replaces what the first one gave. The
/// type stays.
pub(crate) fn modify(existing: &mut DoctrineColumn, new: DoctrineColumn, field: &FieldMapping) {
    existing.length = new.length;
    existing.not_null = new.not_null;
    existing.version = new.version;
    existing.precision = new.precision.or(existing.precision);
    existing.scale = new.scale.or(existing.scale);
    existing.default = new.default.or(existing.default.take());
    existing.definition = new.definition.or(existing.definition.take());
    existing.comment = new.comment.or(existing.comment.take());
    if field.options.contains_key("unsigned") {
        existing.unsigned = new.unsigned;
    }
    if field.options.contains_key("fixed") {
        existing.fixed = new.fixed;
    }
    if !new.options.is_empty() {
        existing.options = new.options;
    }
}
