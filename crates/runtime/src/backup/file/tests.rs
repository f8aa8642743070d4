//! Every way in which a file can be wrong.

use realign_model::{Database, Fingerprint};

use super::*;
use crate::backup::{Tally, list, prune};

/// A whole backup of this dump.
fn backup(folder: &Path, stem: &str, dump: &[u8]) -> Backup {
    let mut writer = Writer::new(Draft::new(folder).unwrap()).unwrap();
    writer.write_all(dump).unwrap();
    writer
        .finish(folder, (stem, ".sql.zst"), |dump_bytes, bytes, checksum| {
            let schema = Fingerprint::of(&Database::default());
            Manifest {
                format: 1,
                realign: "0".to_owned(),
                made: format!("2026-11-22T03:12:07.{stem}Z"),
                source: "x:y".to_owned(),
                database: "y".to_owned(),
                dialect: "x".to_owned(),
                vendor: "x".to_owned(),
                server: "1".to_owned(),
                tool: "t 1".to_owned(),
                label: None,
                schema_at_rest: schema.clone(),
                schema,
                dump_bytes,
                bytes,
                checksum,
                objects: std::collections::BTreeMap::new(),
                tables: Tally::default(),
                left_out: Vec::new(),
                remarks: Vec::new(),
            }
        })
        .unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Bytes that compress badly, so that the dump has many.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 1_u64;
    std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        state.to_be_bytes()[0]
    })
    .take(count)
    .collect()
}

#[test]
fn a_whole_file_is_whole_and_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let dump = noise(100_000);
    let made = backup(folder.path(), "y", &dump);
    assert_eq!(names(folder.path()), ["y.sql.zst"]);
    assert_eq!(check(&made.path, &Stop::new()).unwrap(), made);
    let mode = made.path.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // What any other program makes of it.
    let plain = zstd::decode_all(File::open(&made.path).unwrap()).unwrap();
    assert!(plain == dump);
}

#[test]
fn a_name_that_is_taken_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..3 {
        backup(folder.path(), "y", b"x");
    }
    assert_eq!(
        names(folder.path()),
        ["y-2.sql.zst", "y-3.sql.zst", "y.sql.zst"]
    );
}

#[test]
fn a_draft_that_is_not_finished_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::new(Draft::new(folder.path()).unwrap()).unwrap();
    writer.write_all(&noise(1_000_000)).unwrap();
    assert_eq!(names(folder.path()).len(), 1);
    drop(writer);
    assert!(names(folder.path()).is_empty());
}

#[test]
fn every_cut_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let made = backup(folder.path(), "y", &noise(5_000));
    let whole = std::fs::read(&made.path).unwrap();
    for length in (0..whole.len()).step_by(97).chain([whole.len() - 1]) {
        std::fs::write(&made.path, &whole[..length]).unwrap();
        let error = check(&made.path, &Stop::new()).unwrap_err();
        assert!(
            error.message.contains("is no whole backup"),
            "{length}: {error}"
        );
    }
}

#[test]
fn every_wrong_byte_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let made = backup(folder.path(), "y", &noise(3_000));
    let whole = std::fs::read(&made.path).unwrap();
    for at in 0..whole.len() {
        let mut wrong = whole.clone();
        wrong[at] ^= 0x40;
        std::fs::write(&made.path, &wrong).unwrap();
        let checked = check(&made.path, &Stop::new());
        // The eight bytes that tell decompressors to pass the description over are not read here.
        let head = (made.manifest.bytes..made.manifest.bytes + 8).contains(&(at as u64));
        assert_eq!(checked.is_err(), !head, "byte {at} of {}", whole.len());
    }
    // A piece in the middle is gone.
    let mut wrong = whole.clone();
    wrong.drain(1_000..1_100);
    std::fs::write(&made.path, &wrong).unwrap();
    assert!(check(&made.path, &Stop::new()).is_err());
}

#[test]
fn what_is_no_backup_is_listed_as_such_and_never_pruned() {
    let folder = tempfile::tempdir().unwrap();
    let first = backup(folder.path(), "a", b"1");
    let second = backup(folder.path(), "b", b"2");
    let third = backup(folder.path(), "c", b"3");
    std::fs::write(
        folder.path().join("other.zst"),
        b"not ours, and long enough to be looked at closely",
    )
    .unwrap();
    let listed = list(folder.path()).unwrap();
    let paths: Vec<&PathBuf> = listed.iter().map(|listed| &listed.path).collect();
    assert_eq!(paths[..3], [&third.path, &second.path, &first.path]);
    assert!(listed[3].backup.is_err());
    let pruned = prune(folder.path(), &third, 2).unwrap();
    assert_eq!(pruned.removed, [first.path]);
    assert_eq!(
        names(folder.path()),
        ["b.sql.zst", "c.sql.zst", "other.zst"]
    );
}
