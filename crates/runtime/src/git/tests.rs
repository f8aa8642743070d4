use std::path::Path;
use std::process::Command;

use super::Git;
use crate::{ErrorKind, Stop};

fn git(folder: &Path, words: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.org"])
        .args(words)
        .current_dir(folder)
        .output()
        .expect("git runs");
    assert!(
        output.status.success(),
        "{words:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    git(folder.path(), &["init", "-q", "-b", "main"]);
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    std::fs::create_dir(folder.path().join("x y")).unwrap();
    write("x y/a'b;c.txt", "one\n");
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("x y/link")).unwrap();
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "1"]);
    git(folder.path(), &["tag", "v1.0.0"]);
    write("x y/a'b;c.txt", "two\n");
    write("new.txt", "new");
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "2"]);
    git(folder.path(), &["tag", "-a", "-m", "t", "v1.1.0"]);
    git(
        folder.path(),
        &["update-ref", "refs/tags/--upload-pack=x", "HEAD"],
    );
    folder
}

#[test]
fn a_revision_is_read_without_touching_the_checkout() {
    let folder = repository();
    let git = Git::open(folder.path()).unwrap();
    let commit = git.tag("v1.0.0").unwrap();
    let blobs = git.blobs(&commit, Path::new("x y")).unwrap();
    assert_eq!(blobs.len(), 1, "a link is no file of the revision");
    assert_eq!(blobs[0].path, "x y/a'b;c.txt");
    assert_eq!(git.contents(&blobs).unwrap(), [b"one\n"]);
    assert_eq!(git.blobs(&commit, Path::new("new.txt")).unwrap(), []);
}

#[test]
fn no_name_is_an_option() {
    let folder = repository();
    let git = Git::open(folder.path()).unwrap();
    assert!(git.tags().unwrap().contains(&"--upload-pack=x".to_owned()));
    for name in ["--upload-pack=x", "-x", "", "a\nb"] {
        let error = git.tag(name).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Usage);
        assert!(error.message.contains("no name of a revision"), "{error}");
        assert!(
            git.checkout(name, false, &Stop::new(), &mut |_, _| {})
                .is_err()
        );
    }
    let error = git.tag("v9").unwrap_err();
    assert!(error.message.starts_with("there is no tag `v9`"), "{error}");
}

#[test]
fn a_checkout_moves_and_goes_back_to_its_branch() {
    let folder = repository();
    let git = Git::open(folder.path()).unwrap();
    let before = git.head().unwrap();
    assert_eq!(before.branch.as_deref(), Some("main"));
    let commit = git.tag("v1.0.0").unwrap();
    git.checkout(&commit, false, &Stop::new(), &mut |_, _| {})
        .unwrap();
    assert_eq!(git.tags_here().unwrap(), ["v1.0.0"]);
    assert_eq!(git.head().unwrap().branch, None);
    assert!(git.changed().unwrap().is_empty());
    std::fs::write(folder.path().join("new.txt"), "mine").unwrap();
    assert!(git.changed().unwrap().is_empty(), "not under control");
    assert_eq!(git.in_the_way("HEAD", &before.commit).unwrap(), ["new.txt"]);
    std::fs::remove_file(folder.path().join("new.txt")).unwrap();
    git.checkout(&before.commit, false, &Stop::new(), &mut |_, _| {})
        .unwrap();
    git.attach("main").unwrap();
    assert_eq!(git.head().unwrap(), before);
    std::fs::write(folder.path().join("new.txt"), "mine").unwrap();
    assert_eq!(git.changed().unwrap(), ["new.txt"]);
    assert!(!git.patch().unwrap().is_empty());
    assert!(git.tracks(Path::new("new.txt")) && !git.tracks(Path::new("other")));
}

#[test]
fn a_file_in_the_place_of_a_folder_is_in_the_way_unless_git_has_put_it_there() {
    let folder = repository();
    let path = |name: &str| folder.path().join(name);
    let was = Git::open(folder.path()).unwrap().head().unwrap().commit;
    std::fs::remove_file(path("new.txt")).unwrap();
    for name in ["new.txt", "own\u{fc}", "free"] {
        std::fs::create_dir(path(name)).unwrap();
        std::fs::write(path(name).join("a"), "x").unwrap();
    }
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "3"]);
    let commit = Git::open(folder.path()).unwrap().head().unwrap().commit;
    git(folder.path(), &["checkout", "-q", "--detach", &was]);
    std::fs::write(path("own\u{fc}"), "mine").unwrap();
    let git = Git::open(folder.path()).unwrap();
    assert_eq!(git.in_the_way(&was, &commit).unwrap(), ["own\u{fc}"]);
    assert_eq!(git.left_over(&commit, &was).unwrap(), [] as [&str; 0]);
    std::fs::remove_file(path("own\u{fc}")).unwrap();
    std::fs::create_dir(path("own\u{fc}")).unwrap();
    std::fs::write(path("own\u{fc}/a"), "left").unwrap();
    assert_eq!(git.left_over(&commit, &was).unwrap(), ["own\u{fc}/a"]);
    git.index_as(&commit).unwrap();
    git.checkout(&was, true, &Stop::new(), &mut |_, _| {})
        .unwrap();
    assert!(!path("own\u{fc}").exists());
    assert_eq!(git.left_over(&commit, &was).unwrap(), [] as [&str; 0]);
}
