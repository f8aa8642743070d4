//! The wish to stop, as a signal says it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
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

    /// Listens to SIGINT and SIGTERM. The first of them asks to stop. The second cancels the
    /// running statement where somebody can do that ([`Self::cancelling`]); else, and at the
    /// third, the process ends at once with 128 + its number, which the server takes as a lost
    /// client.
    pub fn on_signals() -> Result<Self, Error> {
        let stop = Self::new();
        let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(|error| {
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
