//! Real applications' mappings against real engines, through the binary.
//!
//! The corpus holds mappings of several releases of two applications, and recordings of what
//! Doctrine made of them. Where a version step drops something, plain `update` has to leave
//! it and `--complete` has to remove it. Sameness is proven by what the engines print.

#![allow(
    clippy::print_stdout,
    reason = "the listing of drifts is there to be read"
)]

mod accounts;
mod backups;
mod create;
mod drifts;
mod dumps;
mod layout;
mod listeners;
mod mautic;
mod program;
mod scenario;
mod steps;
mod views;

use layout::{Corpus, IXP_MANAGER, MAUTIC};

/// A corpus with another release would otherwise be passed over in silence.
#[test]
fn every_release_of_the_corpus_has_its_tests() {
    let Some(corpus) = Corpus::found() else {
        return;
    };
    assert_eq!(corpus.releases("ixp-manager"), IXP_MANAGER);
    assert_eq!(corpus.releases("mautic"), MAUTIC);
}
