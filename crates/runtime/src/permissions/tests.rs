//! Trees with links in them.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

use super::*;

fn tree() -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("folder");
    fs::create_dir_all(root.path().join("storage/logs")).expect("folders");
    fs::create_dir_all(root.path().join("app")).expect("folders");
    for file in ["storage/logs/a.log", "storage/b", "app/code.php"] {
        let path = root.path().join(file);
        fs::write(&path, "x").expect("writes");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("own file");
    }
    root
}

fn of(path: &Path) -> u32 {
    fs::symlink_metadata(path).expect("is there").mode() & 0o7777
}

fn storage() -> Permissions {
    Permissions {
        paths: vec![PathBuf::from("storage")],
        recursive: true,
        folders: Some(0o2775),
        files: Some(0o664),
        ..Permissions::default()
    }
}

#[test]
fn modes_reach_everything_below_and_nothing_beside() {
    let root = tree();
    symlink("logs/a.log", root.path().join("storage/current")).expect("links");
    let changed = apply(root.path(), &storage(), &Stop::new()).unwrap();
    assert_eq!((changed.seen, changed.modes), (5, 4));
    assert_eq!(of(&root.path().join("storage")), 0o2775);
    assert_eq!(of(&root.path().join("storage/logs/a.log")), 0o664);
    assert_eq!(of(&root.path().join("app/code.php")), 0o600);
    let again = apply(root.path(), &storage(), &Stop::new()).unwrap();
    assert_eq!((again.modes, again.owned), (0, 0));
}

#[test]
fn a_link_out_of_the_tree_refuses_all_of_it() {
    let outside = tempfile::tempdir().expect("folder");
    let victim = outside.path().join("victim");
    fs::write(&victim, "x").expect("writes");
    fs::set_permissions(&victim, fs::Permissions::from_mode(0o600)).expect("own file");
    for target in [victim.as_path(), outside.path(), Path::new("../../../gone")] {
        let root = tree();
        symlink(target, root.path().join("storage/logs/link")).expect("links");
        let error = apply(root.path(), &storage(), &Stop::new()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Refused, "{error}");
        assert!(error.message.contains("storage/logs/link"), "{error}");
        assert_eq!(of(&root.path().join("storage/b")), 0o600);
    }
    assert_eq!(of(&victim), 0o600);
}

#[test]
fn a_path_through_a_link_or_upwards_is_refused() {
    let root = tree();
    symlink(root.path().join("app"), root.path().join("way")).expect("links");
    let mut wanted = storage();
    wanted.paths = vec![PathBuf::from("way/code.php")];
    let error = apply(root.path(), &wanted, &Stop::new()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Refused);
    for path in ["../x", "/etc", "storage/../../x"] {
        wanted.paths = vec![PathBuf::from(path)];
        let error = apply(root.path(), &wanted, &Stop::new()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Usage, "{path}");
    }
    assert_eq!(of(&root.path().join("app/code.php")), 0o600);
}

#[test]
fn root_gives_files_away() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let root = tree();
    symlink("b", root.path().join("storage/link")).expect("links");
    let wanted = Permissions {
        owner: Some(12_345),
        group: Some(12_346),
        ..storage()
    };
    let changed = apply(root.path(), &wanted, &Stop::new()).unwrap();
    assert_eq!(changed.owned, 5);
    for path in ["storage", "storage/logs/a.log", "storage/link"] {
        let found = fs::symlink_metadata(root.path().join(path)).expect("is there");
        assert_eq!((found.uid(), found.gid()), (12_345, 12_346), "{path}");
    }
    // The kernel takes these bits away with the owner; they are put back.
    assert_eq!(of(&root.path().join("storage")), 0o2775);
    let beside = fs::metadata(root.path().join("app")).expect("is there");
    assert_eq!(beside.uid(), 0);
}

#[test]
fn what_is_missing_is_named_unless_it_may_be() {
    let root = tree();
    let mut wanted = storage();
    wanted.paths = vec![PathBuf::from("gone/deep")];
    let error = apply(root.path(), &wanted, &Stop::new()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::File);
    wanted.optional = true;
    assert_eq!(
        apply(root.path(), &wanted, &Stop::new()).unwrap(),
        Changed::default()
    );
}

#[test]
fn modes_are_octal() {
    assert_eq!(mode("0775").unwrap(), 0o775);
    assert_eq!(mode("2770").unwrap(), 0o2770);
    for text in ["", "9", "0o", "77777", "rwx", "-1"] {
        assert!(mode(text).is_err(), "{text}");
    }
    assert_eq!(group("0").unwrap(), 0);
    assert_eq!(group("root").unwrap(), 0);
    assert!(group("no-such-group").is_err());
    assert_eq!(user("root").unwrap(), 0);
}

#[test]
fn another_name_of_somebodys_file_refuses_all_of_it() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let outside = tempfile::tempdir().expect("folder");
    let victim = outside.path().join("victim");
    let write = |owner: u32| {
        let _ = fs::remove_file(&victim);
        fs::write(&victim, "x").expect("writes");
        fs::set_permissions(&victim, fs::Permissions::from_mode(0o600)).expect("own file");
        std::os::unix::fs::chown(&victim, Some(owner), None).expect("root");
    };
    let root = tree();
    std::os::unix::fs::chown(root.path(), Some(65534), None).expect("root");
    let wanted = Permissions {
        owner: Some(65534),
        ..storage()
    };
    let apply = || apply(root.path(), &wanted, &Stop::new());
    write(0);
    fs::hard_link(&victim, root.path().join("storage/logs/own")).expect("one disk");
    let error = apply().unwrap_err();
    assert_eq!(error.kind, ErrorKind::Refused, "{error}");
    assert!(error.message.contains("storage/logs/own"), "{error}");
    assert_eq!(
        (of(&victim), of(&root.path().join("storage/b"))),
        (0o600, 0o600)
    );
    fs::remove_file(root.path().join("storage/logs/own")).expect("own file");
    // The application's own files may have two names.
    write(65534);
    fs::hard_link(&victim, root.path().join("storage/logs/own")).expect("one disk");
    apply().unwrap();
    assert_eq!(of(&victim), 0o664);
}
