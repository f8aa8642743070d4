//! A session that answers from a script, for the tests of this crate.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use realign_model::{Database, Fingerprint};
use realign_planner::{Facts, PLAN_FORMAT, Plan, Policy, Rows, Step, Value};

use crate::{
    Answer, Connect, Connection, Error, ErrorKind, Ran, RanAll, RanLooking, ServerWarning, Session,
    SqlError,
};

#[derive(Debug, Clone)]
enum Reply {
    Answer(Answer),
    Refuse(String),
    Busy(String),
    Lose,
}

/// Scripted replies by exact SQL; everything else is an empty answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    replies: Arc<Mutex<VecDeque<(String, Reply)>>>,
    log: Arc<Mutex<Vec<String>>>,
}

impl Script {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    fn with(self, sql: &str, reply: Reply) -> Self {
        self.replies
            .lock()
            .unwrap()
            .push_back((sql.to_owned(), reply));
        self
    }

    pub(crate) fn answer(self, sql: &str, rows: Rows) -> Self {
        self.with(
            sql,
            Reply::Answer(Answer {
                rows,
                ..Answer::default()
            }),
        )
    }

    pub(crate) fn warn(self, sql: &str, message: &str, truncation: bool) -> Self {
        self.with(
            sql,
            Reply::Answer(Answer {
                affected: 3,
                warnings: vec![ServerWarning {
                    level: "Warning".to_owned(),
                    code: "1265".to_owned(),
                    message: message.to_owned(),
                    truncation,
                }],
                ..Answer::default()
            }),
        )
    }

    pub(crate) fn refuse(self, sql: &str, message: &str) -> Self {
        self.with(sql, Reply::Refuse(message.to_owned()))
    }

    /// Others hold what the statement needs.
    pub(crate) fn busy(self, sql: &str, message: &str) -> Self {
        self.with(sql, Reply::Busy(message.to_owned()))
    }

    pub(crate) fn lose(self, sql: &str) -> Self {
        self.with(sql, Reply::Lose)
    }

    pub(crate) fn open(&self) -> Connection {
        Connection::open(self).unwrap()
    }

    pub(crate) fn sent(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }
}

impl Connect for Script {
    fn connect(&self, _: &mut dyn FnMut()) -> Result<Box<dyn Session>, Error> {
        Ok(Box::new(self.clone()))
    }

    fn display(&self) -> String {
        "fake:".to_owned()
    }

    fn lock_file(&self) -> Option<std::path::PathBuf> {
        None
    }

    fn copier(&self) -> Result<Box<dyn crate::backup::Copier>, Error> {
        Err(Error::new(ErrorKind::Failed, "a fake has no copy"))
    }
}

impl Session for Script {
    fn run(self: Box<Self>, sql: &str) -> Result<Ran, Error> {
        self.log.lock().unwrap().push(sql.to_owned());
        let reply = {
            let mut replies = self.replies.lock().unwrap();
            let found = replies.iter().position(|(text, _)| text == sql);
            found.and_then(|index| replies.remove(index))
        };
        match reply.map(|(_, reply)| reply) {
            None => Ok((self, Ok(Answer::default()))),
            Some(Reply::Answer(answer)) => Ok((self, Ok(answer))),
            Some(Reply::Refuse(message)) => Ok((
                self,
                Err(SqlError {
                    code: "1062".to_owned(),
                    message,
                    ..SqlError::default()
                }),
            )),
            Some(Reply::Busy(message)) => Ok((
                self,
                Err(SqlError {
                    code: "1205".to_owned(),
                    message,
                    retryable: true,
                    ..SqlError::default()
                }),
            )),
            Some(Reply::Lose) => Err(Error::new(ErrorKind::Unreachable, "the server went away")),
        }
    }

    fn run_with_rows(self: Box<Self>, sql: &str, _: &str) -> Result<Ran, Error> {
        self.run(sql)
    }

    fn run_all(self: Box<Self>, statements: &[String]) -> Result<RanAll, Error> {
        let mut session: Box<dyn Session> = self;
        let mut answers = Vec::with_capacity(statements.len());
        for sql in statements {
            let (same, answer) = session.run(sql)?;
            session = same;
            match answer {
                Ok(answer) => answers.push(answer),
                Err(refusal) => return Ok((session, Err(refusal))),
            }
        }
        Ok((session, Ok(answers)))
    }

    fn ask(self: Box<Self>, questions: &[String]) -> Result<RanAll, Error> {
        self.run_all(questions)
    }

    fn run_between(
        self: Box<Self>,
        opening: &[String],
        sql: &str,
        closing: &[String],
    ) -> Result<Ran, Error> {
        let (session, answer) = match self.run_all(opening)? {
            (session, Ok(_)) => session.run(sql)?,
            (session, Err(refusal)) => (session, Err(refusal)),
        };
        let Ok(answer) = answer else {
            return Ok((session, answer));
        };
        let (session, closed) = session.run_all(closing)?;
        Ok((session, closed.map(|_| answer)))
    }

    fn run_looking(self: Box<Self>, sql: &str, _: &str) -> Result<RanLooking, Error> {
        let (session, answer) = self.run(sql)?;
        Ok((session, answer.map(|answer| (answer, None))))
    }

    fn server_id(&mut self) -> Option<u64> {
        None
    }

    fn commits_often(&mut self) {}
}

/// An answer of one number.
pub(crate) fn scalar(number: i64) -> Rows {
    Rows {
        columns: vec!["n".to_owned()],
        rows: vec![vec![Value::Int(number)]],
    }
}

/// A plan of these steps with nothing around them.
pub(crate) fn plan(steps: Vec<Step>) -> Plan {
    Plan {
        format: PLAN_FORMAT,
        facts: Facts::default(),
        before: Fingerprint::of(&Database::default()),
        after: Database::default(),
        policy: Policy::default(),
        opening: Vec::new(),
        steps,
        closing: Vec::new(),
        abort: Vec::new(),
        atomic: false,
        refusals: Vec::new(),
    }
}
