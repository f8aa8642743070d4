//! The lock of a server's database: a row with a lease, kept alive by a heartbeat on a thread and
//! a connection of its own, and a token that grows with every holder.
//!
//! There are two rows. `holder` says who, with which token; a working transaction keeps it from
//! changing until it has committed. `lease` says until when; only the heartbeat writes it, so that
//! a long transaction does not keep its own heartbeat waiting.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use realign_planner::{BookColumn, BookType, LOCK_TABLE, Rows, Value};

use super::{Owner, Site, foreign};
use crate::{Connection, Error, ErrorKind, Stop};

const COLUMNS: [BookColumn; 4] = [
    BookColumn::new("name", BookType::Text(32)),
    BookColumn::new("token", BookType::Number),
    BookColumn::new("expires", BookType::Number),
    BookColumn::nullable("owner", BookType::Long),
];

/// How often the thread looks whether something is to be done.
const TICK: Duration = Duration::from_millis(50);
/// What the two rows say.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// The token of the present holder, or of the last.
    pub(super) token: i64,
    /// Who holds it.
    pub(super) owner: Option<Owner>,
    /// Milliseconds until it expires by the server's clock; negative when it has.
    pub(super) left: i64,
}

impl Row {
    /// True when somebody holds it who may still be at work.
    pub(super) fn is_held(&self) -> bool {
        match &self.owner {
            None => false,
            Some(owner) => self.left > 0 && owner.lives() != Some(false),
        }
    }
}

/// Reads the rows; none when the table is not there.
pub(super) fn read(connection: &mut Connection, site: &Site) -> Result<Option<Row>, Error> {
    if !site.has_table(connection, LOCK_TABLE)? {
        return Ok(None);
    }
    let sql = format!(
        "SELECT name, token, expires, owner, {} FROM {LOCK_TABLE}",
        site.book().now_ms()
    );
    let rows = foreign::own(connection, site, (LOCK_TABLE, &COLUMNS), &sql)?;
    Ok(understood(&rows))
}

fn understood(rows: &Rows) -> Option<Row> {
    let row = |name: &str| {
        rows.rows
            .iter()
            .find(|row| row.first().and_then(Value::as_str) == Some(name))
    };
    let number = |row: &[Value], at: usize| row.get(at).and_then(Value::as_int).unwrap_or_default();
    let holder = row("holder")?;
    let token = number(holder, 1);
    let now = number(holder, 4);
    let mut expires = number(holder, 2);
    if let Some(lease) = row("lease")
        && number(lease, 1) == token
    {
        expires = expires.max(number(lease, 2));
    }
    let owner = match holder.get(3) {
        None | Some(Value::Null) => None,
        // Somebody wrote there what no version of ours wrote: that is a holder, too.
        Some(text) => Some(
            text.as_str()
                .and_then(|text| serde_json::from_str(text).ok())
                .unwrap_or_default(),
        ),
    };
    Some(Row {
        token,
        owner,
        left: expires - now,
    })
}

/// Makes the table with its rows where it is missing.
pub(super) fn prepare(connection: &mut Connection, site: &Site) -> Result<(), Error> {
    let book = site.book();
    if !site.has_table(connection, LOCK_TABLE)? {
        let create = book.create_table(LOCK_TABLE, &COLUMNS, "name", &site.facts);
        if let Err(refusal) = connection.run(&create)?
            // Two that begin at once may both find it missing; one of them makes it.
            && !site.has_table(connection, LOCK_TABLE)?
        {
            let mut error = Error::sql(&create, refusal);
            error.help.get_or_insert_with(|| {
                "Realign keeps its lock in a table of this database, and has to be able to make it with this account".to_owned()
            });
            return Err(error);
        }
    }
    let sql = format!("SELECT name, token, expires, owner FROM {LOCK_TABLE}");
    let rows = foreign::own(connection, site, (LOCK_TABLE, &COLUMNS), &sql)?;
    if rows.rows.len() < 2 {
        for name in ["holder", "lease"] {
            let values = [
                book.text(name),
                "0".to_owned(),
                "0".to_owned(),
                "NULL".to_owned(),
            ];
            let names = ["name", "token", "expires", "owner"];
            let insert = book.insert_missing(LOCK_TABLE, &names, &values);
            if let Err(refusal) = foreign::limited(connection, site, &insert)?
                && !refusal.retryable
            {
                return Err(Error::sql(&insert, refusal));
            }
        }
    }
    Ok(())
}

