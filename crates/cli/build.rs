//! Links what stack traces need of the C compiler's own library into the program, where that
//! library is at hand: mapping it as a file of its own, and asking the processor what it can do a
//! second time, would be a twentieth of what a short command takes.

use std::env;
use std::path::Path;
use std::process::Command;

/// The part of it that walks over frames.
const ARCHIVE: &str = "libgcc_eh.a";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    // One that is built to be debugged is linked as it always is.
    if is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && is("PROFILE", "release")
        && has_archive()
    {
        println!("cargo:rustc-link-lib=static:-bundle=gcc_eh");
    }
}

/// True when the linker says where the archive is; where it has none it says no more than the name.
fn has_archive() -> bool {
    let linker = env::var_os("RUSTC_LINKER").unwrap_or_else(|| "cc".into());
    let asked = Command::new(linker)
        .arg(format!("-print-file-name={ARCHIVE}"))
        .output();
    asked.is_ok_and(|answer| {
        let path = String::from_utf8_lossy(&answer.stdout);
        Path::new(path.trim()).is_absolute()
    })
}
