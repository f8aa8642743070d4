//! Diagnostics with a picture of the line that they are about.

use annotate_snippets::{AnnotationKind, Group, Level, Origin as Place, Renderer, Snippet};
use realign::model::Origin;
use realign::planner::{Diagnostic, Severity};

use super::style::{BAD, CARE, STRONG, paint};

/// How many diagnostics get a picture: of thousands nobody looks at the rest, and each one
/// looks for its line.
const PICTURES: usize = 200;
/// How many bytes behind a place are read for its picture: the rest of its line.
const BEHIND: usize = 16 * 1024;
/// How many characters of a line are shown before and after what is meant.
const AROUND: usize = 100;

/// Draws diagnostics for a terminal. Their files are read again, as far as their places; when
/// that is not possible any more, the place is named without the line.
#[derive(Debug, Default)]
pub(crate) struct Drawing {
    file: Option<Reread>,
    drawn: usize,
}

/// The file that was read last.
#[derive(Debug)]
struct Reread {
    path: String,
    /// Places up to here are in the text.
    end: usize,
    text: Option<String>,
}

impl Drawing {
    /// The next diagnostic.
    pub(crate) fn render(&mut self, diagnostic: &Diagnostic) -> String {
        let Origin::File { path, span, .. } = &diagnostic.origin else {
            return bare(diagnostic);
        };
        self.drawn += 1;
        if self.drawn > PICTURES {
            return draw(diagnostic, None);
        }
        let known = self.file.as_ref().filter(|file| *file.path == **path);
        if known.is_none_or(|file| file.end < span.end()) {
            // The first place may be all that is said of an endless file; the second is worth
            // the whole of it.
            let end = match known {
                None => span.end(),
                Some(_) => usize::MAX,
            };
            self.file = Some(Reread {
                path: path.to_string(),
                end,
                text: realign::picture(path, end.saturating_add(BEHIND)),
            });
        }
        let text = self.file.as_ref().and_then(|file| file.text.as_deref());
        draw(diagnostic, text)
    }
}

/// A diagnostic that is about no place in a file: no picture, no frame for one.
fn bare(diagnostic: &Diagnostic) -> String {
    let (word, style) = match diagnostic.severity {
        Severity::Error => ("error", BAD),
        Severity::Warning => ("warning", CARE),
        Severity::Note => ("note", STRONG),
    };
    let mut text = format!(
        "{}: {}",
        paint(style, &format!("{word}[{}]", diagnostic.code)),
        diagnostic.message
    );
    for note in &diagnostic.notes {
        text.push_str("\n  ");
        text.push_str(note);
    }
    if let Some(help) = &diagnostic.help {
        text.push_str("\nhelp: ");
        text.push_str(help);
    }
    text
}

fn draw(diagnostic: &Diagnostic, text: Option<&str>) -> String {
    if !matches!(diagnostic.origin, Origin::File { .. }) {
        return bare(diagnostic);
    }
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code.as_str());
    let mut group = Group::with_title(title);
    if let Origin::File {
        path, line, column, ..
    } = &diagnostic.origin
    {
        let place = Place::path(&**path)
            .line(*line as usize)
            .char_column(*column as usize);
        group = match text.and_then(|text| Picture::cut(text, &diagnostic.origin)) {
            Some(picture) => {
                let snippet = Snippet::source(picture.line)
                    .line_start(*line as usize)
                    .annotation(AnnotationKind::Primary.span(picture.start..picture.end));
                if picture.from_start {
                    group.element(snippet.path(&**path))
                } else {
                    // It would count its column from where the line was cut.
                    group.element(place).element(snippet)
                }
            }
            None => group.element(place),
        };
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.no_name().message(note.as_str()));
    }
    let mut report = vec![group];
    if let Some(help) = &diagnostic.help {
        report.push(Group::with_title(
            Level::HELP.secondary_title(help.as_str()),
        ));
    }
    Renderer::styled().render(&report)
}

/// One line of a file and the part of it that is meant, in bytes.
struct Picture<'a> {
    line: &'a str,
    start: usize,
    end: usize,
    /// The line is shown from its first character on.
    from_start: bool,
}