/// Tries to become the holder after this one: the new token when it worked.
pub(super) fn take(
    connection: &mut Connection,
    site: &Site,
    seen: &Row,
    owner: &Owner,
    lease: Duration,
) -> Result<Option<i64>, Error> {
    let book = site.book();
    let token = seen.token + 1;
    let sql = format!(
        "UPDATE {LOCK_TABLE} SET token = {token}, expires = {} + {}, owner = {} \
         WHERE name = 'holder' AND token = {}",
        book.now_ms(),
        lease.as_millis(),
        book.text(&written(owner)),
        seen.token
    );
    match foreign::limited(connection, site, &sql)? {
        Ok(answer) if answer.affected == 1 => Ok(Some(token)),
        Ok(_) => Ok(None),
        // Somebody else was at it at the same moment, here or on another node of a cluster.
        Err(refusal) if refusal.retryable => Ok(None),
        Err(refusal) => Err(Error::sql(&sql, refusal)),
    }
}

pub(super) fn written(owner: &Owner) -> String {
    serde_json::to_string(owner).unwrap_or_default()
}

/// What the holder and its heartbeat share.
#[derive(Debug)]
struct Shared {
    /// The lease is gone.
    lost: AtomicBool,
    /// When it was renewed last.
    renewed: Mutex<Instant>,
    /// The working session, which a second signal cancels; 0 for none.
    working: AtomicU64,
    /// When what the working session does has to be cancelled.
    deadline: Mutex<Option<Instant>>,
}

/// A held lease with its heartbeat.
#[derive(Debug)]
pub(super) struct Lease {
    /// The token.
    pub(super) token: i64,
    /// How long it runs without another word.
    pub(super) length: Duration,
    shared: Arc<Shared>,
    quit: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Lease {
    /// Keeps a lease that was just taken alive. The connection becomes the heartbeat's.
    pub(super) fn keep(
        connection: Connection,
        site: Site,
        token: i64,
        length: Duration,
        stop: Stop,
    ) -> Result<Self, Error> {
        let shared = Arc::new(Shared {
            lost: AtomicBool::new(false),
            renewed: Mutex::new(Instant::now()),
            working: AtomicU64::new(0),
            deadline: Mutex::new(None),
        });
        let (quit, quits) = mpsc::channel::<()>();
        let mut heart = Heart {
            connection: Some(connection),
            site,
            token,
            length,
            stop,
            shared: Arc::clone(&shared),
            cancelled: false,
        };
        // At once, so that a holder that was taken over learns of it.
        heart.renew();
        let thread = std::thread::Builder::new()
            .name("heartbeat".to_owned())
            .spawn(move || {
                while quits.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                    heart.beat();
                }
                heart.release();
            })
            .map_err(|error| {
                Error::new(
                    ErrorKind::Failed,
                    format!("no thread for the heartbeat of the lock: {error}"),
                )
            })?;
        Ok(Self {
            token,
            length,
            shared,
            quit: Some(quit),
            thread: Some(thread),
        })
    }

    /// True while the lease is certainly ours.
    pub(super) fn is_ours(&self) -> bool {
        let renewed = *self
            .shared
            .renewed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        !self.shared.lost.load(Ordering::SeqCst) && renewed.elapsed() < self.length
    }

    /// How much of it is left, at least.
    pub(super) fn left(&self) -> Duration {
        let renewed = *self
            .shared
            .renewed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        self.length.saturating_sub(renewed.elapsed())
    }

    /// Which session works.
    pub(super) fn works_in(&self, session: Option<u64>) {
        self.shared
            .working
            .store(session.unwrap_or(0), Ordering::SeqCst);
    }

    /// Until when the running statement may take.
    pub(super) fn limit(&self, until: Option<Instant>) {
        *self
            .shared
            .deadline
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = until;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        drop(self.quit.take());
        if let Some(thread) = self.thread.take() {
            // A panic there has nothing left to hold.
            let _ = thread.join();
        }
    }
}

