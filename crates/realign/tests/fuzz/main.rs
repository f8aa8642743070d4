//! The fuzz targets on what is kept of them, and on a bounded number of inputs made from that.
//!
//! `fuzz/run` searches for longer, guided by what an input reaches; an input that it finds to break
//! something is put into `fuzz/corpus/TARGET` and so tried again at each run of this.

#![allow(
    clippy::print_stdout,
    reason = "the number of inputs is there to be read"
)]

/// What the targets call it.
use ::realign;

#[path = "../../../../fuzz/properties.rs"]
mod properties;

use std::fs;
use std::path::Path;

/// Inputs made for each target.
const MADE: usize = 3000;
const LONGEST: usize = 2048;

#[test]
fn kept_inputs_and_their_mutations() {
    for (name, _) in properties::TARGETS {
        let kept = kept(name);
        assert!(!kept.is_empty(), "nothing is kept for {name}");
        for input in &kept {
            properties::run(name, input);
        }
        let mut chance = Chance(0x9e37_79b9_7f4a_7c15 ^ name.len() as u64);
        for _ in 0..MADE {
            let input = chance.mutated(&kept);
            properties::run(name, &input);
        }
        println!("{name}: {} kept, {MADE} made", kept.len());
    }
}

fn kept(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/corpus")
        .join(name);
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("a folder of inputs")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files
        .iter()
        .map(|file| fs::read(file).expect("readable"))
        .collect()
}

/// A reproducible source of chance.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap_or_default()
    }

    fn below(&mut self, limit: usize) -> usize {
        self.next() % limit.max(1)
    }

    /// An input made of kept ones: cut, doubled, mixed, with bytes changed.
    fn mutated(&mut self, kept: &[Vec<u8>]) -> Vec<u8> {
        const PIECES: [&str; 22] = [
            ";",
            "'",
            "\"",
            "`",
            "$$",
            "$a$",
            "/*",
            "*/",
            "/*!",
            "--",
            "#",
            "\\",
            "\r\n",
            "(",
            ")",
            "BEGIN ",
            "END",
            "DELIMITER //\n",
            "\n\\.\n",
            "${",
            "\u{feff}",
            "<a>",
        ];
        let mut input = kept[self.below(kept.len())].clone();
        for _ in 0..=self.below(4) {
            let at = self.below(input.len() + 1);
            match self.below(6) {
                0 => input.truncate(at),
                1 => drop(input.drain(..at)),
                2 => {
                    let piece = PIECES[self.below(PIECES.len())];
                    input.splice(at..at, piece.bytes());
                }
                3 => {
                    let other = &kept[self.below(kept.len())];
                    let from = self.below(other.len() + 1);
                    input.splice(at..at, other[from..].iter().copied());
                }
                4 if at < input.len() => input[at] = u8::try_from(self.below(256)).unwrap_or(b'?'),
                _ => {
                    let end = self.below(input.len() + 1);
                    let (from, to) = (at.min(end), at.max(end));
                    input.drain(from..to);
                }
            }
            input.truncate(LONGEST);
        }
        input
    }
}
