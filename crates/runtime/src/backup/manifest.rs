//! What a backup says of itself, and how that stands behind the dump in the file.
//!
//! The manifest lies in a frame that decompressors pass over: magic number, length, then the JSON,
//! its SHA-256, its length again and a mark, so that it can be found from the end.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use realign_model::{Database, Fingerprint};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{LeftOut, Tally};

/// The format that this version writes.
pub(super) const FORMAT: u32 = 1;
/// A frame that every decompressor of zstd passes over.
const SKIPPED: u32 = 0x184D_2A5E;
/// The last bytes of a whole backup.
const MARK: &[u8; 8] = b"rlgnbak1";
/// What follows the JSON: hash, length, mark.
pub(super) const FOOT: usize = 32 + 4 + 8;
/// What stands before it.
pub(super) const HEAD: usize = 8;

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The format of this description.
    pub format: u32,
    /// The version of Realign that made it.
    pub realign: String,
    /// When it was begun, UTC: `2026-11-22T03:12:07.123Z`, so that texts sort as times do.
    pub made: String,
    /// Where from, without a password.
    pub source: String,
    /// The database's own name.
    pub database: String,
    /// Its dialect.
    pub dialect: String,
    /// Which of the dialect's engines it was.
    pub vendor: String,
    /// The version of the server.
    pub server: String,
    /// What wrote the dump.
    pub tool: String,
    /// What it is for, when that was said: `before the upgrade to v4.9.3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The schema, without what is left out.
    pub schema: Fingerprint,
    /// The same with the names alone of what acts by itself: a scratch database has it at rest.
    pub schema_at_rest: Fingerprint,
    /// Bytes of the dump.
    pub dump_bytes: u64,
    /// Bytes of the dump when compressed: the file without this description.
    pub bytes: u64,
    /// SHA-256 over those.
    pub checksum: String,
    /// The beginning of the fingerprint of each object, by kind and name.
    #[serde(default)]
    pub objects: BTreeMap<String, String>,
    /// The rows of each table.
    pub tables: Tally,
    /// What is not in the dump, with its definition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// What a person has to know of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

impl Manifest {
    /// The frame that holds it.
    pub(super) fn frame(&self) -> Vec<u8> {
        // A struct of texts and numbers always has a text.
        let json = serde_json::to_vec(self).unwrap_or_default();
        let short = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
        let mut frame = Vec::with_capacity(HEAD + json.len() + FOOT);
        frame.extend(SKIPPED.to_le_bytes());
        frame.extend(short(json.len() + FOOT));
        frame.extend(&json);
        frame.extend(Sha256::digest(&json));
        frame.extend(short(json.len()));
        frame.extend(MARK);
        frame
    }

    /// The length of the JSON, from the last bytes of a file; none when they are no such end.
    pub(super) fn length(foot: &[u8; FOOT]) -> Option<usize> {
        let length = foot[32..36].try_into().map(u32::from_le_bytes).ok()?;
        (&foot[36..] == MARK).then_some(length as usize)
    }

    /// Reads the JSON and its foot; the error says what is wrong with them.
    pub(super) fn understood(json: &[u8], foot: &[u8; FOOT]) -> Result<Self, String> {
        if Sha256::digest(json).as_slice() != &foot[..32] {
            return Err("its description is damaged".to_owned());
        }
        match serde_json::from_slice::<Format>(json) {
            Ok(found) if found.format != FORMAT => {
                return Err(format!(
                    "it is of format {}, and this version reads {FORMAT}",
                    found.format
                ));
            }
            _ => {}
        }
        serde_json::from_slice(json).map_err(|error| format!("its description is wrong: {error}"))
    }
}

/// Each object with the beginning of its fingerprint, so that one that differs can be named.
pub(super) fn objects(database: &Database) -> BTreeMap<String, String> {
    const DIGITS: usize = 16;
    let mut objects = BTreeMap::new();
    let mut put = |kind: &str, name: String, alone: Database| {
        let mut digits = Fingerprint::of(&alone).0;
        digits.truncate(DIGITS);
        objects.insert(format!("{kind} {name}"), digits);
    };
    for table in &database.tables {
        let mut alone = Database::default();
        alone.tables.push(table.clone());
        put("table", table.name.to_string(), alone);
    }
    for view in &database.views {
        let mut alone = Database::default();
        alone.views.push(view.clone());
        put("view", view.name.to_string(), alone);
    }
    for trigger in &database.triggers {
        let mut alone = Database::default();
        alone.triggers.push(trigger.clone());
        put("trigger", trigger.name.to_string(), alone);
    }
    for routine in &database.routines {
        let mut alone = Database::default();
        alone.routines.push(routine.clone());
        put("routine", routine.name.to_string(), alone);
    }
    objects
}

/// As much of a manifest as every version has.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
