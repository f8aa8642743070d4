//! Where the corpus of real schemas is, if it is anywhere.

use std::path::{Path, PathBuf};

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
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    if beside.is_dir() {
        return beside.canonicalize().ok();
    }
    println!("not run: there is no ../shared/corpus, and REALIGN_CORPUS is not set");
    None
}
