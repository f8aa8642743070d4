//! Where everything stands.
//!
//! Tables that refer to each other stand in columns, what is referred to on the left; the order
//! within the columns comes from a crate that lays out layered graphs. What is decided here is
//! what it is given: which columns there are (so that the whole is neither a strip nor a tower),
//! and that all lines to one table run through the columns as one, on lanes of their own between
//! the boxes, so that no line passes through a box.

mod columns;
mod layered;
mod middles;
mod part;

use std::collections::{BTreeMap, BTreeSet};

use self::part::Part;
use super::picture::{Picture, TableBox};

/// Width of a character.
pub(super) const CHARACTER: f64 = 6.63;
/// Height of a row.
pub(super) const ROW: f64 = 17.0;
/// Height of a table's name.
pub(super) const HEAD: f64 = 24.0;
/// Room at the edges of a box, left and right together.
const PADDING: f64 = 44.0;
/// Between boxes above each other.
const GAP: f64 = 22.0;
/// Height of a lane.
const LANE: f64 = 9.0;
/// Between columns.
const CHANNEL: f64 = 70.0;
/// Between parts that have nothing to do with each other.
const APART: f64 = 60.0;
/// Width by height that is pleasant on a screen and on a wall.
const RATIO: f64 = 1.5;

/// A box on the paper.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Place {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Everything on the paper.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Layout {
    /// A place a box.
    pub(super) places: Vec<Place>,
    /// Of each link the points that it runs through, from the referred to the referring table.
    pub(super) lines: Vec<Vec<(f64, f64)>>,
    /// The width of all.
    pub(super) width: f64,
    /// The height of all.
    pub(super) height: f64,
}

/// The middle of a row, from the top of its box.
pub(super) fn row_middle(row: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "no table has so many columns")]
    let row = row as f64;
    HEAD + ROW * (row + 0.5)
}

fn size(table: &TableBox) -> (f64, f64) {
    let wide = |text: &str| text.chars().count();
    let rows = table
        .rows
        .iter()
        .map(|row| wide(&row.name) + wide(&row.kind) + 2);
    let characters = rows.chain([wide(&table.name)]).max().unwrap_or(0);
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of characters and columns are small"
    )]
    let (characters, rows) = (characters as f64, table.rows.len() as f64);
    (characters * CHARACTER + PADDING, HEAD + rows * ROW + 5.0)
}

/// Puts a picture on paper.
pub(super) fn layout(picture: &Picture) -> Layout {
    let sizes: Vec<(f64, f64)> = picture.boxes.iter().map(size).collect();
    let mut out = Layout {
        places: sizes
            .iter()
            .map(|(width, height)| Place {
                width: *width,
                height: *height,
                ..Place::default()
            })
            .collect(),
        lines: vec![Vec::new(); picture.links.len()],
        ..Layout::default()
    };
    let (parts, alone) = parts(picture);
    let mut laid: Vec<Part> = parts
        .iter()
        .map(|members| Part::of(members, picture, &sizes))
        .collect();
    laid.sort_by(|a, b| b.height.total_cmp(&a.height).then(a.first.cmp(&b.first)));
    let total: f64 = laid
        .iter()
        .map(|part| (part.width + APART) * (part.height + APART))
        .sum();
    let alone_area: f64 = alone
        .iter()
        .map(|at| (sizes[*at].0 + GAP) * (sizes[*at].1 + GAP))
        .sum();
    let widest = laid.iter().map(|part| part.width).fold(0.0, f64::max);
    let wanted = widest.max(((total + alone_area) * RATIO).sqrt());
    shelves(&mut laid, wanted, &mut out);
    let top = if out.height > 0.0 {
        out.height + APART
    } else {
        0.0
    };
    stack(&alone, wanted.max(out.width), top, &mut out);
    for (at, link) in picture.links.iter().enumerate() {
        if link.from == link.to {
            let place = out.places[link.from];
            let right = place.x + place.width;
            out.lines[at] = vec![
                (right, place.y + row_middle(link.to_row)),
                (right, place.y + row_middle(link.from_row)),
            ];
        }
    }
    out
}

/// The boxes that hang together, each part in the order of names, and those without a link.
fn parts(picture: &Picture) -> (Vec<Vec<usize>>, Vec<usize>) {
    let mut of: Vec<usize> = (0..picture.boxes.len()).collect();
    let find = |of: &[usize], mut at: usize| {
        while of[at] != at {
            at = of[at];
        }
        at
    };
    let mut linked = BTreeSet::new();
    for link in picture.links.iter().filter(|link| link.from != link.to) {
        linked.extend([link.from, link.to]);
        let (a, b) = (find(&of, link.from), find(&of, link.to));
        of[a.max(b)] = a.min(b);
    }
    let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in &linked {
        parts.entry(find(&of, *at)).or_default().push(*at);
    }
    let alone = (0..picture.boxes.len()).filter(|at| !linked.contains(at));
    (parts.into_values().collect(), alone.collect())
}

/// Puts parts beside each other, and below when the paper is full.
fn shelves(parts: &mut [Part], wanted: f64, out: &mut Layout) {
    let (mut x, mut y, mut shelf) = (0.0, 0.0, 0.0_f64);
    for part in parts {
        if x > 0.0 && x + part.width > wanted * 1.02 {
            x = 0.0;
            y += shelf + APART;
            shelf = 0.0;
        }
        for (at, left, top) in &part.places {
            out.places[*at].x = left + x;
            out.places[*at].y = top + y;
        }
        for (number, line) in std::mem::take(&mut part.lines) {
            out.lines[number] = line.into_iter().map(|(a, b)| (a + x, b + y)).collect();
        }
        out.width = out.width.max(x + part.width);
        out.height = out.height.max(y + part.height);
        shelf = shelf.max(part.height);
        x += part.width + APART;
    }
}

/// Puts boxes that nothing refers to into columns, each on the shortest.
fn stack(alone: &[usize], wanted: f64, top: f64, out: &mut Layout) {
    let widest = alone
        .iter()
        .map(|at| out.places[*at].width)
        .fold(0.0, f64::max);
    if alone.is_empty() {
        return;
    }
    let step = widest + GAP;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a small positive number"
    )]
    let count = (((wanted + GAP) / step).floor().max(1.0) as usize).min(alone.len());
    let mut heights = vec![top; count];
    let mut order = alone.to_vec();
    order.sort_by(|a, b| {
        let height = |at: &usize| out.places[*at].height;
        height(b).total_cmp(&height(a)).then(a.cmp(b))
    });
    for at in order {
        let shortest = (0..count)
            .min_by(|a, b| heights[*a].total_cmp(&heights[*b]))
            .unwrap_or(0);
        #[expect(clippy::cast_precision_loss, reason = "few columns")]
        let column = shortest as f64;
        let place = &mut out.places[at];
        place.x = column * step;
        place.y = heights[shortest];
        heights[shortest] += place.height + GAP;
        out.width = out.width.max(place.x + place.width);
        out.height = out.height.max(place.y + place.height);
    }
}
