//! The layered layout itself: the only file that names the crate that makes it.

use rust_sugiyama::configure::Config;
use rust_sugiyama::from_vertices_and_edges;

/// A vertex with the middle of its place: across within its layer, and down through the layers.
pub(super) type Placed = (usize, (f64, f64));

/// Lays out vertices (each with its extent within the layer, and across) whose ties all lead
/// from one layer to a later one. Nothing is laid out where there is no tie.
pub(super) fn layered(vertices: &[(u32, (f64, f64))], ties: &[(u32, u32)]) -> Vec<Placed> {
    if vertices.is_empty() || ties.is_empty() {
        return Vec::new();
    }
    let config = Config {
        vertex_spacing: 0.1,
        ..Config::default()
    };
    from_vertices_and_edges(vertices, ties, &config)
        .into_iter()
        .flat_map(|(vertices, ..)| vertices)
        .collect()
}
