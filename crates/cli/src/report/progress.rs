//! Progress of a run: a step that takes over a second says so while it runs.

use std::io::Write as _;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
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
    desk: Arc<Desk>,
    thread: Option<JoinHandle<()>>,
}

/// Where the working thread lays down what it does. Nobody is woken for that: most statements are
/// done before anybody would look.
#[derive(Default)]
struct Desk {
    work: Mutex<Work>,
    ended: Condvar,
}

/// What is at work.
#[derive(Default)]
struct Work {
    running: Option<Running>,
    over: bool,
}

/// Something that has not come to its end.
struct Running {
    text: String,
    since: Instant,
    /// When it is told of, from its begin.
    due: Duration,
}

impl Ticker {
    /// Begins to watch; tells nothing where only results are wanted.
    pub(crate) fn new(out: Out, stop: &Stop) -> Self {
        let desk = Arc::new(Desk::default());
        let (watched, stop) = (Arc::clone(&desk), stop.clone());
        let thread = (!out.is_quiet())
            .then(|| {
                thread::Builder::new()
                    .name("progress".to_owned())
                    .spawn(move || tick(&watched, &stop))
                    // Without a thread the run goes on in silence.
                    .ok()
            })
            .flatten();
        Self { desk, thread }
    }

    /// What is at work from now on; none for nothing.
    pub(crate) fn tell(&self, work: Option<String>) {
        if self.thread.is_none() {
            return;
        }
        self.desk.lay(|desk| {
            desk.running = work.map(|text| Running {
                text,
                since: Instant::now(),
                due: PATIENCE,
            });
        });
    }
}

impl Desk {
    fn lay(&self, change: impl FnOnce(&mut Work)) {
        change(&mut self.work.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.desk.lay(|desk| desk.over = true);
        self.desk.ended.notify_all();
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
fn tick(desk: &Desk, stop: &Stop) {
    let mut told_stop = false;
    let mut work = desk.work.lock().unwrap_or_else(PoisonError::into_inner);
    while !work.over {
        let waited = desk.ended.wait_timeout(work, LOOK);
        work = waited.unwrap_or_else(PoisonError::into_inner).0;
        let Some(running) = &mut work.running else {
            continue;
        };
        let mut words = Vec::new();
        let since = running.since.elapsed();
        if since >= running.due {
            words.push(format!("    ..  {}   {} s", running.text, since.as_secs()));
            running.due = since + REPEAT;
        }
        if !told_stop && stop.signal().is_some() {
            told_stop = true;
            let second = if stop.cancels() {
                "cancels it on the server"
            } else {
                "ends at once"
            };
            words.push(format!(
                "stopping after the running statement; a second signal {second}"
            ));
        }
        // Who works does not wait for a terminal.
        drop(work);
        for line in words {
            // Standard error may be gone; the run does not depend on it.
            let _ = writeln!(anstream::stderr(), "{line}");
        }
        work = desk.work.lock().unwrap_or_else(PoisonError::into_inner);
    }
}