/// The thread's own.
struct Heart {
    connection: Option<Connection>,
    site: Site,
    token: i64,
    length: Duration,
    stop: Stop,
    shared: Arc<Shared>,
    cancelled: bool,
}

impl Heart {
    fn beat(&mut self) {
        self.cancel();
        let renewed = *self
            .shared
            .renewed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if renewed.elapsed() < self.length / 3 || self.shared.lost.load(Ordering::SeqCst) {
            return;
        }
        self.renew();
    }

    fn renew(&mut self) {
        // The lease runs from before the question, not from when the answer came.
        let asked = Instant::now();
        // A holder that was taken over finds a higher token there.
        let sql = format!(
            "UPDATE {LOCK_TABLE} SET token = {token}, expires = {} + {} \
             WHERE name = 'lease' AND token <= {token}",
            self.site.book().now_ms(),
            self.length.as_millis(),
            token = self.token
        );
        match self.ask(&sql) {
            Some(Ok(0)) => self.shared.lost.store(true, Ordering::SeqCst),
            Some(Ok(_)) => {
                *self
                    .shared
                    .renewed
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner) = asked;
            }
            // The next beat tries again, until the lease has run out.
            Some(Err(())) | None => {}
        }
    }

    /// Cancels the running statement at a second signal, or when its time is up.
    fn cancel(&mut self) {
        let id = self.shared.working.load(Ordering::SeqCst);
        if id == 0 {
            return;
        }
        let late = {
            let mut deadline = self
                .shared
                .deadline
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let late = deadline.is_some_and(|deadline| Instant::now() > deadline);
            if late {
                *deadline = None;
            }
            late
        };
        let twice = self.stop.presses() >= 2 && !self.cancelled;
        if late || twice {
            self.cancelled = twice;
            let sql = self.site.book().cancel(self.token, id);
            let _ = self.ask(&sql);
        }
    }

    fn ask(&mut self, sql: &str) -> Option<Result<u64, ()>> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => Connection::open(self.site.connect.as_ref()).ok()?,
        };
        let answer = connection.run(sql).ok()?;
        self.connection = Some(connection);
        Some(answer.map(|answer| answer.affected).map_err(|_| ()))
    }

    fn release(&mut self) {
        let sql = format!(
            "UPDATE {LOCK_TABLE} SET owner = NULL, expires = 0 WHERE name = 'holder' AND token = {}",
            self.token
        );
        // One more try for a deadlock or a line that broke meanwhile; else the lease runs out.
        if !matches!(self.ask(&sql), Some(Ok(_))) {
            let _ = self.ask(&sql);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(values: &[(&str, i64, i64, Option<&str>)], now: i64) -> Rows {
        Rows {
            columns: Vec::new(),
            rows: values
                .iter()
                .map(|(name, token, expires, owner)| {
                    vec![
                        Value::Text((*name).to_owned()),
                        Value::Int(*token),
                        Value::Int(*expires),
                        owner.map_or(Value::Null, |text| Value::Text(text.to_owned())),
                        Value::Int(now),
                    ]
                })
                .collect(),
        }
    }

    #[test]
    fn the_lease_counts_only_for_the_holder_that_renewed_it() {
        let owner = written(&Owner::default());
        let held = [
            ("holder", 4, 1_000, Some(owner.as_str())),
            ("lease", 4, 9_000, None),
        ];
        let row = understood(&rows(&held, 5_000)).unwrap();
        assert_eq!((row.token, row.left), (4, 4_000));
        assert!(row.is_held());
        let before = [
            ("holder", 5, 1_000, Some(owner.as_str())),
            ("lease", 4, 9_000, None),
        ];
        let row = understood(&rows(&before, 5_000)).unwrap();
        assert_eq!(row.left, -4_000);
        assert!(!row.is_held());
    }

    #[test]
    fn words_of_nobody_are_a_holder_until_they_expire() {
        let row = understood(&rows(&[("holder", 1, 90, Some("by hand"))], 50)).unwrap();
        assert!(row.is_held());
        let free = understood(&rows(&[("holder", 1, 90, None)], 50)).unwrap();
        assert!(!free.is_held());
    }
}
