//! What `validate` says: two sections, each difference with both sides and its place.

use std::fmt::Write as _;

use realign::model::Origin;
use realign::planner::{Aspect, Finding};

use super::document::{CheckStatus, ClassDocument, MappingDocument, SyncDocument};
use super::style::{BAD, CARE, DIM, GOOD, count, pad, paint};

/// How wide the column of objects is at least and at most.
const OBJECT: (usize, usize) = (26, 46);

/// The section about the declaration.
pub(crate) fn mapping(mapping: &MappingDocument) -> String {
    let mut text = String::new();
    // Writing into a String cannot fail, here and below.
    match mapping.status {
        CheckStatus::Ok => {
            let _ = writeln!(
                text,
                "[Mapping]  {} {}, {}",
                pad(GOOD, "OK - The mapping files are correct.", 58),
                count(mapping.classes, "class"),
                count(mapping.tables, "table"),
            );
        }
        CheckStatus::Skipped => text.push_str("[Mapping]  Skipped mapping check.\n"),
        CheckStatus::Fail => {
            for class in &mapping.invalid {
                let _ = writeln!(
                    text,
                    "[Mapping]  {} - The entity-class '{}' mapping is invalid:",
                    paint(BAD, "FAIL"),
                    class.class
                );
                failed_checks(&mut text, class);
            }
            if mapping.invalid.is_empty() {
                let _ = writeln!(
                    text,
                    "[Mapping]  {} - The mapping files can't be read as a whole; see the errors.",
                    paint(BAD, "FAIL")
                );
            }
        }
    }
    for class in &mapping.warned {
        let _ = writeln!(
            text,
            "[Mapping]  {} - Doctrine calls the mapping of the entity-class '{}' invalid; it works, and no table depends on it:",
            paint(CARE, "WARN"),
            class.class
        );
        failed_checks(&mut text, class);
    }
    text
}

/// The failed checks of a class in Doctrine's words, each with its place.
fn failed_checks(text: &mut String, class: &ClassDocument) {
    for problem in &class.problems {
        // Writing into a String cannot fail, here and below.
        let _ = writeln!(text, "  * {}", problem.message);
        if let Origin::File { .. } = problem.origin {
            let _ = writeln!(text, "    {}", paint(DIM, &problem.origin.to_string()));
        }
    }
}

/// The section about the database.
pub(crate) fn sync(sync: &SyncDocument, complete: bool, verbose: bool) -> String {
    let mut text = String::new();
    match sync.status {
        CheckStatus::Ok => {
            let _ = writeln!(
                text,
                "[Database] {}",
                paint(
                    GOOD,
                    "OK - The database schema is in sync with the mapping files."
                )
            );
        }
        CheckStatus::Skipped => {
            text.push_str("[Database] SKIPPED - The database was not checked for synchronicity.\n");
        }
        CheckStatus::Fail => {
            let _ = writeln!(
                text,
                "[Database] {} - The database schema is not in sync with the current mapping file.",
                paint(BAD, "FAIL")
            );
        }
    }
    if !sync.differences.is_empty() {
        text.push('\n');
        list(&mut text, &sync.differences);
    }
    if !sync.cannot_tell.is_empty() {
        let _ = writeln!(
            text,
            "\n  {} can't be told without asking the engine; never a planned change:",
            count(sync.cannot_tell.len(), "thing")
        );
        list(&mut text, &sync.cannot_tell);
    }
    if !sync.notes.is_empty() {
        text.push('\n');
        if verbose {
            let _ = writeln!(text, "  Noted; it does no harm:");
            list(&mut text, &sync.notes);
        } else {
            text.push_str(&noted(&sync.notes, complete));
        }
    }
    text
}

/// Findings, each with both sides and its place.
pub(crate) fn list(text: &mut String, findings: &[Finding]) {
    let width = findings
        .iter()
        .map(|finding| finding.object.chars().count())
        .max()
        .unwrap_or(0)
        .clamp(OBJECT.0, OBJECT.1)
        + 2;
    for finding in findings {
        let _ = writeln!(
            text,
            "  {:<width$}{}",
            // A long name keeps its two blanks.
            format!("{}  ", finding.object),
            sides(finding)
        );
        if let Origin::File { .. } = finding.origin {
            let _ = writeln!(
                text,
                "  {}{}",
                " ".repeat(width),
                paint(DIM, &finding.origin.to_string())
            );
        }
    }
}

