//! Which column each box stands in.

use std::collections::{BTreeMap, BTreeSet};

use super::layered::layered;
use super::{CHANNEL, GAP, LANE, RATIO};

/// How far from the left each box would stand, when the columns may be of any height.
pub(super) fn ranks(members: &[usize], pairs: &BTreeSet<(usize, usize)>) -> BTreeMap<usize, usize> {
    let vertices: Vec<(u32, (f64, f64))> = (0..members.len())
        .filter_map(|at| Some((u32::try_from(at).ok()?, (1.0, 1.0))))
        .collect();
    let place = |at: usize| {
        let found = members.binary_search(&at).unwrap_or(0);
        u32::try_from(found).unwrap_or(0)
    };
    let edges: Vec<(u32, u32)> = pairs
        .iter()
        .map(|(to, from)| (place(*to), place(*from)))
        .collect();
    let laid = layered(&vertices, &edges);
    let mut found: Vec<(usize, f64)> = laid
        .into_iter()
        .map(|(vertex, (_, y))| (vertex, y))
        .collect();
    found.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    let mut ranks = BTreeMap::new();
    let mut rank = 0;
    let mut before: Option<f64> = None;
    for (vertex, y) in found {
        if before.is_some_and(|before| (y - before).abs() > 1e-6) {
            rank += 1;
        }
        before = Some(y);
        ranks.insert(members[vertex], rank);
    }
    ranks
}

/// Choices of a column for each box: ranks whose boxes are too many for one column become
/// several, for one height of columns and another. The most pleasant by its estimate comes first.
pub(super) fn choices(
    members: &[usize],
    ranks: &BTreeMap<usize, usize>,
    pairs: &BTreeSet<(usize, usize)>,
    sizes: &[(f64, f64)],
) -> Vec<BTreeMap<usize, usize>> {
    let tallest = members.iter().map(|at| sizes[*at].1).fold(0.0, f64::max);
    let total: f64 = members.iter().map(|at| sizes[*at].1 + GAP).sum();
    let mut found: Vec<(f64, BTreeMap<usize, usize>)> = Vec::new();
    let mut most = tallest.max(200.0);
    while most < total * 1.3 {
        let columns = split(members, ranks, pairs, sizes, most);
        if found.iter().all(|(_, known)| *known != columns) {
            found.push((badness(ratio(&columns, pairs, sizes)), columns));
        }
        most *= 1.15;
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found.into_iter().map(|(_, columns)| columns).collect()
}

/// How far a form is from the pleasant one.
pub(super) fn badness(ratio: f64) -> f64 {
    (ratio / RATIO).ln().abs()
}

/// Width by height of a choice of columns, lanes counted.
fn ratio(
    columns: &BTreeMap<usize, usize>,
    pairs: &BTreeSet<(usize, usize)>,
    sizes: &[(f64, f64)],
) -> f64 {
    let mut extents: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
    for (at, column) in columns {
        let extent = extents.entry(*column).or_default();
        extent.0 = extent.0.max(sizes[*at].0);
        extent.1 += sizes[*at].1 + GAP;
    }
    let mut lanes = BTreeSet::new();
    for (to, from) in pairs {
        let (a, b) = (columns[to], columns[from]);
        lanes.extend((a.min(b) + 1..a.max(b)).map(|column| (*to, column)));
    }
    for (_, column) in lanes {
        extents.entry(column).or_default().1 += LANE;
    }
    let width: f64 = extents.values().map(|(width, _)| width + CHANNEL).sum();
    let height = extents
        .values()
        .map(|(_, height)| *height)
        .fold(1.0, f64::max);
    width / height
}

fn split(
    members: &[usize],
    ranks: &BTreeMap<usize, usize>,
    pairs: &BTreeSet<(usize, usize)>,
    sizes: &[(f64, f64)],
    most: f64,
) -> BTreeMap<usize, usize> {
    let last = ranks.values().max().copied().unwrap_or(0);
    let mut columns = BTreeMap::new();
    let mut column = 0;
    for rank in 0..=last {
        let mut here: Vec<usize> = members
            .iter()
            .copied()
            .filter(|at| ranks[at] == rank)
            .collect();
        // Those that others further right look at stand next to them, the rest next to what
        // they look at themselves.
        let onward = |at: usize| {
            pairs
                .iter()
                .filter(|(to, from)| {
                    (*to == at && ranks[from] > rank) || (*from == at && ranks[to] > rank)
                })
                .count()
        };
        let backward = |at: usize| {
            pairs
                .iter()
                .filter(|(to, from)| {
                    (*to == at && ranks[from] < rank) || (*from == at && ranks[to] < rank)
                })
                .map(|(to, from)| if *to == at { *from } else { *to })
                .min()
                .unwrap_or(0)
        };
        here.sort_by_key(|at| (onward(*at), backward(*at), *at));
        let mut filled = 0.0;
        for at in here {
            let height = sizes[at].1 + GAP;
            if filled > 0.0 && filled + height > most {
                column += 1;
                filled = 0.0;
            }
            filled += height;
            columns.insert(at, column);
        }
        column += 1;
    }
    columns
}
