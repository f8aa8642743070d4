//! The commands, a module each.

pub(crate) mod planned;
pub(crate) mod schema;
