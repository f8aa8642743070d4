//! How far down everything stands in its column.

use std::collections::BTreeMap;

use super::layered::layered;
use super::part::{Item, tall};

/// How far down the middle of each item is.
pub(super) fn middles(
    items: &[Item],
    edges: &[(Item, Item)],
    columns: &BTreeMap<usize, usize>,
    sizes: &[(f64, f64)],
) -> Vec<f64> {
    let numbers: BTreeMap<Item, u32> = items
        .iter()
        .enumerate()
        .filter_map(|(at, item)| Some((*item, u32::try_from(at).ok()?)))
        .collect();
    let vertices: Vec<(u32, (f64, f64))> = items
        .iter()
        .map(|item| (numbers[item], (tall(*item, sizes), 1.0)))
        .collect();
    let ties: Vec<(u32, u32)> = edges
        .iter()
        .map(|(a, b)| (numbers[a], numbers[b]))
        .collect();
    let mut middles = vec![0.0; items.len()];
    for (vertex, (x, _)) in layered(&vertices, &ties) {
        if let Some(middle) = middles.get_mut(vertex).filter(|_| x.is_finite()) {
            *middle = x;
        }
    }
    // Whatever came out: nothing stands on anything else.
    let mut by_column: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, item) in items.iter().enumerate() {
        let column = match item {
            Item::Table(table) => columns[table],
            Item::Lane { column, .. } => *column,
        };
        by_column.entry(column).or_default().push(at);
    }
    for column in by_column.values_mut() {
        column.sort_by(|a, b| middles[*a].total_cmp(&middles[*b]).then(a.cmp(b)));
    }
    // Each column as short as it can be, around one middle line; from there on everything is only
    // drawn to what it is tied to, so that the whole hardly grows taller than its tallest column.
    for column in by_column.values() {
        let total: f64 = column.iter().map(|at| tall(items[*at], sizes)).sum();
        let mut y = -total / 2.0;
        for at in column {
            let height = tall(items[*at], sizes);
            middles[*at] = y + height / 2.0;
            y += height;
        }
    }
    for _ in 0..SWEEPS {
        settle(&by_column, items, edges, &numbers, sizes, &mut middles);
    }
    middles
}

/// How often places are drawn to their neighbours.
const SWEEPS: usize = 24;

/// Draws everything towards what it is tied to, in the order in which it stands.
fn settle(
    by_column: &BTreeMap<usize, Vec<usize>>,
    items: &[Item],
    edges: &[(Item, Item)],
    numbers: &BTreeMap<Item, u32>,
    sizes: &[(f64, f64)],
    middles: &mut [f64],
) {
    let mut pulls: Vec<(f64, f64)> = vec![(0.0, 0.0); items.len()];
    for (a, b) in edges {
        let (a, b) = (numbers[a] as usize, numbers[b] as usize);
        // A lane should be straight more than a box should be near.
        let weight = match (items[a], items[b]) {
            (Item::Lane { .. }, Item::Lane { .. }) => 4.0,
            _ => 1.0,
        };
        pulls[a].0 += middles[b] * weight;
        pulls[a].1 += weight;
        pulls[b].0 += middles[a] * weight;
        pulls[b].1 += weight;
    }
    for column in by_column.values() {
        let wanted: Vec<f64> = column
            .iter()
            .map(|at| {
                let (sum, weight) = pulls[*at];
                if weight > 0.0 {
                    sum / weight
                } else {
                    middles[*at]
                }
            })
            .collect();
        let heights: Vec<f64> = column.iter().map(|at| tall(items[*at], sizes)).collect();
        for (at, place) in column.iter().zip(spread(&wanted, &heights)) {
            middles[*at] = place;
        }
    }
}

/// Places in the given order, as near to the wanted ones as their heights allow.
fn spread(wanted: &[f64], heights: &[f64]) -> Vec<f64> {
    // Blocks of things that touch; each stands where its members want to be on average.
    struct Block {
        first: usize,
        last: usize,
        sum: f64,
        height: f64,
    }
    let mut blocks: Vec<Block> = Vec::new();
    for (at, (want, height)) in wanted.iter().zip(heights).enumerate() {
        let mut block = Block {
            first: at,
            last: at,
            sum: want - height / 2.0,
            height: *height,
        };
        while let Some(above) = blocks.last() {
            if top(above.sum, above.first, above.last) + above.height
                <= top(block.sum, block.first, block.last)
            {
                break;
            }
            let Some(above) = blocks.pop() else { break };
            #[expect(clippy::cast_precision_loss, reason = "columns are short")]
            let members = (block.last - block.first + 1) as f64;
            block = Block {
                first: above.first,
                last: block.last,
                // What stands below wants its own place minus the height above it.
                sum: above.sum + block.sum - members * above.height,
                height: above.height + block.height,
            };
        }
        blocks.push(block);
    }
    let mut places = vec![0.0; wanted.len()];
    for block in &blocks {
        let mut y = top(block.sum, block.first, block.last);
        for at in block.first..=block.last {
            places[at] = y + heights[at] / 2.0;
            y += heights[at];
        }
    }
    places
}

fn top(sum: f64, first: usize, last: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "columns are short")]
    let members = (last - first + 1) as f64;
    sum / members
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn things_stand_where_they_want_to_or_share_the_room() {
        assert_eq!(spread(&[0.0, 100.0], &[10.0, 10.0]), [0.0, 100.0]);
        assert_eq!(
            spread(&[50.0, 50.0, 50.0], &[10.0, 10.0, 10.0]),
            [40.0, 50.0, 60.0]
        );
        // The order stays, whatever is wanted.
        assert_eq!(spread(&[20.0, 0.0], &[10.0, 10.0]), [5.0, 15.0]);
    }
}
