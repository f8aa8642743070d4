//! Texts of objects that have no part in the model, in a form in which two spellings of one
//! are equal.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::parse::{Cursor, Path, Reading};
use crate::render::string_literal;
use crate::types;

/// Resolves names while a script is carried out.
pub(crate) trait Names {
    /// The table or view of a written name, as the server prints it.
    fn relation_text(&mut self, cursor: &mut Cursor<'_>) -> Option<String>;

    /// The text search dictionary of a written name, as the server prints it.
    fn dictionary_text(&mut self, path: &Path) -> String;
}

/// Token types of the server's own parser, all of which its simple configuration maps.
const TOKEN_TYPES: [&str; 19] = [
    "asciihword",
    "asciiword",
    "email",
    "file",
    "float",
    "host",
    "hword",
    "hword_asciipart",
    "hword_numpart",
    "hword_part",
    "int",
    "numhword",
    "numword",
    "sfloat",
    "uint",
    "url",
    "url_path",
    "version",
    "word",
];

/// The text of an object that is made by this statement.
pub(crate) fn canonical(kind: &str, sql: &str, names: &mut dyn Names) -> String {
    let mut cursor = Cursor::new(sql);
    let read = match kind {
        "collation" => collation(&mut cursor),
        "text search configuration" => configuration(&mut cursor),
        "policy" => policy(&mut cursor, names),
        "operator" => operator(&mut cursor),
        "text search dictionary" => dictionary(&mut cursor),
        "cast" => cast(&mut cursor),
        _ => None,
    };
    read.unwrap_or_else(|| sql.trim().to_owned())
}

fn past(cursor: &mut Cursor<'_>, words: &[&str]) -> Option<()> {
    cursor.expect("create").ok()?;
    cursor.take_all(words).then_some(())?;
    cursor.if_not_exists();
    cursor.path().ok()?;
    Some(())
}

/// The options of a collation.
fn collation(cursor: &mut Cursor<'_>) -> Option<String> {
    past(cursor, &["collation"])?;
    let mut options: BTreeMap<String, String> = cursor
        .options()
        .ok()?
        .iter()
        .filter_map(|o| o.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    options.remove("version");
    if options.get("deterministic").is_some_and(|v| v == "true") {
        options.remove("deterministic");
    }
    Some(collation_text(&options))
}

/// A collation's options as one text.
pub(crate) fn collation_text(options: &BTreeMap<String, String>) -> String {
    let parts: Vec<String> = options
        .iter()
        .map(|(name, value)| match name.as_str() {
            "provider" | "deterministic" => format!("{name} = {value}"),
            _ => format!("{name} = {}", string_literal(value)),
        })
        .collect();
    parts.join(", ")
}

/// A cast, its types in their one spelling.
fn cast(cursor: &mut Cursor<'_>) -> Option<String> {
    let shown = |cursor: &mut Cursor<'_>| {
        let data_type = cursor.data_type().ok()?;
        Some(types::render(&data_type).to_lowercase())
    };
    cursor.expect("create").ok()?;
    cursor.expect("cast").ok()?;
    cursor.expect_symbol("(").ok()?;
    let from = shown(cursor)?;
    cursor.expect("as").ok()?;
    let to = shown(cursor)?;
    cursor.expect_symbol(")").ok()?;
    let mut text = format!("CREATE CAST ({from} AS {to})");
    if cursor.take_all(&["without", "function"]) {
        text.push_str(" WITHOUT FUNCTION");
    } else if cursor.take_all(&["with", "inout"]) {
        text.push_str(" WITH INOUT");
    } else {
        cursor.expect("with").ok()?;
        cursor.expect("function").ok()?;
        let name = cursor.path().ok()?.render();
        cursor.expect_symbol("(").ok()?;
        let mut arguments = vec![shown(cursor)?];
        while cursor.take_symbol(",") {
            arguments.push(shown(cursor)?);
        }
        cursor.expect_symbol(")").ok()?;
        let _ = write!(text, " WITH FUNCTION {name}({})", arguments.join(", "));
    }
    if cursor.take("as") {
        let _ = write!(text, " AS {}", cursor.text_name().ok()?.to_uppercase());
    }
    cursor.expect_end().ok()?;
    Some(text)
}

/// A cast as the catalogue tells it, in the one spelling of both.
pub(crate) fn cast_text(sql: &str) -> String {
    cast(&mut Cursor::new(sql)).unwrap_or_else(|| sql.to_owned())
}

/// The options of an operator, each in its one spelling.
fn operator(cursor: &mut Cursor<'_>) -> Option<String> {
    while !cursor.is_done() && !cursor.sees_symbol("(") {
        cursor.skip();
    }
    Some(operator_text(cursor.group().ok()?))
}

/// Options of an operator as one text: old words for new ones, in the order of their names.
pub(crate) fn operator_text(options: &str) -> String {
    let mut cursor = Cursor::new(options);
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    while let Ok(name) = cursor.text_name() {
        let name = match name.as_str() {
            "procedure" => "function".to_owned(),
            _ => name,
        };
        let mark = cursor.mark();
        let mut value = String::new();
        if cursor.take_symbol("=") {
            let start = cursor.mark();
            while !cursor.is_done() && !cursor.sees_symbol(",") {
                if cursor.sees_symbol("(") && cursor.skip_group().is_ok() {
                    continue;
                }
                cursor.skip();
            }
            cursor.since(start).clone_into(&mut value);
        } else {
            cursor.back(mark);
        }
        if matches!(name.as_str(), "leftarg" | "rightarg") {
            value = types::render(&types::parse(&value)).to_lowercase();
        }
        found.insert(name, value);
        cursor.take_symbol(",");
    }
    let parts: Vec<String> = found
        .iter()
        .map(|(name, value)| match value.as_str() {
            "" => name.to_uppercase(),
            value => format!("{} = {value}", name.to_uppercase()),
        })
        .collect();
    parts.join(", ")
}

/// The template and the options of a dictionary.
fn dictionary(cursor: &mut Cursor<'_>) -> Option<String> {
    past(cursor, &["text", "search", "dictionary"])?;
    let text = cursor.group().ok()?;
    Some(text.replacen("pg_catalog.", "", 1))
}

/// The parser and the mappings of a configuration.
fn configuration(cursor: &mut Cursor<'_>) -> Option<String> {
    past(cursor, &["text", "search", "configuration"])?;
    let options = cursor.options().ok()?;
    let value = |name: &str| {
        let found = options.iter().find_map(|o| o.strip_prefix(name))?;
        Some(found.trim_start_matches("pg_catalog.").replace('"', ""))
    };
    match (value("parser="), value("copy=")) {
        (Some(parser), None) => Some(configuration_text(&parser, &BTreeMap::new())),
        (None, Some(source)) if source == "simple" => {
            let maps = TOKEN_TYPES
                .iter()
                .map(|token| ((*token).to_owned(), "simple".to_owned()))
                .collect();
            Some(configuration_text("default", &maps))
        }
        _ => None,
    }
}

/// A configuration as one text: its parser, and a line for each type of token.
pub(crate) fn configuration_text(parser: &str, maps: &BTreeMap<String, String>) -> String {
    let mut text = format!("PARSER = {parser}");
    for (token, dictionaries) in maps {
        let _ = write!(text, "\n{token}: {dictionaries}");
    }
    text
}

fn maps_of(text: &str) -> Option<(String, BTreeMap<String, String>)> {
    let mut lines = text.lines();
    let parser = lines.next()?.strip_prefix("PARSER = ")?.to_owned();
    let maps = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(token, dictionaries)| (token.to_owned(), dictionaries.to_owned()))
        .collect();
    Some((parser, maps))
}

