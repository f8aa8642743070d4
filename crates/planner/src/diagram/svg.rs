//! The picture as SVG.

use std::fmt::Write as _;

use super::layout::{CHARACTER, HEAD, Layout, ROW, row_middle};
use super::picture::{Picture, TableBox};
use super::text::html;

/// Colours of lines, told apart by the table that they lead to.
const COLOURS: [&str; 10] = [
    "#3366aa", "#b5532b", "#3a8a5f", "#8a4fa3", "#a8862a", "#2b8a9e", "#b03a5b", "#5f6f2f",
    "#6b5bbf", "#7a5a44",
];
const MARGIN: f64 = 40.0;
/// Room for the title.
const TITLE: f64 = 46.0;

/// Draws a laid out picture.
pub(super) fn draw(picture: &Picture, layout: &Layout) -> String {
    let width = layout.width.max(420.0) + 2.0 * MARGIN;
    let height = layout.height + 2.0 * MARGIN + TITLE;
    let mut text = String::new();
    // Writing into a String cannot fail, here and below.
    let _ = write!(
        text,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">\n<style>\n{STYLE}</style>\n<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n"
    );
    title(&mut text, picture);
    let _ = writeln!(
        text,
        "<g transform=\"translate({MARGIN} {:.0})\">",
        MARGIN + TITLE
    );
    for (number, link) in picture.links.iter().enumerate() {
        let line = &layout.lines[number];
        if line.len() < 2 {
            continue;
        }
        let colour = COLOURS[link.to % COLOURS.len()];
        let dashed = if link.optional {
            " stroke-dasharray=\"5 3\""
        } else {
            ""
        };
        let path = if link.from == link.to {
            around(line)
        } else {
            curve(line)
        };
        let _ = writeln!(
            text,
            "<path class=\"line\" stroke=\"{colour}\"{dashed} d=\"{path}\"><title>{} ({}) → {}</title></path>",
            html(&picture.boxes[link.from].name),
            html(&link.label),
            html(&picture.boxes[link.to].name)
        );
        ends(&mut text, line, link.single, colour);
    }
    for (table, place) in picture.boxes.iter().zip(&layout.places) {
        let _ = writeln!(
            text,
            "<g transform=\"translate({:.1} {:.1})\">",
            place.x, place.y
        );
        table_box(&mut text, table, place.width, place.height);
        text.push_str("</g>\n");
    }
    text.push_str("</g>\n</svg>\n");
    text
}

