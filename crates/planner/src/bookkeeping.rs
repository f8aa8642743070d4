//! What an engine has to know so that Realign can keep its own books in the database: the lock,
//! the journal of runs, the history of migrations.
//!
//! The statements themselves are the same everywhere and are written once, in the runtime; this
//! is what differs.

use std::time::Duration;

use crate::{Facts, ObjectRef};

/// The tables that Realign keeps for itself. They are in no inspection.
pub const OWN_TABLES: [&str; 4] = [LOCK_TABLE, RUNS_TABLE, HISTORY_TABLE, UPGRADES_TABLE];
/// Who holds the lock, and until when.
pub const LOCK_TABLE: &str = "realign_lock";
/// The journal: every run that wrote.
pub const RUNS_TABLE: &str = "realign_runs";
/// What is known of each migration, unless the configuration names another table.
pub const HISTORY_TABLE: &str = "realign_migrations";
/// Upgrades of the application: the release that the database is at, and how far each came.
pub const UPGRADES_TABLE: &str = "realign_upgrades";

/// The type of a column of Realign's own tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BookType {
    /// Text of at most so many characters, compared byte by byte.
    Text(u16),
    /// Text of any length.
    Long,
    /// A 64-bit number.
    Number,
}

/// A column of one of Realign's own tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BookColumn {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub data_type: BookType,
    /// It may be NULL.
    pub nullable: bool,
}

impl BookColumn {
    /// A column that always has a value.
    pub const fn new(name: &'static str, data_type: BookType) -> Self {
        Self {
            name,
            data_type,
            nullable: false,
        }
    }

    /// A column that may be NULL.
    pub const fn nullable(name: &'static str, data_type: BookType) -> Self {
        Self {
            name,
            data_type,
            nullable: true,
        }
    }
}

/// How the right to write is held on an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockKind {
    /// A row with a lease in the database.
    Lease,
    /// An exclusive lock on a file beside the database's own.
    File,
}

/// How an object that a statement has made is taken away again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// The statement that does it.
    pub sql: String,
    /// A query that gives a row where the object holds something of its own: then it has to stay.
    pub holds: Option<String>,
    /// Codes of refusals of that query which say that there is nothing behind the name.
    pub hollow: &'static [&'static str],
}

/// What differs from engine to engine in Realign's own tables and sessions.
pub trait Bookkeeping: Sync {
    /// How the right to write is held.
    fn lock_kind(&self) -> LockKind;

    /// Text as a literal that means the same whatever the session's settings are.
    fn text(&self, value: &str) -> String;

    /// A text that is longer than its column says is refused, or cut.
    fn limits_text(&self) -> bool;

    /// The encoding of the database where that lacks letters: a message with one of them is refused,
    /// whatever it says. None where every letter can be written down.
    fn encoding(&self, facts: &Facts) -> Option<String>;

    /// Two texts as one; both are expressions.
    fn joined(&self, first: &str, second: &str) -> String;

    /// `CREATE TABLE IF NOT EXISTS` for one of Realign's own tables; `name` is quoted already,
    /// `key` is its primary key.
    fn create_table(&self, name: &str, columns: &[BookColumn], key: &str, facts: &Facts) -> String;

    /// A query for one row with a value for each of these names, in their order: 1 when a table of
    /// that name is there in the database or schema that an unqualified name means, 0 when not.
    /// The names are not quoted.
    fn tables_exist(&self, names: &[&str]) -> String;

    /// A query of these columns of one of Realign's own tables whose answer has the row with the
    /// highest key: alone or, where finding it costs a session more than a table of this size,
    /// among all others.
    fn with_newest(&self, table: &str, columns: &[&str], key: &str) -> String {
        let columns = columns.join(", ");
        format!("SELECT {columns} FROM {table} ORDER BY {key} DESC LIMIT 1")
    }

    /// An INSERT of these literals that does nothing when the key is there already.
    fn insert_missing(&self, table: &str, columns: &[&str], values: &[String]) -> String;

    /// The server's clock as an expression: milliseconds since 1970.
    fn now_ms(&self) -> &'static str;

    /// Begins a transaction that will write.
    fn begin(&self) -> &'static str;

    /// A statement for the end of a working transaction. It gives or changes one row while the
    /// holder with this token has the lock, and none otherwise; and nobody takes the lock from
    /// then on until the transaction has ended, on whatever node of a cluster.
    fn fence(&self, token: i64) -> String;

    /// The same as statements of which the server refuses one while that holder has not got the
    /// lock, so that what follows in the same message is not carried out. None where nothing does
    /// that.
    fn insisting_fence(&self, token: i64) -> Option<Vec<String>>;

