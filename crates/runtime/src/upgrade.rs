//! Upgrades of a live application over several releases: recipes as data, a journal that a
//! killed run goes on from, and the way back to a release.
//!
//! What is done to the world (programs, caches, files, maintenance, git) is done here. What needs
//! the declared schema or the database is asked of a [`Crew`]: this module knows no engine and
//! no source.

mod books;
mod code;
mod crew;
mod ground;
mod http;
mod itinerary;
mod journal;
mod ladder;
mod owners;
mod perform;
mod recipe;
mod release;
mod retreat;
mod run;
mod store;

pub use books::{Recorded, copy, record, recorded};
pub use code::TORN;
pub use crew::{Crew, Made, Moved, Say, Watcher};
pub use ground::{Ground, free_room};
pub use itinerary::{Hop, entries};
pub use journal::{Entry, Outcome, Retreat, State, Status, Trouble, now};
pub use ladder::{Rung, ladder};
pub use recipe::{
    Additions, Closed, Common, FlagName, Moment, Recipe, SHIPPED, Step, Turn, Work, additions,
    is_within, recipe, shipped,
};
pub use release::{Naming, Release, Route, Way, route, version};
pub use retreat::retreat;
pub use run::{Answers, Stopped, drive};
pub use store::{Held, Store};