/// What is said of an object: both sides where there are two, else the reason.
pub(crate) fn sides(finding: &Finding) -> String {
    let both = match (&finding.declared, &finding.database) {
        (Some(declared), Some(database)) if finding.aspect != Aspect::Opaque => {
            let mut left = format!("declared {}", declared.written);
            let mut right = format!("database {}", database.written);
            // Two spellings that look the same differ in what they mean.
            if declared.written == database.written {
                left = format!("declared {}", declared.normalised);
                right = format!("database {}", database.normalised);
            }
            left.push_str("  ");
            Some(format!("{left:<24}{right}"))
        }
        _ => None,
    };
    let one = match (&finding.declared, &finding.database) {
        (Some(side), None) | (None, Some(side)) => side.written.clone(),
        _ => String::new(),
    };
    match (finding.reason.is_empty(), both) {
        (true, Some(both)) => both,
        (false, Some(both)) => format!("{}: {both}", finding.reason),
        (false, None) => {
            if one.is_empty() || finding.reason.contains(&one) {
                finding.reason.clone()
            } else {
                format!("{}: {one}", finding.reason)
            }
        }
        (true, None) => one,
    }
}

/// What an undeclared object is, by the way in which findings name it; none for what a
/// mapping has no words for, so that `--complete` does not count it either.
fn undeclared(note: &Finding) -> Option<&'static str> {
    if note.aspect != Aspect::Existence || note.declared.is_some() {
        return None;
    }
    let object = note.object.as_str();
    if object.contains(" index ") {
        Some("index")
    } else if object.contains(" foreign key ") {
        Some("foreign key")
    } else if object.contains(" check ") {
        Some("check")
    } else if object.contains(' ') {
        None
    } else if object.contains('.') {
        Some("column")
    } else {
        Some("table")
    }
}

/// Two lines that count the notes by what they are about.
fn noted(notes: &[Finding], complete: bool) -> String {
    let of = |noun: &str| notes.iter().filter(|n| undeclared(n) == Some(noun)).count();
    let parts: Vec<(usize, &str)> = ["table", "column", "index", "foreign key", "check"]
        .into_iter()
        .map(|noun| (of(noun), noun))
        .filter(|(number, _)| *number > 0)
        .collect();
    let total: usize = parts.iter().map(|(number, _)| number).sum();
    let mut text = String::new();
    if total > 0 {
        let words: Vec<String> = parts.iter().map(|(n, noun)| count(*n, noun)).collect();
        // Writing into a String cannot fail, here and below.
        let _ = writeln!(
            text,
            "  {} {} not declared; {} no harm{}.",
            and(&words),
            if total == 1 { "is" } else { "are" },
            if total == 1 { "it does" } else { "they do" },
            match (complete, total) {
                (true, _) => "",
                (false, 1) => " (--complete lists it)",
                (false, _) => " (--complete lists them)",
            }
        );
    }
    let views = notes
        .iter()
        .filter(|n| n.object.starts_with("view "))
        .count();
    let rest: Vec<String> = [(views, "view"), (notes.len() - total - views, "remark")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, noun)| count(number, noun))
        .collect();
    if !rest.is_empty() {
        let one = notes.len() - total == 1;
        let _ = writeln!(
            text,
            "  {} {} no difference (-v lists {}).",
            and(&rest),
            if one { "makes" } else { "make" },
            if one { "it" } else { "them" },
        );
    }
    text
}

