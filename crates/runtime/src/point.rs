//! Places at which a test halts this process to kill it there: before and after each statement
//! that is sent under the lock, each step of an upgrade, each write of a journal's file.
//!
//! Only a build with the feature `stop-points` has them; in any other these are empty. Such a
//! build writes each place that it passes into the file that `REALIGN_STOP_POINTS` names, and
//! halts itself at the one whose number is in `REALIGN_STOP_AT`. With `REALIGN_STOP_STATEMENTS=no`
//! the statements are no places.

#[cfg(feature = "stop-points")]
mod live {
    use std::cell::Cell;
    use std::io::Write as _;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    thread_local! {
        /// The heartbeat has no places: when it is at work hangs on the time of day.
        static ARMED: Cell<bool> = const { Cell::new(false) };
    }
    static PASSED: AtomicU64 = AtomicU64::new(0);

    /// The places of this thread count from now on.
    pub(crate) fn arm() {
        ARMED.set(true);
    }

    /// A place around a statement.
    pub(crate) fn pass(place: &str, sql: &str) {
        let statements = std::env::var_os("REALIGN_STOP_STATEMENTS");
        if ARMED.get() && statements.is_none_or(|word| word != "no") {
            reached(place, sql);
        }
    }

    /// A place around something that is done in the world.
    pub(crate) fn at(place: &str, what: &str) {
        reached(place, what);
    }

    fn reached(place: &str, what: &str) {
        let number = PASSED.fetch_add(1, Ordering::SeqCst) + 1;
        if let Some(path) = std::env::var_os("REALIGN_STOP_POINTS") {
            let line: String = what.chars().take(200).collect();
            let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
            let file = std::fs::File::options()
                .create(true)
                .append(true)
                .open(path);
            // A test that finds no file says so itself.
            let _ = file.and_then(|mut file| writeln!(file, "{number} {place} {line}"));
        }
        let wanted = std::env::var("REALIGN_STOP_AT").ok();
        if wanted.and_then(|text| text.parse().ok()) == Some(number) {
            let _ = rustix::process::kill_process(
                rustix::process::getpid(),
                rustix::process::Signal::STOP,
            );
            // The signal may reach another thread first.
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[cfg(feature = "stop-points")]
pub(crate) use live::{arm, at, pass};

/// The places of this thread count from now on.
#[cfg(not(feature = "stop-points"))]
pub(crate) fn arm() {}

/// A place around a statement.
#[cfg(not(feature = "stop-points"))]
pub(crate) fn pass(_place: &str, _sql: &str) {}

/// A place around something that is done in the world.
#[cfg(not(feature = "stop-points"))]
pub(crate) fn at(_place: &str, _what: &str) {}
