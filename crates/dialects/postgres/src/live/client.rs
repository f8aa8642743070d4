//! The driver, one call at a time. It is asynchronous, and its own wrapper that waits gives a
//! session's opening no time limit and nothing to do meanwhile; here every call is waited for on
//! the thread that makes it.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt as _, TryStreamExt as _};
use realign_runtime::ErrorKind;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{AsyncMessage, Config, Error, NoTls, SimpleQueryMessage, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::OpenError;
use super::{Notices, warning};

/// How often the line is looked at before there is time for something else: when it is there, and
/// when the server has been told who comes.
const TURNS: usize = 3;

/// How much of the rows is handed to the driver at once; it waits until the server takes more.
const CHUNK: usize = 64 * 1024;

/// A session's client. What it is dropped with goes in this order: the line is closed when nobody
/// can ask anything more.
pub(super) struct Client {
    driver: tokio_postgres::Client,
    line: Line,
}

/// What the server says, as the driver has understood it.
type Messages = dyn FnMut(&mut Context<'_>) -> Poll<Option<Result<AsyncMessage, Error>>> + Send;

/// What carries questions and answers.
struct Line {
    runtime: Runtime,
    messages: Box<Messages>,
    notices: Notices,
}

impl Client {
    /// Opens a session, and does something else once the server has been spoken to. A server that
    /// accepts and then says nothing would hold it for ever, so all of it has a time limit.
    pub(super) fn open(
        config: &Config,
        encrypted: Option<MakeRustlsConnect>,
        limit: Duration,
        notices: &Notices,
        meanwhile: &mut dyn FnMut(),
    ) -> Result<Self, OpenError> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| {
                let text = format!("can't wait for a server: {error}");
                OpenError::Setup(realign_runtime::Error::new(ErrorKind::Failed, text))
            })?;
        let opened = runtime.block_on(async {
            let opening = async {
                match encrypted {
                    Some(tls) => line(config, tls).await,
                    None => line(config, NoTls).await,
                }
            };
            tokio::time::timeout(limit, beside(opening, meanwhile)).await
        });
        let failed = match opened {
            Ok(Ok((driver, messages))) => {
                return Ok(Self {
                    driver,
                    line: Line {
                        runtime,
                        messages,
                        notices: Notices::clone(notices),
                    },
                });
            }
            Ok(Err(error)) => OpenError::Driver(error),
            Err(_) => OpenError::Silent,
        };
        // A name that is still being looked up is not waited for.
        runtime.shutdown_background();
        Err(failed)
    }

    /// Sends a text of one statement or several, and hands on what comes back as it comes.
    pub(super) fn ask(
        &mut self,
        sql: &str,
        mut take: impl FnMut(SimpleQueryMessage),
    ) -> Result<(), Error> {
        let driver = &self.driver;
        self.line.wait(async {
            let mut messages = pin!(driver.simple_query_raw(sql).await?);
            while let Some(message) = messages.try_next().await? {
                take(message);
            }
            Ok(())
        })
    }

    /// Runs a `COPY … FROM STDIN` with these rows; how many the server took.
    pub(super) fn copy_in(&mut self, sql: &str, rows: &str) -> Result<u64, Error> {
        let sink = self.line.wait(self.driver.copy_in::<_, Bytes>(sql))?;
        let mut sink = pin!(sink);
        for chunk in rows.as_bytes().chunks(CHUNK) {
            let chunk = Bytes::copy_from_slice(chunk);
            // The line is gone: the end says so in the driver's own words.
            if self.line.wait(sink.as_mut().send(chunk)).is_err() {
                break;
            }
        }
        self.line.wait(sink.as_mut().finish())
    }

    /// True when the line is known to be gone.
    pub(super) fn is_closed(&self) -> bool {
        self.driver.is_closed()
    }
}

impl Line {
    /// Waits for an answer, and carries what is on its way meanwhile.
    fn wait<T>(&mut self, answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let mut answer = pin!(answer);
        let (messages, notices) = (&mut self.messages, &self.notices);
        self.runtime.block_on(poll_fn(|context| {
            loop {
                match messages(context) {
                    Poll::Ready(Some(Ok(AsyncMessage::Notice(notice)))) => {
                        if let Ok(mut list) = notices.lock() {
                            list.push(warning(&notice));
                        }
                    }
                    Poll::Ready(Some(Ok(_))) => {}
                    Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(error)),
                    Poll::Ready(None) | Poll::Pending => break,
                }
            }
            answer.as_mut().poll(context)
        }))
    }
}

impl Drop for Line {
    /// Takes leave of the server. It is not waited for.
    fn drop(&mut self) {
        let messages = &mut self.messages;
        self.runtime.block_on(poll_fn(|context| {
            loop {
                match messages(context) {
                    Poll::Ready(Some(Ok(_))) => {}
                    Poll::Ready(None | Some(Err(_))) => return Poll::Ready(()),
                    Poll::Pending => return Poll::Pending,
                }
            }
        }));
    }
}

/// Opens a line and logs in.
async fn line<T>(config: &Config, tls: T) -> Result<(tokio_postgres::Client, Box<Messages>), Error>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: Send + 'static,
{
    let (driver, mut connection) = config.connect(tls).await?;
    let messages = move |context: &mut Context<'_>| connection.poll_message(context);
    Ok((driver, Box::new(messages)))
}

/// Waits for a session, and does something else where that is waited for.
async fn beside<T>(opening: impl Future<Output = T>, meanwhile: &mut dyn FnMut()) -> T {
    let mut opening = pin!(opening);
    let mut other = Some(Box::pin(async {
        for _ in 0..TURNS {
            tokio::task::yield_now().await;
        }
        meanwhile();
    }));
    poll_fn(|context| {
        let opened = opening.as_mut().poll(context);
        if opened.is_pending()
            && let Some(waiting) = &mut other
            && waiting.as_mut().poll(context).is_ready()
        {
            other = None;
        }
        opened
    })
    .await
}
