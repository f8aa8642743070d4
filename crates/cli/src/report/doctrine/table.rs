//! Tables in the layout of Symfony's console.

use std::fmt::Write as _;

/// A line of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Row {
    /// A cell a column.
    Cells(Vec<String>),
    /// One cell over that many columns, then empty ones.
    Wide(String, usize),
    /// `|-----|` between groups.
    Rule,
}

/// A table: `head` between rules, then `body`.
pub(crate) fn table(head: &[Row], body: &[Row]) -> String {
    let widths = widths(head.iter().chain(body));
    let rule = widths.iter().fold("+".to_owned(), |mut line, width| {
        line.push_str(&"-".repeat(width + 2));
        line.push('+');
        line
    });
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _ = writeln!(text, "{rule}");
    for row in head {
        let _ = writeln!(text, "{}\n{rule}", line(row, &widths));
    }
    for row in body {
        let _ = writeln!(text, "{}", line(row, &widths));
    }
    if !body.is_empty() {
        let _ = writeln!(text, "{rule}");
    }
    text
}

fn widths<'a>(rows: impl Iterator<Item = &'a Row>) -> Vec<usize> {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        if let Row::Cells(cells) = row {
            widths.resize(widths.len().max(cells.len()), 0);
            for (width, cell) in widths.iter_mut().zip(cells) {
                *width = (*width).max(cell.chars().count());
            }
        }
    }
    widths
}

fn line(row: &Row, widths: &[usize]) -> String {
    let mut text = String::from("|");
    let mut cell = |content: &str, width: usize| {
        let blanks = width.saturating_sub(content.chars().count());
        let _ = write!(text, " {content}{} |", " ".repeat(blanks));
    };
    match row {
        Row::Cells(cells) => {
            for (content, width) in cells.iter().zip(widths) {
                cell(content, *width);
            }
        }
        Row::Wide(content, columns) => {
            let covered = widths.iter().take(*columns);
            let width = covered.clone().sum::<usize>() + 3 * covered.count().saturating_sub(1);
            cell(content, width);
            for width in widths.iter().skip(*columns) {
                cell("", *width);
            }
        }
        Row::Rule => {
            let width = widths.iter().map(|width| width + 3).sum::<usize>();
            let _ = write!(text, "{}|", "-".repeat(width.saturating_sub(1)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(cells: &[&str]) -> Row {
        Row::Cells(cells.iter().map(|c| (*c).to_owned()).collect())
    }

    #[test]
    fn cells_and_groups() {
        let head = [Row::Wide("Head".to_owned(), 2), cells(&["a", "b", "c"])];
        let body = [
            cells(&["1", "long", ""]),
            Row::Rule,
            cells(&["2", "x", "y"]),
        ];
        assert_eq!(
            table(&head, &body),
            "\
+---+------+---+
| Head     |   |
+---+------+---+
| a | b    | c |
+---+------+---+
| 1 | long |   |
|--------------|
| 2 | x    | y |
+---+------+---+
"
        );
        assert!(table(&head, &[]).ends_with("| a | b | c |\n+---+---+---+\n"));
    }
}
