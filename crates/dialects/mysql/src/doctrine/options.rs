//! Options of tables and indexes.

use indexmap::IndexMap;
use realign_model::{Index, MySqlTable, TableOptions};
use realign_planner::{Diagnostic, DoctrineIndex, Facts, OptionValue, Profile, TableDefaults};

use crate::lexer::{Cursor, name_value};

/// What new tables get when neither mapping nor configuration says anything.
const USUAL_CHARSET: &str = "utf8mb4";
const USUAL_COLLATION: &str = "utf8mb4_unicode_ci";
const USUAL_ENGINE: &str = "InnoDB";

/// Table options and comment from a mapping's `<options>`, over the configured defaults.
pub(super) fn table_options(
    options: &IndexMap<String, OptionValue>,
    defaults: &TableDefaults,
    facts: &Facts,
) -> (TableOptions, Option<String>) {
    let profile = facts.doctrine;
    let get = |name: &str| {
        options
            .get(name)
            .and_then(OptionValue::as_str)
            .map(str::to_owned)
    };
    let mut made = MySqlTable {
        partition: get("partition_options"),
        ..MySqlTable::default()
    };
    if let Some(verbatim) = get("table_options") {
        read_verbatim(&verbatim, &mut made);
        made.verbatim = Some(verbatim);
        return (TableOptions::MySql(Box::new(made)), None);
    }
    made.charset = get("charset").or_else(|| defaults.charset.clone());
    made.collation = declared_collation(options, profile).or_else(|| {
        // A table with another character set can't have the configured collation.
        let fits = |collation: &String| {
            made.charset
                .as_deref()
                .is_none_or(|charset| same_charset(charset_of(collation), charset))
        };
        defaults.collation.clone().filter(fits)
    });
    made.engine = get("engine").or_else(|| defaults.engine.clone());
    made.row_format = get("row_format");
    made.auto_increment = get("auto_increment").and_then(|text| text.trim().parse().ok());
    if !profile.dbal_at_least(4, 0) {
        fill_in(&mut made);
    }
    let comment = get("comment").map(|text| {
        // DBAL before 2.10 took off what a person may have quoted.
        if profile.dbal_at_least(2, 10) {
            text
        } else {
            text.trim_matches([' ', '\'']).to_owned()
        }
    });
    (TableOptions::MySql(Box::new(made)), comment)
}

/// The collation under the names that this DBAL reads: `collate` up to 3, `collation` since 3.2.
fn declared_collation(options: &IndexMap<String, OptionValue>, profile: Profile) -> Option<String> {
    let get = |name: &str, read: bool| {
        options
            .get(name)
            .filter(|_| read)
            .and_then(OptionValue::as_str)
            .map(str::to_owned)
    };
    get("collate", !profile.dbal_at_least(4, 0))
        .or_else(|| get("collation", profile.dbal_at_least(3, 2)))
}

/// What DBAL up to 3 prints for each table, declared or not.
fn fill_in(made: &mut MySqlTable) {
    match (&made.charset, &made.collation) {
        (None, None) => {
            made.charset = Some(USUAL_CHARSET.to_owned());
            made.collation = Some(USUAL_COLLATION.to_owned());
            made.collation_implied = true;
        }
        (None, Some(collation)) => made.charset = Some(charset_of(collation).to_owned()),
        // A collation that goes with a declared character set is printed, but nobody declared it.
        (Some(_), _) => {}
    }
    if made.engine.is_none() {
        made.engine = Some(USUAL_ENGINE.to_owned());
    }
}

/// The collation that DBAL up to 3 prints for a character set alone: `<charset>_unicode_ci`.
/// Only the character sets of Unicode have one; DBAL does not ask, and the server refuses.
pub(crate) fn derived_collation(charset: &str, profile: Profile) -> Option<String> {
    let lower = charset.to_ascii_lowercase();
    let exists = ["utf8", "utf8mb3", "utf8mb4", "ucs2", "utf16", "utf32"].contains(&lower.as_str());
    (exists && !profile.dbal_at_least(4, 0)).then(|| format!("{charset}_unicode_ci"))
}

/// The character set that a collation's name begins with.
fn charset_of(collation: &str) -> &str {
    collation.split('_').next().unwrap_or(collation)
}

fn same_charset(a: &str, b: &str) -> bool {
    let plain = |name: &str| match name.to_ascii_lowercase().as_str() {
        "utf8mb3" => "utf8".to_owned(),
        other => other.to_owned(),
    };
    plain(a) == plain(b)
}

/// What a verbatim text of table options says, so that it can be compared. Words that are not
/// known stay in the text alone.
fn read_verbatim(text: &str, made: &mut MySqlTable) {
    let mut cursor = Cursor::new(text);
    while !cursor.is_at_end() {
        cursor.eat_symbol(",");
        cursor.eat_word("DEFAULT");
        let target: fn(&mut MySqlTable, String) = if cursor.eat_word("ENGINE") {
            |made, value| made.engine = Some(value)
        } else if cursor.eat_word("CHARSET") || cursor.eat_words(&["CHARACTER", "SET"]) {
            |made, value| made.charset = Some(value)
        } else if cursor.eat_word("COLLATE") {
            |made, value| made.collation = Some(value)
        } else if cursor.eat_word("ROW_FORMAT") {
            |made, value| made.row_format = Some(value)
        } else {
            cursor.take();
            continue;
        };
        cursor.eat_symbol("=");
        if let Some(value) = cursor
            .take()
            .and_then(|(kind, value)| name_value(kind, value))
        {
            target(made, value);
        }
    }
}

/// Prefix lengths from the option `lengths`: one for each column, in order; an empty one is none.
pub(super) fn set_prefixes(
    made: &mut Index,
    lengths: &OptionValue,
    index: &DoctrineIndex,
    remarks: &mut Vec<Diagnostic>,
) {
    let OptionValue::Map(lengths) = lengths else {
        remarks.push(bad_lengths(index, "it is no list"));
        return;
    };
    for (part, length) in made.parts.iter_mut().zip(lengths.values()) {
        let text = length.as_str().unwrap_or_default().trim();
        match text.parse() {
            Ok(length) if length > 0 => part.prefix = Some(length),
            Ok(_) => {}
            Err(_) if text.is_empty() => {}
            Err(_) => remarks.push(bad_lengths(index, &format!("`{text}` is no length"))),
        }
    }
}

fn bad_lengths(index: &DoctrineIndex, why: &str) -> Diagnostic {
    Diagnostic::warning(
        "D064",
        format!(
            "index {}: can't use the option `lengths`: {why}",
            index.name
        ),
    )
    .at(index.origin.clone())
    .with_help("write one nested option for each column, in the order of the columns")
}