impl<'a> Picture<'a> {
    fn cut(text: &'a str, origin: &Origin) -> Option<Self> {
        let Origin::File {
            line, column, span, ..
        } = origin
        else {
            return None;
        };
        let wanted = (*line as usize).checked_sub(1)?;
        let whole = text.split_inclusive('\n').nth(wanted)?;
        let begin: usize = text.split_inclusive('\n').take(wanted).map(str::len).sum();
        let line = whole.trim_end_matches(['\n', '\r']);
        let by_column = || {
            line.char_indices()
                .nth((*column as usize).saturating_sub(1))
                .map_or(line.len(), |(at, _)| at)
        };
        // The file may have changed since: a span that is not on its line any more is not used.
        let start = span
            .start()
            .checked_sub(begin)
            .filter(|start| *start <= line.len() && line.is_char_boundary(*start))
            .unwrap_or_else(by_column);
        let end = span
            .end()
            .checked_sub(begin)
            .map_or(start, |end| end.min(line.len()))
            .max(start);
        let end = if line.is_char_boundary(end) {
            end
        } else {
            line.len()
        };
        let whole = Self {
            line,
            start,
            end,
            from_start: true,
        };
        Some(whole.shortened())
    }

    /// The same without the far ends of an endless line.
    fn shortened(self) -> Self {
        let Self {
            line, start, end, ..
        } = self;
        let from = line[..start]
            .char_indices()
            .rev()
            .nth(AROUND - 1)
            .map_or(0, |(at, _)| at);
        let end = line[start..end]
            .char_indices()
            .nth(2 * AROUND)
            .map_or(end, |(at, _)| start + at);
        let to = line[end..]
            .char_indices()
            .nth(AROUND)
            .map_or(line.len(), |(at, _)| end + at);
        Self {
            line: &line[from..to],
            start: start - from,
            end: end - from,
            from_start: from == 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use realign::model::{Origin, Span};
    use realign::planner::Diagnostic;

    use super::draw;
    use crate::report::style::plain;

    const TEXT: &str = "<entity>\n    <field name=\"shortname\" unique=\"true\"/>\n</entity>\n";

    fn refusal() -> Diagnostic {
        Diagnostic::error("R204", "cust.shortname can't become unique")
            .at(Origin::File {
                path: "xml/Customer.dcm.xml".into(),
                line: 2,
                column: 29,
                span: Span::new(37, 50),
            })
            .with_note("'acme' in rows 12, 97")
            .with_help("merge or rename these rows")
    }

    #[test]
    fn an_endless_line_is_shown_around_what_is_meant() {
        let line = format!("{}<bad/>{}", "é".repeat(5_000), "x".repeat(5_000));
        let origin = Origin::File {
            path: "a.xml".into(),
            line: 1,
            column: 5_001,
            span: Span::new(10_000, 10_006),
        };
        let picture = super::Picture::cut(&line, &origin).unwrap();
        assert_eq!(&picture.line[picture.start..picture.end], "<bad/>");
        assert_eq!(picture.line.chars().count(), 206);
        let drawn = Diagnostic::error("D002", "bad").at(origin);
        let drawn = plain(&draw(&drawn, Some(&line)));
        assert!(drawn.contains("--> a.xml:1:5001\n"), "{drawn}");
        assert!(drawn.contains("^^^^^^"), "{drawn}");
    }

    #[test]
    fn the_line_is_pictured() {
        insta::assert_snapshot!(plain(&draw(&refusal(), Some(TEXT))), @r##"
    error[R204]: cust.shortname can't become unique
     --> xml/Customer.dcm.xml:2:29
      |
    2 |     <field name="shortname" unique="true"/>
      |                             ^^^^^^^^^^^^^
      |
      = 'acme' in rows 12, 97
    help: merge or rename these rows
    "##);
    }

    #[test]
    fn without_the_file_the_place_is_named() {
        insta::assert_snapshot!(plain(&draw(&refusal(), None)), @r##"
    error[R204]: cust.shortname can't become unique
    --> xml/Customer.dcm.xml:2:29
     = 'acme' in rows 12, 97
    help: merge or rename these rows
    "##);
    }

    #[test]
    fn without_a_place_there_is_no_frame() {
        let refusal = Diagnostic::error("R001", "this plan destroys data")
            .with_note("table meeting: 12 rows")
            .with_help("make a backup first");
        assert_eq!(
            plain(&draw(&refusal, None)),
            "error[R001]: this plan destroys data\n  table meeting: 12 rows\nhelp: make a backup first"
        );
    }

    #[test]
    fn a_file_that_changed_does_no_harm() {
        for text in ["", "ä", "\n", "<entity>\r\nä\r\n"] {
            let shown = plain(&draw(&refusal(), Some(text)));
            assert!(shown.contains("xml/Customer.dcm.xml:2"), "{shown}");
        }
    }
}
