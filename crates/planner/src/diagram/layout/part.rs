//! Boxes that hang together, in columns with lanes between them.

use std::collections::{BTreeMap, BTreeSet};

use super::columns::{badness, choices, ranks};
use super::middles::middles;
use super::{CHANNEL, GAP, LANE, row_middle};
use crate::diagram::picture::Picture;

/// How many boxes are laid out in all while the best columns are looked for.
const TRIES: usize = 800;

/// A part that hangs together, laid out from its own corner.
pub(super) struct Part {
    /// Its first box.
    pub(super) first: usize,
    /// Its width.
    pub(super) width: f64,
    /// Its height.
    pub(super) height: f64,
    /// Its boxes with their corners.
    pub(super) places: Vec<(usize, f64, f64)>,
    /// Its links with their points.
    pub(super) lines: Vec<(usize, Vec<(f64, f64)>)>,
}

/// What stands in a column: a box, or the lane of the lines to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Item {
    /// A box.
    Table(usize),
    /// A lane in a column.
    Lane {
        /// The box that its lines lead to.
        of: usize,
        /// Where it is.
        column: usize,
    },
}

impl Part {
    /// Lays boxes out that hang together, in the best of several ways.
    pub(super) fn of(members: &[usize], picture: &Picture, sizes: &[(f64, f64)]) -> Self {
        let pairs: BTreeSet<(usize, usize)> = picture
            .links
            .iter()
            .filter(|link| link.from != link.to && members.contains(&link.from))
            .map(|link| (link.to, link.from))
            .collect();
        let ranks = ranks(members, &pairs);
        let mut best: Option<(f64, Self)> = None;
        // What comes out is looked at, for as many as can be tried in a moment.
        let tries = (TRIES / members.len()).clamp(1, 8);
        for columns in choices(members, &ranks, &pairs, sizes).iter().take(tries) {
            let (items, edges) = items(members, columns, &pairs);
            let middles = middles(&items, &edges, columns, sizes);
            let part = Self::placed(members, picture, sizes, columns, &items, &middles);
            // Paper counts as well.
            let area = (part.width * part.height).max(1.0).ln();
            let score = badness(part.width / part.height.max(1.0)) + area * 0.5;
            if best.as_ref().is_none_or(|(least, _)| score < *least) {
                best = Some((score, part));
            }
        }
        best.map_or_else(|| Self::empty(members), |(_, part)| part)
    }

    fn empty(members: &[usize]) -> Self {
        Self {
            first: members.first().copied().unwrap_or(0),
            width: 0.0,
            height: 0.0,
            places: Vec::new(),
            lines: Vec::new(),
        }
    }

    fn placed(
        members: &[usize],
        picture: &Picture,
        sizes: &[(f64, f64)],
        columns: &BTreeMap<usize, usize>,
        items: &[Item],
        middles: &[f64],
    ) -> Self {
        let count = columns.values().max().map_or(0, |last| last + 1);
        let mut widths = vec![0.0_f64; count];
        for at in members {
            let column = columns[at];
            widths[column] = widths[column].max(sizes[*at].0);
        }
        let mut lefts = vec![0.0; count];
        for column in 1..count {
            lefts[column] = lefts[column - 1] + widths[column - 1] + CHANNEL;
        }
        let top = items
            .iter()
            .zip(middles)
            .map(|(item, middle)| middle - tall(*item, sizes) / 2.0)
            .fold(f64::INFINITY, f64::min);
        let middle = |wanted: Item| {
            items
                .iter()
                .position(|item| *item == wanted)
                .map_or(0.0, |at| middles[at] - top)
        };
        let mut part = Self::empty(members);
        for at in members {
            let (width, height) = sizes[*at];
            let (x, y) = (lefts[columns[at]], middle(Item::Table(*at)) - height / 2.0);
            part.places.push((*at, x, y));
            part.width = part.width.max(x + width);
            part.height = part.height.max(y + height);
        }
        let y_of =
            |at: usize, row: usize| middle(Item::Table(at)) - sizes[at].1 / 2.0 + row_middle(row);
        for (number, link) in picture.links.iter().enumerate() {
            if link.from == link.to || !members.contains(&link.from) {
                continue;
            }
            let (from, to) = (columns[&link.from], columns[&link.to]);
            let mut line = Vec::new();
            let start = y_of(link.to, link.to_row);
            let end = y_of(link.from, link.from_row);
            if to < from {
                line.push((lefts[to] + sizes[link.to].0, start));
                line.push((lefts[to] + widths[to], start));
                for column in to + 1..from {
                    let y = middle(Item::Lane {
                        of: link.to,
                        column,
                    });
                    line.push((lefts[column], y));
                    line.push((lefts[column] + widths[column], y));
                }
                line.push((lefts[from], end));
            } else {
                line.push((lefts[to], start));
                for column in (from + 1..to).rev() {
                    let y = middle(Item::Lane {
                        of: link.to,
                        column,
                    });
                    line.push((lefts[column] + widths[column], y));
                    line.push((lefts[column], y));
                }
                line.push((lefts[from] + widths[from], end));
                line.push((lefts[from] + sizes[link.from].0, end));
            }
            part.lines.push((number, line));
        }
        part
    }
}

/// The room that an item takes in its column.
pub(super) fn tall(item: Item, sizes: &[(f64, f64)]) -> f64 {
    match item {
        Item::Table(at) => sizes[at].1 + GAP,
        Item::Lane { .. } => LANE,
    }
}

/// What stands in the columns, and which of it is tied together from one column to the next.
fn items(
    members: &[usize],
    columns: &BTreeMap<usize, usize>,
    pairs: &BTreeSet<(usize, usize)>,
) -> (Vec<Item>, Vec<(Item, Item)>) {
    let mut items: Vec<Item> = members.iter().map(|at| Item::Table(*at)).collect();
    let mut lanes = BTreeSet::new();
    let mut edges = BTreeSet::new();
    for (to, from) in pairs {
        let (start, end) = (columns[to], columns[from]);
        let mut last = Item::Table(*to);
        let between: Vec<usize> = if start < end {
            (start + 1..end).collect()
        } else {
            (end + 1..start).rev().collect()
        };
        for column in between {
            let lane = Item::Lane { of: *to, column };
            lanes.insert(lane);
            edges.insert(if start < end {
                (last, lane)
            } else {
                (lane, last)
            });
            last = lane;
        }
        let child = Item::Table(*from);
        edges.insert(if start < end {
            (last, child)
        } else {
            (child, last)
        });
    }
    items.extend(lanes);
    (items, edges.into_iter().collect())
}
