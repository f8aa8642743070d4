//! Where the corpus of real schemas is, if it is anywhere.

use std::path::PathBuf;

/// The corpus: `REALIGN_CORPUS`, else `../shared/corpus` beside the checkout. None when there
/// is none; a `REALIGN_CORPUS` that names no folder is a failure, not a reason to skip.
pub fn corpus() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("REALIGN_CORPUS").filter(|value| !value.is_empty()) {
        let named = PathBuf::from(named);
        assert!(
            named.is_dir(),
            "REALIGN_CORPUS names {}, and there is no such folder",
            named.display()
        );
        return Some(named);
    }
    if let Some(beside) = checkout().map(|root| root.join("../shared/corpus"))
        && beside.is_dir()
    {
        return beside.canonicalize().ok();
    }
    println!("not run: there is no ../shared/corpus, and REALIGN_CORPUS is not set");
    None
}

/// The folder of the workspace: the nearest one above the tested package that has a lock file.
/// Asked when a test runs, as a built test may run in another checkout than it was built in.
pub fn checkout() -> Option<PathBuf> {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let package = package.or_else(|| std::env::current_dir().ok())?;
    let root = package
        .ancestors()
        .find(|folder| folder.join("Cargo.lock").is_file())?;
    Some(root.to_owned())
}
