//! Processes, and what they used.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use realign_testkit::need;

/// What a process used from its start to its end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Used {
    /// By the clock.
    pub(crate) wall: Duration,
    /// On the processor, outside the kernel.
    pub(crate) user: Duration,
    /// The most memory it ever had at once, in bytes.
    pub(crate) peak: u64,
}

/// `realign schema` with these words, which has to end with that code.
pub(crate) fn realign(url: &str, mapping: &Path, command: &[&str], code: i32) -> Used {
    let source = format!("doctrine-xml:{}", mapping.display());
    let mut words = vec![env!("CARGO_BIN_EXE_realign"), "--database-url", url];
    words.extend(["--schema", &source, "schema"]);
    words.extend(command);
    let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
    run(&words, Some(code))
}

/// The statements that make the tables.
pub(crate) fn statements(url: &str, mapping: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_realign"))
        .args(["--database-url", url, "--schema"])
        .arg(format!("doctrine-xml:{}", mapping.display()))
        .args(["schema", "create", "--dump-sql"])
        .output()
        .expect("the binary runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    String::from_utf8(output.stdout).expect("statements are text")
}

/// Another tool, whatever its code.
pub(crate) fn peer(words: &[String]) -> Used {
    run(words, None)
}

/// A command line that needs no quotes, word by word.
pub(crate) fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

pub(crate) fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Runs the words under GNU time, which prints what the kernel says of the process.
fn run(words: &[String], code: Option<i32>) -> Used {
    let begun = Instant::now();
    let output = Command::new(need("time", "time"))
        .args(["--quiet", "--format", "%U %M"])
        .args(words)
        .output()
        .expect("the program runs");
    let wall = begun.elapsed();
    let told = String::from_utf8_lossy(&output.stderr);
    if code.is_some() {
        let out = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), code, "{out}{told}");
    }
    let last = told.lines().last().unwrap_or_default();
    let (user, peak) = last.split_once(' ').expect("two numbers");
    let kilobytes: u64 = peak.parse().expect("a number");
    Used {
        wall,
        user: Duration::from_secs_f64(user.parse().expect("a number")),
        peak: kilobytes * 1024,
    }
}

/// The machine in one line.
pub(crate) fn machine() -> String {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| -> String {
        let line = text.lines().find(|line| line.starts_with(name));
        let value = line.and_then(|line| line.split_once(':'));
        value.map_or_else(
            || "unknown".to_owned(),
            |(_, value)| value.trim().to_owned(),
        )
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!(
        "{cores} cores of {}, memory {}, Linux {}",
        field(&read("/proc/cpuinfo"), "model name"),
        field(&read("/proc/meminfo"), "MemTotal"),
        read("/proc/sys/kernel/osrelease").trim()
    )
}
