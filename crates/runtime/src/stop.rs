//! The wish to stop, as a signal says it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::{Error, ErrorKind};

/// A wish to stop after the running statement. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    signal: Arc<AtomicUsize>,
}

impl Stop {
    /// A wish that nobody has yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Listens to SIGINT and SIGTERM. The first of them asks to stop; the second ends the
    /// process at once with 128 + its number, which the server takes as a lost client.
    pub fn on_signals() -> Result<Self, Error> {
        let stop = Self::new();
        for signal in [SIGINT, SIGTERM] {
            let asked = Arc::new(AtomicBool::new(false));
            let number = usize::try_from(signal).unwrap_or_default();
            // In this order: the shutdown sees the first signal's flag only at the second one.
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&asked))
                .and_then(|_| flag::register(signal, asked))
                .and_then(|_| flag::register_usize(signal, Arc::clone(&stop.signal), number))
                .map_err(|error| {
                    Error::new(
                        ErrorKind::Failed,
                        format!("can't listen to signal {signal}: {error}"),
                    )
                })?;
        }
        Ok(stop)
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
}
