//! The text of a new `realign.toml`.

use std::fmt::Write as _;

use super::Found;

/// The file as text. What is not known is there as a comment, ready to be filled in.
pub(super) fn render(found: &Found) -> String {
    let mut out = String::from(
        "# How realign reaches this application's database and where its schema is declared.\n\
         # ${NAME} stands for a variable of the environment or of env_file; paths start at this file.\n\
         \n[database]\n",
    );
    // Writing into a String cannot fail.
    match &found.url {
        Some(url) => drop(writeln!(out, "url = {}", quote(url))),
        None => out.push_str("# url = \"mysql://user:${DB_PASSWORD}@localhost/database\"\n"),
    }
    match found.env_files.as_slice() {
        [] => {}
        [one] => drop(writeln!(out, "env_file = {}", quote(one))),
        many => drop(writeln!(out, "env_file = {}", list(many))),
    }
    if let Some(version) = &found.server_version {
        let _ = writeln!(
            out,
            "# server_version = {}          # only for work without a connection",
            quote(version)
        );
    }
    out.push_str("\n[schema]\n");
    let sources: Vec<String> = found
        .mappings
        .iter()
        .map(|(source, _)| source.clone())
        .collect();
    if sources.is_empty() {
        out.push_str("# sources = [\"doctrine-xml:config/doctrine\"]\n");
    } else {
        let _ = writeln!(out, "sources = {}", list(&sources));
    }
    if let Some(views) = &found.views {
        let _ = writeln!(
            out,
            "# With \"sql:{views}\" behind it the views are compared and kept up to date as well."
        );
    }
    match &found.doctrine {
        Some(version) => drop(writeln!(out, "doctrine = {}", quote(version))),
        None => drop(writeln!(
            out,
            "doctrine = \"{}\"",
            realign::planner::Profile::default()
        )),
    }
    let naming = found.naming.as_deref().unwrap_or("doctrine-default");
    let _ = writeln!(out, "naming = {}", quote(naming));
    if let Some(charset) = &found.charset {
        let _ = writeln!(out, "charset = {}", quote(charset));
    }
    if let Some(collation) = &found.collation {
        let _ = writeln!(out, "collation = {}", quote(collation));
    }
    out.push_str("# ignore = [\"tmp_*\", \"leads.cf_*\"]      # tables and columns that are nobody's business\n");
    if found.migrations_dir.is_some() || found.migrations_table.is_some() {
        out.push_str("\n[migrations]\n");
    }
    if let Some(dir) = &found.migrations_dir {
        let _ = writeln!(out, "dir = {}", quote(dir));
    }
    if let Some(table) = &found.migrations_table {
        let _ = writeln!(
            out,
            "table = {}          # never touched by schema commands",
            quote(table)
        );
    }
    // Its recipe is a shipped one.
    if found.application == Some("IXP Manager") {
        out.push_str(
            "\n[upgrade]\napp = \"ixp-manager\"\n# user = \"www-data\"      # who the application's programs run as; by itself whoever its files belong to\n",
        );
    }
    out
}

fn quote(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn list(texts: &[String]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| quote(text)).collect();
    format!("[{}]", quoted.join(", "))
}
