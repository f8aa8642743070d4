//! What keeps a transaction from being committed by a process that has lost the lock.

use realign_planner::LOCK_TABLE;

use super::guard::{Guard, Held};
use crate::{Answer, Connection, Error, ErrorKind, SqlError};

impl Guard {
    /// Within a transaction: fails when the lock is another's, and keeps it from becoming that
    /// until the transaction has ended.
    pub fn fence(&self, connection: &mut Connection) -> Result<(), Error> {
        self.fenced(connection, Vec::new(), &[])
    }

    /// The fence between statements of the same transaction, all in one round trip where the
    /// line takes several.
    fn fenced(
        &self,
        connection: &mut Connection,
        before: Vec<String>,
        after: &[String],
    ) -> Result<(), Error> {
        self.check()?;
        let mut all = before;
        let at = match &self.held {
            Held::Lease(lease) => {
                all.push(self.site.book().fence(lease.token));
                Some(all.len() - 1)
            }
            Held::File(_) | Held::Own => None,
        };
        all.extend_from_slice(after);
        let answers = connection.query_all(&all)?;
        let held = |answer: &Answer| answer.affected == 1 || !answer.rows.rows.is_empty();
        match at {
            Some(at) if !answers.get(at).is_some_and(held) => Err(self.lost()),
            Some(_) | None => Ok(()),
        }
    }

    /// Commits a transaction that these statements open where it is not open yet, with these
    /// records, for nobody but the holder of the lock; in one round trip where the engine can be
    /// told not to commit for anybody else. After an error it has yet to be rolled back.
    pub(super) fn commit(
        &self,
        connection: &mut Connection,
        opening: Vec<String>,
        records: &[String],
    ) -> Result<(), Error> {
        let Some(closing) = self.closing(records) else {
            self.fenced(connection, opening, records)?;
            return connection.query("COMMIT").map(|_| ());
        };
        self.check()?;
        let mut all = opening;
        all.extend(closing);
        let Err(refusal) = connection.run_all(&all)? else {
            return Ok(());
        };
        self.taken_back(connection, &refusal)?;
        Err(Error::new(ErrorKind::Refused, refusal.to_string())
            .with_note("statement: COMMIT, with the record that goes before it")
            .with_source(refusal))
    }

    /// A whole transaction of one statement, these records and the commit, which nobody but the
    /// holder of the lock gets; only where there is a [`clock`](Self::clock). After a refusal
    /// nothing of it stands, and it is rolled back.
    pub(super) fn whole(
        &self,
        connection: &mut Connection,
        opening: &[String],
        sql: &str,
        records: &[String],
    ) -> Result<Result<Answer, SqlError>, Error> {
        self.check()?;
        let closing = self.closing(records).unwrap_or_default();
        let answer = connection.run_between(opening, sql, &closing)?;
        if let Err(refusal) = &answer {
            self.taken_back(connection, refusal)?;
        }
        Ok(answer)
    }

    /// The end of a transaction: these records and the commit, behind a fence that insists.
    pub(super) fn closing(&self, records: &[String]) -> Option<Vec<String>> {
        let Held::Lease(lease) = &self.held else {
            return None;
        };
        let mut closing = self.site.book().insisting_fence(lease.token)?;
        closing.extend_from_slice(records);
        closing.push("COMMIT".to_owned());
        Some(closing)
    }

    /// Rolls a refused message back. Which of its statements was refused is not told: when it was
    /// the fence, it still is.
    pub(super) fn taken_back(
        &self,
        connection: &mut Connection,
        refusal: &SqlError,
    ) -> Result<(), Error> {
        let _ = connection.run("ROLLBACK")?;
        if refusal.retryable {
            return Ok(());
        }
        self.fence(connection)
    }

    /// How long a transaction has been open, in the server's words, where a statement, its record
    /// and the commit can be one message.
    pub(super) fn clock(&self) -> Option<&'static str> {
        let clock = self.site.book().transaction_clock();
        clock.filter(|_| self.closing(&[]).is_some())
    }

    /// The condition that an UPDATE outside of a transaction puts on itself.
    pub(super) fn condition(&self) -> String {
        match &self.held {
            Held::Lease(lease) => format!(
                " AND EXISTS (SELECT 1 FROM {LOCK_TABLE} l WHERE l.name = 'holder' \
                 AND l.token = {} AND l.owner IS NOT NULL)",
                lease.token
            ),
            Held::File(_) | Held::Own => String::new(),
        }
    }
}
