//! The wish to stop, as a signal says it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::{Error, ErrorKind};

/// A wish to stop after the running statement. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    signal: Arc<AtomicUsize>,
    presses: Arc<AtomicUsize>,
    cancels: Arc<AtomicBool>,
}

impl Stop {
    /// A wish that nobody has yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Listens to SIGINT, SIGTERM and, unless the process was started to ignore it (`nohup`),
    /// SIGHUP. The first of them asks to stop. The second cancels the running statement where
    /// somebody can do that ([`Self::cancelling`]); else, and at the third, the process ends at
    /// once with 128 + its number, which the server takes as a lost client.
    ///
    /// A SIGHUP is never the second: of a line that is lost the system tells, and the shell again.
    pub fn on_signals() -> Result<Self, Error> {
        let stop = Self::new();
        let mut listened = vec![SIGINT, SIGTERM];
        if !ignores_hang_up() {
            listened.push(SIGHUP);
        }
        let mut signals = Signals::new(listened).map_err(|error| {
            Error::new(
                ErrorKind::Failed,
                format!("can't listen to signals: {error}"),
            )
        })?;
        let told = stop.clone();
        std::thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || {
                for signal in signals.forever() {
                    told.press(signal);
                }
            })
            .map_err(|error| {
                Error::new(
                    ErrorKind::Failed,
                    format!("no thread to listen to signals: {error}"),
                )
            })?;
        Ok(stop)
    }

    fn press(&self, signal: i32) {
        if signal == SIGHUP && self.presses() > 0 {
            return;
        }
        let presses = self.presses.fetch_add(1, Ordering::SeqCst) + 1;
        self.ask(usize::try_from(signal).unwrap_or_default());
        let cancels = self.cancels();
        if presses > 2 || (presses == 2 && !cancels) {
            signal_hook::low_level::exit(128 + signal);
        }
    }

    /// Says whether a second signal is met by cancelling the statement on its server.
    pub fn cancelling(&self, cancels: bool) {
        self.cancels.store(cancels, Ordering::SeqCst);
    }

    /// True when a second signal is met by cancelling the statement on its server.
    pub fn cancels(&self) -> bool {
        self.cancels.load(Ordering::SeqCst)
    }

    /// Asks to stop, as that signal would.
    pub fn ask(&self, signal: usize) {
        self.signal.store(signal, Ordering::SeqCst);
    }

    /// The signal that asked to stop, if one did.
    pub fn signal(&self) -> Option<u8> {
        match self.signal.load(Ordering::SeqCst) {
            0 => None,
            number => u8::try_from(number).ok(),
        }
    }

    /// How many signals came.
    pub fn presses(&self) -> usize {
        self.presses.load(Ordering::SeqCst)
    }
}

/// What a signal is called.
pub(crate) fn signal_name(number: u8) -> String {
    match i32::from(number) {
        SIGHUP => "SIGHUP".to_owned(),
        SIGINT => "SIGINT".to_owned(),
        SIGTERM => "SIGTERM".to_owned(),
        other => format!("signal {other}"),
    }
}

/// True when this process was started to ignore SIGHUP, or where nobody can tell: listening would
/// take that back.
fn ignores_hang_up() -> bool {
    let status = std::fs::read_to_string("/proc/self/status");
    let listens = status.is_ok_and(|status| listens_to_hang_up(&status));
    !listens
}

fn listens_to_hang_up(status: &str) -> bool {
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & (1 << (SIGHUP - 1)) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_was_started_to_ignore_it_is_known() {
        assert!(listens_to_hang_up("Name:\tx\nSigIgn:\t0000000000001000\n"));
        assert!(!listens_to_hang_up("SigIgn:\t0000000000001001\n"));
        assert!(!listens_to_hang_up("Name:\tx\n"));
    }

    #[test]
    fn a_lost_line_is_one_wish() {
        let stop = Stop::new();
        for _ in 0..3 {
            stop.press(SIGHUP);
        }
        assert_eq!((stop.signal(), stop.presses()), (Some(1), 1));
        assert_eq!(signal_name(1), "SIGHUP");
    }
}
