//! The picture in the languages of other programs.

use std::fmt::Write as _;

use super::picture::{Picture, Row};

/// Mermaid.
pub(super) fn mermaid(picture: &Picture) -> String {
    let mut text = String::from("erDiagram\n");
    // Writing into a String cannot fail, here and below.
    for table in &picture.boxes {
        if table.rows.is_empty() {
            let _ = writeln!(text, "    {}", entity(&table.name));
            continue;
        }
        let _ = writeln!(text, "    {} {{", entity(&table.name));
        for row in &table.rows {
            let keys = keys(row).join(", ");
            let keys = if keys.is_empty() {
                keys
            } else {
                format!(" {keys}")
            };
            let _ = writeln!(
                text,
                "        {} {}{keys}",
                word(&row.kind),
                word(&row.name)
            );
        }
        text.push_str("    }\n");
    }
    for link in &picture.links {
        let _ = writeln!(
            text,
            "    {} {}--{} {} : \"{}\"",
            entity(&picture.boxes[link.to].name),
            if link.optional { "|o" } else { "||" },
            if link.single { "o|" } else { "o{" },
            entity(&picture.boxes[link.from].name),
            link.label.replace('"', "'"),
        );
    }
    text
}

fn keys(row: &Row) -> Vec<&'static str> {
    let mut found = Vec::new();
    if row.key {
        found.push("PK");
    }
    if row.foreign {
        found.push("FK");
    }
    if row.unique && !row.key {
        found.push("UK");
    }
    found
}

/// A table's name, in quotes where the language asks for it.
fn entity(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(plain) {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "'"))
    }
}

/// A type or a column as one word of the language.
fn word(text: &str) -> String {
    let mut made: String = text
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "_-()[]".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    if !made.starts_with(|c: char| c.is_ascii_alphabetic()) {
        made.insert(0, 'x');
    }
    made
}

/// Graphviz.
pub(super) fn dot(picture: &Picture) -> String {
    let mut text = String::from(
        "digraph schema {\n    graph [rankdir=LR, nodesep=0.4, ranksep=1.2];\n    node [shape=plain, fontname=\"Helvetica\", fontsize=10];\n    edge [dir=both, arrowtail=crow, arrowhead=tee, color=\"#5b6b7b\"];\n",
    );
    for (at, table) in picture.boxes.iter().enumerate() {
        let _ = write!(
            text,
            "    t{at} [label=<<TABLE BORDER=\"0\" CELLBORDER=\"1\" CELLSPACING=\"0\" COLOR=\"#5b6b7b\"><TR><TD BGCOLOR=\"#e3e9f0\"><B>{}</B></TD></TR>",
            html(&table.name)
        );
        for (number, row) in table.rows.iter().enumerate() {
            let keys = keys(row).join(" ");
            let keys = if keys.is_empty() {
                keys
            } else {
                format!(" <I>{keys}</I>")
            };
            let _ = write!(
                text,
                "<TR><TD ALIGN=\"LEFT\" PORT=\"c{number}\">{} <FONT COLOR=\"#708090\">{}</FONT>{keys}</TD></TR>",
                html(&row.name),
                html(&row.kind)
            );
        }
        text.push_str("</TABLE>>];\n");
    }
    for link in &picture.links {
        let style = if link.optional { "dashed" } else { "solid" };
        let tail = if link.single { "teeodot" } else { "crow" };
        let _ = writeln!(
            text,
            "    t{}:c{} -> t{}:c{} [style={style}, arrowtail={tail}, tooltip=\"{}\"];",
            link.from,
            link.from_row,
            link.to,
            link.to_row,
            link.label.replace('\\', "\\\\").replace('"', "\\\"")
        );
    }
    text.push_str("}\n");
    text
}

/// A text within a label or an element.
pub(super) fn html(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => made.push_str("&amp;"),
            '<' => made.push_str("&lt;"),
            '>' => made.push_str("&gt;"),
            '"' => made.push_str("&quot;"),
            c if c.is_control() => made.push(' '),
            c => made.push(c),
        }
    }
    made
}