const STYLE: &str = "\
.paper { fill: #ffffff; }
text { font: 11px 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #1f2933; }
.title { font: 16px 'DejaVu Sans', Helvetica, Arial, sans-serif; }
.legend { font: 11px 'DejaVu Sans', Helvetica, Arial, sans-serif; fill: #52616f; }
.box { fill: #ffffff; stroke: #5b6b7b; }
.head { fill: #e3e9f0; stroke: #5b6b7b; }
.name { font-weight: bold; }
.type { fill: #708090; text-anchor: end; }
.key { font-weight: bold; }
.mark { fill: #8a97a5; font-size: 8px; }
.line { fill: none; stroke-width: 1.3; }
";

fn title(text: &mut String, picture: &Picture) {
    let count = |number: usize, one: &str, many: &str| match number {
        1 => format!("1 {one}"),
        many_of => format!("{many_of} {many}"),
    };
    let mut words = vec![
        count(picture.boxes.len(), "table", "tables"),
        count(picture.links.len(), "foreign key", "foreign keys"),
    ];
    if picture.views > 0 {
        words.push(format!(
            "{} not drawn",
            count(picture.views, "view", "views")
        ));
    }
    let _ = writeln!(
        text,
        "<text class=\"title\" x=\"{MARGIN}\" y=\"{MARGIN}\">{}</text>\n<text class=\"legend\" x=\"{MARGIN}\" y=\"{:.0}\">PK primary key, FK foreign key, U unique, ? may be NULL; a dashed line may lead to nothing; the fork is at the table that refers</text>",
        words.join(", "),
        MARGIN + 18.0
    );
}

fn table_box(text: &mut String, table: &TableBox, width: f64, height: f64) {
    let _ = writeln!(
        text,
        "<rect class=\"box\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"3\"/><path class=\"head\" d=\"M0 {HEAD} V3 Q0 0 3 0 H{:.1} Q{width:.1} 0 {width:.1} 3 V{HEAD} Z\"/><text class=\"name\" x=\"8\" y=\"16\">{}</text>",
        width - 3.0,
        html(&table.name)
    );
    for (number, row) in table.rows.iter().enumerate() {
        let y = row_middle(number) + 4.0;
        let mark = match (row.key, row.foreign, row.unique) {
            (true, true, _) => "PF",
            (true, false, _) => "PK",
            (false, true, _) => "FK",
            (false, false, true) => "U",
            (false, false, false) => "",
        };
        if !mark.is_empty() {
            let _ = write!(
                text,
                "<text class=\"mark\" x=\"6\" y=\"{:.1}\">{mark}</text>",
                y - 0.5
            );
        }
        let class = if row.key { " class=\"key\"" } else { "" };
        let _ = write!(
            text,
            "<text{class} x=\"21\" y=\"{y:.1}\">{}</text>",
            html(&row.name)
        );
        let open = if row.nullable { "?" } else { "" };
        let _ = writeln!(
            text,
            "<text class=\"type\" x=\"{:.1}\" y=\"{y:.1}\">{}{open}</text>",
            width - 8.0,
            html(&row.kind)
        );
    }
}

/// A line through its points: level within columns, an even curve between them.
fn curve(line: &[(f64, f64)]) -> String {
    let mut path = format!("M{:.1} {:.1}", line[0].0, line[0].1);
    for pair in line.windows(2) {
        let ((x1, y1), (x2, y2)) = (pair[0], pair[1]);
        if (y1 - y2).abs() < 0.05 {
            let _ = write!(path, " H{x2:.1}");
        } else {
            let middle = f64::midpoint(x1, x2);
            let _ = write!(
                path,
                " C{middle:.1} {y1:.1} {middle:.1} {y2:.1} {x2:.1} {y2:.1}"
            );
        }
    }
    path
}

/// From a table to itself, around its right side.
fn around(line: &[(f64, f64)]) -> String {
    let ((x1, y1), (x2, y2)) = (line[0], line[1]);
    // Two columns may be one and the same.
    let (y1, y2) = if (y1 - y2).abs() < ROW / 2.0 {
        (y1 - ROW / 3.0, y2 + ROW / 3.0)
    } else {
        (y1, y2)
    };
    let out = x1 + 4.0 * CHARACTER;
    format!("M{x1:.1} {y1:.1} C{out:.1} {y1:.1} {out:.1} {y2:.1} {x2:.1} {y2:.1}")
}

/// A bar where a line is referred to, and a fork (or a bar) where it refers.
fn ends(text: &mut String, line: &[(f64, f64)], single: bool, colour: &str) {
    let (sx, sy) = line[0];
    let (ex, ey) = line[line.len() - 1];
    let away = |from: f64, to: f64| if to >= from { 1.0 } else { -1.0 };
    let same = (sx - ex).abs() < 0.01 && line.len() == 2;
    let start = if same { 1.0 } else { away(sx, line[1].0) };
    let end = if same {
        1.0
    } else {
        away(ex, line[line.len() - 2].0)
    };
    let (b1, b2) = (sx + 6.0 * start, ex + 8.0 * end);
    let _ = write!(
        text,
        "<path class=\"line\" stroke=\"{colour}\" d=\"M{b1:.1} {:.1} V{:.1}",
        sy - 4.0,
        sy + 4.0
    );
    if single {
        let _ = write!(text, " M{b2:.1} {:.1} V{:.1}", ey - 4.0, ey + 4.0);
    } else {
        let _ = write!(
            text,
            " M{ex:.1} {:.1} L{b2:.1} {ey:.1} L{ex:.1} {:.1}",
            ey - 4.0,
            ey + 4.0
        );
    }
    text.push_str("\"/>\n");
}