/// The text after an ALTER of the object; none when that can't be told.
pub(crate) fn altered(
    kind: &str,
    text: &str,
    cursor: &mut Cursor<'_>,
    names: &mut dyn Names,
) -> Reading<Option<String>> {
    if kind != "text search configuration" {
        return Ok(None);
    }
    let Some((parser, mut maps)) = maps_of(text) else {
        return Ok(None);
    };
    let adds = cursor.take("add");
    if !adds && cursor.take("drop") {
        cursor.expect("mapping")?;
        cursor.if_exists();
        cursor.expect("for")?;
        for token in list(cursor)? {
            maps.remove(&token);
        }
        cursor.expect_end()?;
        return Ok(Some(configuration_text(&parser, &maps)));
    }
    if !adds {
        cursor.expect("alter")?;
    }
    cursor.expect("mapping")?;
    if cursor.sees("replace") {
        return Ok(None);
    }
    cursor.expect("for")?;
    let tokens = list(cursor)?;
    if !cursor.take("with") {
        return Ok(None);
    }
    let mut dictionaries = Vec::new();
    loop {
        let path = cursor.path()?;
        dictionaries.push(names.dictionary_text(&path));
        if !cursor.take_symbol(",") {
            break;
        }
    }
    let dictionaries = dictionaries.join(", ");
    cursor.expect_end()?;
    for token in tokens {
        maps.insert(token, dictionaries.clone());
    }
    Ok(Some(configuration_text(&parser, &maps)))
}

