//! SQLite: reading leaves every byte of the file, and no file beside it.

use std::os::unix::fs::PermissionsExt as _;

use realign_testkit::{SqliteFile, sqlite_file};

use crate::application::Application;

fn beside(file: &SqliteFile) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(file.folder())
        .expect("own folder")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn reading_leaves_every_byte_and_no_file_beside() {
    let file = sqlite_file();
    let application = Application::new();
    application.begins(&file.url(), &file);
    let (bytes, names) = (std::fs::read(file.path()).expect("there"), beside(&file));
    let time = || {
        std::fs::metadata(file.path())
            .and_then(|data| data.modified())
            .ok()
    };
    let written = time();
    application.reads(&file.url());
    assert!(bytes == std::fs::read(file.path()).expect("there"));
    assert_eq!(written, time());
    assert_eq!(beside(&file), names);
}

#[test]
fn a_write_protected_file_is_read_and_never_written() {
    let file = sqlite_file();
    let application = Application::new();
    application.begins(&file.url(), &file);
    let protect = |mode| {
        let rights = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(file.path(), rights).expect("own file");
    };
    let bytes = std::fs::read(file.path()).expect("there");
    protect(0o444);
    application.reads(&file.url());
    // An administrator writes whatever the bits say; anybody else is refused with the mend.
    if std::fs::File::options()
        .append(true)
        .open(file.path())
        .is_err()
    {
        let refused = application
            .run(&file.url(), "schema update --force")
            .exits(1);
        refused.says("chmod u+w");
    }
    assert!(bytes == std::fs::read(file.path()).expect("there"));
    protect(0o644);
}
