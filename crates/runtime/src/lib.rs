//! Everything that touches the world, blocking: sessions, inspection, execution.
//!
//! It is handed a [`realign_planner::Dialect`] and a [`Connect`]; it knows no engine.

mod error;
mod session;
mod target;

pub use error::{Error, ErrorKind};
pub use session::{Answer, Connect, Connection, Ran, ServerWarning, Session, SqlError};
pub use target::{Secret, Target};
