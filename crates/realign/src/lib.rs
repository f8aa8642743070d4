//! The public library: re-exports and the registry of dialects.

pub use realign_model as model;
pub use realign_planner as planner;
pub use realign_runtime as runtime;
pub use realign_sources as sources;
