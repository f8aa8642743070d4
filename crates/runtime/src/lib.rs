//! Everything that touches the world, blocking: sessions, inspection, execution.
//!
//! It is handed a [`realign_planner::Dialect`] and a [`Connect`]; it knows no engine.
//!
//! The way of a change: [`inspect`] reads the database, the planner makes a
//! [`realign_planner::Plan`], [`precheck`] asks the data whether it can run, [`Consent`] says
//! whether it may, [`apply`] runs it one statement a call, and [`verify`] looks again.

mod apply;
pub mod backup;
pub mod cache;
mod consent;
mod error;
#[cfg(test)]
mod fake;
pub mod git;
mod inspect;
pub mod kernel;
mod letters;
pub mod maintenance;
pub mod migrate;
pub mod permissions;
mod point;
mod precheck;
pub mod process;
pub mod scratch;
mod session;
mod state;
mod stop;
mod target;
mod tls;
pub mod upgrade;
mod verify;

pub use apply::{Applied, Event, Failure, Observer, StepDone, apply, apply_recorded};
pub use consent::Consent;
pub use error::{Error, ErrorKind, statement_note};
pub use inspect::{Inspection, facts, inspect, inspect_known};
pub use letters::unknown_letters;
pub use precheck::{LossCount, Prechecked, Refusal, precheck};
pub use session::{
    Answer, Connect, Connection, Looked, Ran, RanAll, RanLooking, ServerWarning, Session, SqlError,
};
pub use state::state_folder;
pub use stop::Stop;
pub use target::{Secret, Target};
pub use tls::TlsMode;
pub use verify::verify;
