//! Progress of a run: a step that takes over a second says so while it runs.

use std::io::Write as _;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use realign::runtime::{Event, Observer, Stop};

use super::style::{CARE, GOOD, duration, one_line, paint};
use super::warnings::Warnings;
use super::{Out, plan::describe};

/// How long a step may take without a word.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long until the next word about the same step.
const REPEAT: Duration = Duration::from_secs(15);
/// How often the wish to stop is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// Says what is at work when that takes long, and once that a signal asks to stop.
pub(crate) struct Ticker {
    works: Option<Sender<Option<String>>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    /// Begins to watch; tells nothing where only results are wanted.
    pub(crate) fn new(out: Out, stop: &Stop) -> Self {
        let (sender, receiver) = mpsc::channel();
        let stop = stop.clone();
        let thread = (!out.is_quiet())
            .then(|| {
                thread::Builder::new()
                    .name("progress".to_owned())
                    .spawn(move || tick(&receiver, &stop))
                    // Without a thread the run goes on in silence.
                    .ok()
            })
            .flatten();
        Self {
            works: Some(sender),
            thread,
        }
    }

    /// What is at work from now on; none for nothing.
    pub(crate) fn tell(&self, work: Option<String>) {
        if let Some(works) = &self.works {
            // A ticker that is gone has nobody to tell.
            let _ = works.send(work);
        }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.works = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Watches a run of a plan and tells of it.
pub(crate) struct Progress {
    out: Out,
    ticker: Ticker,
    warnings: Warnings,
}

impl Progress {
    /// Begins to watch.
    pub(crate) fn new(out: Out, stop: &Stop) -> Self {
        Self {
            out,
            ticker: Ticker::new(out, stop),
            warnings: Warnings::default(),
        }
    }

    fn tell(&self, step: Option<String>) {
        self.ticker.tell(step);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        for line in self.warnings.repeated() {
            // What can't be printed is no reason to fail.
            let _ = self
                .out
                .notice(&format!("{}: {line}", paint(CARE, "warning")));
        }
    }
}

impl Observer for Progress {
    fn event(&mut self, event: &Event<'_>) {
        // What can't be printed does not stop a run.
        let _ = match event {
            Event::Started {
                number,
                total,
                step,
            } => {
                self.tell(Some(format!(
                    "{number} of {total}   {}",
                    one_line(&describe(step), 60)
                )));
                Ok(())
            }
            Event::Finished {
                number,
                total,
                step,
                elapsed,
                affected,
            } => {
                self.tell(None);
                if *elapsed >= PATIENCE || self.out.verbose > 0 {
                    let rows = if *affected > 0 {
                        format!(", {affected} rows")
                    } else {
                        String::new()
                    };
                    self.out.notice(&format!(
                        "    {}  {number} of {total}   {:<60}  {}{rows}",
                        paint(GOOD, "ok"),
                        one_line(&describe(step), 60),
                        duration(*elapsed),
                    ))
                } else {
                    Ok(())
                }
            }
            Event::Waiting {
                number,
                refusal,
                blockers,
            } => {
                let mut text = format!("{}: step {number}: {refusal}", paint(CARE, "waiting"));
                for blocker in *blockers {
                    text.push_str("\n  in the way: ");
                    text.push_str(blocker);
                }
                self.out.notice(&text)
            }
            Event::Warned { number, warning } if self.warnings.is_new(warning) => {
                self.out.notice(&format!(
                    "{}: step {number}: {} ({})",
                    paint(CARE, "warning"),
                    warning.message,
                    warning.code
                ))
            }
            Event::Warned { .. } => Ok(()),
            _ => {
                self.tell(None);
                Ok(())
            }
        };
    }
}

/// Speaks while a step runs long, and once when a signal asks to stop.
fn tick(steps: &Receiver<Option<String>>, stop: &Stop) {
    let mut running: Option<(String, Instant, Duration)> = None;
    let mut told_stop = false;
    loop {
        match steps.recv_timeout(LOOK) {
            Ok(Some(step)) => running = Some((step, Instant::now(), PATIENCE)),
            Ok(None) => running = None,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        // Standard error may be gone; the run does not depend on it.
        if let Some((step, since, due)) = &mut running
            && since.elapsed() >= *due
        {
            let _ = writeln!(
                anstream::stderr(),
                "    ..  {step}   {} s",
                since.elapsed().as_secs()
            );
            *due = since.elapsed() + REPEAT;
        }
        if !told_stop && stop.signal().is_some() && running.is_some() {
            told_stop = true;
            let second = if stop.cancels() {
                "cancels it on the server"
            } else {
                "ends at once"
            };
            let _ = writeln!(
                anstream::stderr(),
                "stopping after the running statement; a second signal {second}"
            );
        }
    }
}