    /// How long the present transaction has been open, as an expression: whole milliseconds. With
    /// it a statement, its record and the commit can be one message. None where they can't: what
    /// the server had to say of the statement would be lost, or there is no server.
    fn transaction_clock(&self) -> Option<&'static str>;

    /// Definitions take part in transactions.
    fn transactional_definitions(&self) -> bool;

    /// A definition statement is carried out whole or not at all, also when the server is killed
    /// in the middle of it.
    fn atomic_definitions(&self, facts: &Facts) -> bool;

    /// Queries whose answers together show the object's definition. An object that is not there
    /// gives no rows, or a refusal.
    fn definition(&self, object: &ObjectRef, facts: &Facts) -> Vec<String>;

    /// A definition as those queries print it, without what changes with the rows (the counter
    /// of a table's automatic values).
    fn plain_definition(&self, text: &str) -> String;

    /// A query for the statement that takes away what a failed try has left of this object: its
    /// first value is that statement, no row when nothing is left. None where no try leaves
    /// anything.
    fn leftover(&self, object: &ObjectRef) -> Option<String>;

    /// How an object of this kind is taken away again; none where that may take more along, or
    /// where a name does not tell which it is.
    fn removal(&self, object: &ObjectRef) -> Option<Removal>;

    /// A query that gives one row for each of these tables whose rows take no part in
    /// transactions; none where all do.
    fn unsafe_tables(&self, tables: &[ObjectRef]) -> Option<String>;

    /// Statements that mark the working session as that of the lock's holder with this token.
    fn mark_session(&self, token: i64) -> Vec<String>;

    /// What is put before a statement that runs outside of a transaction, so that it can be
    /// found on the server by its text; empty where the session's own id is enough.
    fn mark_statement(&self, token: i64) -> String;

    /// A query whose first row is: an id of the server's process (host and port, or the like)
    /// and when it was started, in seconds since 1970. None for an engine without a server.
    fn server_identity(&self, facts: &Facts) -> Option<String>;

    /// A query with one row for each session that still works for the holder with this token;
    /// first its id, then what it does. `recorded` are the ids that the holder wrote down.
    /// None for an engine without a server.
    fn sessions_of(&self, token: i64, recorded: &[u64]) -> Option<String>;

    /// Ends a session of the server.
    fn end_session(&self, id: u64) -> String;

    /// The statement that ends a session of this number also where the account sees no session of
    /// another, and the code of its refusal where one is there and the account may not end it.
    /// None where all sessions are seen, or a number may be another session's by now.
    fn end_unseen(&self, id: u64) -> Option<(String, &'static str)>;

    /// Cancels what the working session of the holder with this token is doing, and leaves the
    /// session. `id` is what the session was called when it was opened; behind a pooler another
    /// one may do its work.
    fn cancel(&self, token: i64, id: u64) -> String;

    /// Settings of a session for time limits: for a lock that others hold, and for a statement.
    fn limits(
        &self,
        lock: Option<Duration>,
        statement: Option<Duration>,
        facts: &Facts,
    ) -> Vec<String>;

    /// A setting after which the server ends a session that says nothing for so many seconds;
    /// without a number its own setting again. None where a halted holder can do no harm, since
    /// all that it may still send is in a transaction that is fenced.
    fn idle_limit(&self, seconds: Option<u64>) -> Option<String>;

    /// Settings of the open transaction with which the names of Realign's own tables lead to them,
    /// and the account is the one that may write there, whatever SQL written by hand has set
    /// before; until the transaction has ended, or with `for_good` longer. None where no setting
    /// does that.
    fn own_names(&self, for_good: bool) -> &'static [&'static str];

    /// True for a setting that a statement outside of transactions needs as well, where
    /// [`own_names`](Self::own_names) takes it back: not one behind which all names are meant in full.
    fn needs_alone(&self, setting: &str) -> bool;

    /// Statements that give a session its own settings back after SQL written by hand, which may
    /// have set what the next such SQL does not expect. In a transaction none of them is refused.
    fn settings_back(&self, facts: &Facts) -> Vec<String>;

    /// What the engine's own client has to send first so that a script is taken for UTF-8, whatever
    /// the client is set to; none where each is.
    fn utf8(&self) -> Option<&'static str>;

    /// Settings that give a session the server's own mode back, for SQL written by hand.
    fn hand_written(&self) -> Vec<String>;

    /// A query with one row for each setting at which a crash of the server or of its machine
    /// can lose what it has said was done: its name and its value. None where sessions of
    /// Realign's own are always durable.
    fn weak_durability(&self) -> Option<&'static str>;

    /// A query for who stands in the way of these objects: one row for each session, first its
    /// id, then what it does. None where that can't be asked.
    fn blockers(&self, objects: &[ObjectRef]) -> Option<String>;
}
