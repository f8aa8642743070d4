//! The dialect against a real server.

#![allow(missing_docs, reason = "a test program")]

mod support;

#[path = "server/corpus.rs"]
mod corpus;
#[path = "server/locks.rs"]
mod locks;
#[path = "server/mutants.rs"]
mod mutants;
#[path = "server/objects.rs"]
mod objects;
#[path = "server/questions.rs"]
mod questions;
#[path = "server/releases.rs"]
mod releases;
#[path = "server/renames.rs"]
mod renames;
#[path = "server/scripts.rs"]
mod scripts;
#[path = "server/updates.rs"]
mod updates;