/// Names with commas between.
fn list(cursor: &mut Cursor<'_>) -> Reading<Vec<String>> {
    let mut found = vec![cursor.path()?.name];
    while cursor.take_symbol(",") {
        found.push(cursor.path()?.name);
    }
    Ok(found)
}

/// A policy as the catalogue's reader puts it together.
fn policy(cursor: &mut Cursor<'_>, names: &mut dyn Names) -> Option<String> {
    cursor.expect("create").ok()?;
    cursor.expect("policy").ok()?;
    let name = cursor.ident().ok()?;
    cursor.expect("on").ok()?;
    let table = names.relation_text(cursor)?;
    let mut found = Policy {
        name: crate::render::ident(&name),
        table,
        restrictive: false,
        command: "ALL".to_owned(),
        roles: vec!["public".to_owned()],
        using: None,
        check: None,
    };
    while !cursor.is_done() {
        if cursor.take("as") {
            found.restrictive = cursor.take("restrictive");
            cursor.take("permissive");
        } else if cursor.take("for") {
            found.command = cursor.text_name().ok()?.to_uppercase();
        } else if cursor.take("to") {
            found.roles = list(cursor).ok()?;
            found.roles.sort();
        } else if cursor.take("using") {
            found.using = Some(cursor.group().ok()?.to_owned());
        } else if cursor.take_all(&["with", "check"]) {
            found.check = Some(cursor.group().ok()?.to_owned());
        } else {
            return None;
        }
    }
    Some(found.text())
}

/// A policy's text up to its conditions, and these: USING and WITH CHECK.
pub(crate) fn policy_conditions(text: &str) -> Option<(&str, Option<&str>, Option<&str>)> {
    let mut cursor = Cursor::new(text);
    let start = cursor.mark();
    while !cursor.is_done() && !cursor.sees("using") && !cursor.sees("with") {
        cursor.skip();
    }
    let head = cursor.since(start).trim();
    let mut conditions = [None, None];
    if cursor.take("using") {
        conditions[0] = Some(cursor.group().ok()?);
    }
    if cursor.take_all(&["with", "check"]) {
        conditions[1] = Some(cursor.group().ok()?);
    }
    let [using, check] = conditions;
    cursor.expect_end().ok()?;
    Some((head, using, check))
}

/// The statements that give a text search configuration the mappings of another of its parser;
/// none when the parser is another.
pub(crate) fn mapping_changes(name: &str, is: &str, wish: &str) -> Option<Vec<String>> {
    let ((own, present), (other, wanted)) = (maps_of(is)?, maps_of(wish)?);
    if own != other {
        return None;
    }
    let mut statements = Vec::new();
    let mut say = |what: &str, token: &str, rest: String| {
        let token = crate::render::quote_ident(token);
        statements.push(format!(
            "ALTER TEXT SEARCH CONFIGURATION {name} {what} MAPPING FOR {token}{rest}"
        ));
    };
    for (token, dictionaries) in &wanted {
        let with = format!(" WITH {dictionaries}");
        match present.get(token) {
            Some(own) if own == dictionaries => {}
            Some(_) => say("ALTER", token, with),
            None => say("ADD", token, with),
        }
    }
    for token in present.keys().filter(|token| !wanted.contains_key(*token)) {
        say("DROP", token, String::new());
    }
    Some(statements)
}

/// A policy.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    /// Its name as SQL.
    pub(crate) name: String,
    /// Its table as SQL.
    pub(crate) table: String,
    /// `AS RESTRICTIVE`.
    pub(crate) restrictive: bool,
    /// `FOR`.
    pub(crate) command: String,
    /// `TO`.
    pub(crate) roles: Vec<String>,
    /// `USING`.
    pub(crate) using: Option<String>,
    /// `WITH CHECK`.
    pub(crate) check: Option<String>,
}

impl Policy {
    /// The statement that makes it.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("CREATE POLICY {} ON {}", self.name, self.table);
        if self.restrictive {
            text.push_str(" AS RESTRICTIVE");
        }
        if self.command != "ALL" {
            let _ = write!(text, " FOR {}", self.command);
        }
        if self.roles != ["public"] {
            let _ = write!(text, " TO {}", self.roles.join(", "));
        }
        if let Some(using) = &self.using {
            let _ = write!(text, " USING ({using})");
        }
        if let Some(check) = &self.check {
            let _ = write!(text, " WITH CHECK ({check})");
        }
        text
    }
}