/// `a, b and c`.
fn and(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use realign::model::{Origin, Span};
    use realign::planner::{Aspect, Diagnostic, Finding, Side, Weight};

    use super::{mapping, sync};
    use crate::report::document::{CheckStatus, ClassDocument, MappingDocument, SyncDocument};
    use crate::report::style::plain;

    fn place(line: u32) -> Origin {
        Origin::File {
            path: "database/xml/Entities.Vlan.dcm.xml".into(),
            line,
            column: 1,
            span: Span::new(0, 0),
        }
    }

    fn finding(object: &str, aspect: Aspect, reason: &str) -> Finding {
        Finding {
            object: object.to_owned(),
            weight: Weight::Differs,
            aspect,
            declared: None,
            database: None,
            reason: reason.to_owned(),
            origin: Origin::None,
        }
    }

    #[test]
    fn both_sides_and_the_place_are_shown() {
        let mut number = finding("vlan.number", Aspect::Type, "");
        number.declared = Some(Side::plain("INT"));
        number.database = Some(Side::plain("BIGINT"));
        number.origin = place(21);
        let document = SyncDocument {
            status: CheckStatus::Fail,
            differences: vec![
                number,
                finding(
                    "bgpsessiondata",
                    Aspect::Existence,
                    "index idx_timestamp is missing",
                ),
                finding(
                    "a_table_with_a_very_long_name.column",
                    Aspect::Existence,
                    "column is missing",
                ),
            ],
            notes: vec![
                finding("meeting", Aspect::Existence, "table is not declared"),
                finding("cust.fax", Aspect::Existence, "column is not declared"),
                finding("cust.icq", Aspect::Existence, "column is not declared"),
                finding("vlan", Aspect::Collation, "nothing declares it"),
                finding("view v_cust", Aspect::Existence, "view is not declared"),
            ],
            cannot_tell: vec![finding("v_a", Aspect::Body, "only the texts differ")],
            diagnostics: Vec::new(),
        };
        insta::assert_snapshot!(plain(&sync(&document, false, false)), @r##"
    [Database] FAIL - The database schema is not in sync with the current mapping file.

      vlan.number                           declared INT            database BIGINT
                                            database/xml/Entities.Vlan.dcm.xml:21
      bgpsessiondata                        index idx_timestamp is missing
      a_table_with_a_very_long_name.column  column is missing

      1 thing can't be told without asking the engine; never a planned change:
      v_a                         only the texts differ

      1 table and 2 columns are not declared; they do no harm (--complete lists them).
      1 view and 1 remark make no difference (-v lists them).
    "##);
    }

    #[test]
    fn an_invalid_class_is_told_as_doctrine_does() {
        let document = MappingDocument {
            status: CheckStatus::Fail,
            classes: 2,
            tables: 2,
            invalid: vec![ClassDocument {
                class: "Entities\\Vlan".to_owned(),
                origin: place(3),
                problems: vec![
                    Diagnostic::error("D201", "The field Entities\\Vlan#Customer is wrong.")
                        .at(place(12)),
                ],
            }],
            warned: vec![ClassDocument {
                class: "Entities\\Cust".to_owned(),
                origin: place(3),
                problems: vec![Diagnostic::warning(
                    "D110",
                    "The association Entities\\Cust#Vlan is odd.",
                )],
            }],
            diagnostics: Vec::new(),
        };
        insta::assert_snapshot!(plain(&mapping(&document)), @r##"
    [Mapping]  FAIL - The entity-class 'Entities\Vlan' mapping is invalid:
      * The field Entities\Vlan#Customer is wrong.
        database/xml/Entities.Vlan.dcm.xml:12
    [Mapping]  WARN - Doctrine calls the mapping of the entity-class 'Entities\Cust' invalid; it works, and no table depends on it:
      * The association Entities\Cust#Vlan is odd.
    "##);
    }

    #[test]
    fn in_sync_is_one_line_each() {
        let good = MappingDocument {
            status: CheckStatus::Ok,
            classes: 54,
            tables: 57,
            invalid: Vec::new(),
            warned: Vec::new(),
            diagnostics: Vec::new(),
        };
        let fine = SyncDocument {
            status: CheckStatus::Ok,
            differences: Vec::new(),
            notes: Vec::new(),
            cannot_tell: Vec::new(),
            diagnostics: Vec::new(),
        };
        insta::assert_snapshot!(
            plain(&format!("{}{}", mapping(&good), sync(&fine, false, false))),
            @r##"
    [Mapping]  OK - The mapping files are correct.                        54 classes, 57 tables
    [Database] OK - The database schema is in sync with the mapping files.
    "##
        );
    }
}
