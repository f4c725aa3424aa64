//! The one connection to a server: logs in, asks, and counts what the asking costs.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{AsyncConnectionConfig, Cmd, Pipeline, RedisConnectionInfo, RedisError, Value};
use tokio::io::AsyncReadExt;
use tokio::task::JoinHandle;

use super::fault::{Fault, Refusal};
use super::load::Load;
use super::target::{Route, Target};
use crate::collect::CollectError;
use crate::collect::wire::{Allowance, Place, Security, connect};
use crate::model::format::Formatter;

/// An answer that is longer is no answer: CLIENT LIST of 3,000 clients takes about 1 MB.
const LONGEST_ANSWER: usize = 4 << 20;

/// What is said of a connection that ends too early.
const CLOSED: &str = "it closed the connection in the middle of an answer";

/// What a server says to one whom it turns away: the longest is 1 kB.
const LONGEST_WORDS: usize = 4 << 10;

/// It says so at once.
const WORDS_PATIENCE: Duration = Duration::from_millis(300);

/// A sentinel that is silent for so long is passed over.
const SENTINEL_PATIENCE: Duration = Duration::from_millis(700);

/// A connection that is logged in.
pub(super) struct Link {
    connection: MultiplexedConnection,
    allowance: Arc<Allowance>,
    load: Load,
    _driver: Driver,
}

/// The task that moves the bytes; it ends with its connection.
struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A command of plain words.
pub(super) fn words(words: &[&str]) -> Cmd {
    let mut command = Cmd::new();
    for word in words {
        command.arg(*word);
    }
    command
}

impl Link {
    /// Connects and logs in; the way to a primary that sentinels watch is asked for anew.
    pub async fn open(target: &Target) -> Result<Self, CollectError> {
        match &target.route {
            Route::Straight(place) => Self::to(place, target).await,
            Route::Sentinels(sentinels, name) => {
                let place = primary_of(sentinels, name, target).await?;
                Self::to(&place, target).await
            }
        }
    }

    async fn to(place: &Place, target: &Target) -> Result<Self, CollectError> {
        let mut link = Self::plain(place, target.security.as_ref()).await?;
        link.log_in(target).await?;
        if target.database != 0 {
            let number = target.database.to_string();
            link.expect(target, &["SELECT", &number]).await?;
        }
        Ok(link)
    }

    /// Connected, and nothing said yet.
    async fn plain(place: &Place, security: Option<&Security>) -> Result<Self, CollectError> {
        let wire = connect(place, security).await?;
        let allowance = wire.allowance();
        allowance.renew(LONGEST_ANSWER);
        // Who logs in is said afterwards, so that what the server answers is seen as it is.
        let silent = RedisConnectionInfo::default().set_skip_set_lib_name();
        let config = AsyncConnectionConfig::new().set_response_timeout(None);
        let opened = MultiplexedConnection::new_with_config(&silent, wire, config).await;
        let (connection, driver) = opened.map_err(|error| lost(&error, &allowance))?;
        Ok(Self {
            connection,
            allowance,
            load: Load::default(),
            _driver: Driver(tokio::spawn(driver)),
        })
    }

    async fn log_in(&mut self, target: &Target) -> Result<(), CollectError> {
        let Some(password) = target.password()? else {
            return Ok(());
        };
        match &target.user {
            Some(user) => {
                self.expect(target, &["AUTH", user, password.reveal()])
                    .await
            }
            None => self.expect(target, &["AUTH", password.reveal()]).await,
        }
    }

    async fn expect(&mut self, target: &Target, command: &[&str]) -> Result<(), CollectError> {
        match self.ask(words(command)).await {
            Ok(_) => Ok(()),
            Err(Fault::Said(refusal)) => Err(refusal.into_error(target.user_name())),
            Err(Fault::Lost(error)) => Err(error),
        }
    }

    /// Asks one command.
    pub async fn ask(&mut self, command: Cmd) -> Result<Value, Fault> {
        self.allowance.renew(LONGEST_ANSWER);
        self.load.count(&command);
        let answer = self.connection.req_packed_command(&command).await;
        match answer {
            Ok(Value::ServerError(error)) => Err(self.fault(&error.into())),
            Ok(value) => Ok(value),
            Err(error) => Err(self.fault(&error)),
        }
    }

    /// Asks several commands at once; each has its own answer.
    pub async fn ask_all(
        &mut self,
        commands: &Pipeline,
    ) -> Result<Vec<Result<Value, Refusal>>, Fault> {
        let count = commands.len();
        self.allowance.renew(LONGEST_ANSWER);
        commands
            .cmd_iter()
            .for_each(|command| self.load.count(command));
        let answers = self
            .connection
            .req_packed_commands(commands, 0, count)
            .await;
        let answers = answers.map_err(|error| self.fault(&error))?;
        let each = answers.into_iter().map(|answer| match answer {
            Value::ServerError(error) => {
                let error = RedisError::from(error);
                Refusal::of(&error).map_or(Ok(Value::Nil), Err)
            }
            value => Ok(value),
        });
        Ok(each.collect())
    }

    /// What was asked since it was last taken.
    pub fn load(&self) -> &Load {
        &self.load
    }

    /// What was asked since the last time this was.
    pub fn take_load(&mut self) -> Load {
        std::mem::take(&mut self.load)
    }

    fn fault(&self, error: &RedisError) -> Fault {
        match Refusal::of(error) {
            Some(refusal) if !self.allowance.is_spent() => Fault::Said(refusal),
            _ => Fault::Lost(lost(error, &self.allowance)),
        }
    }
}

fn lost(error: &RedisError, allowance: &Allowance) -> CollectError {
    let what = "its answer".to_owned();
    if allowance.is_spent() {
        let limit = Formatter::default().bytes(LONGEST_ANSWER as f64);
        let why = format!("it is longer than {limit}");
        return CollectError::Malformed { what, why };
    }
    match error.kind() {
        redis::ErrorKind::Parse if !allowance.is_over() => CollectError::Malformed {
            what,
            why: "it is not the protocol of Redis".to_owned(),
        },
        _ => CollectError::Server(CLOSED.to_owned()),
    }
}

/// Why a server closes connections as soon as they are made, if that is what the error tells: it is protected, or has
/// no connection left. It says so before it is asked, and what is said to it meanwhile makes its words get lost.
pub(super) async fn why_turned_away(error: CollectError, target: &Target) -> CollectError {
    let is_closed = matches!(&error, CollectError::Server(line) if line == CLOSED);
    let Route::Straight(place) = &target.route else {
        return error;
    };
    if !is_closed {
        return error;
    }
    match words_of(place, target.security.as_ref()).await {
        Some(refusal) => refusal.into_error(target.user_name()),
        None => error,
    }
}

/// What a server says by itself.
async fn words_of(place: &Place, security: Option<&Security>) -> Option<Refusal> {
    let wire = connect(place, security).await.ok()?;
    wire.allowance().renew(LONGEST_WORDS + 1);
    let mut said = Vec::new();
    let mut some = wire.take(LONGEST_WORDS as u64);
    let listening = some.read_to_end(&mut said);
    // What came until then counts, however it ended.
    let _ = tokio::time::timeout(WORDS_PATIENCE, listening).await;
    Refusal::of_words(&said)
}

/// Where the primary of that name is at present, after the first sentinel that knows.
async fn primary_of(
    sentinels: &[Place],
    name: &str,
    target: &Target,
) -> Result<Place, CollectError> {
    let mut why = None;
    for sentinel in sentinels {
        let asked = tokio::time::timeout(SENTINEL_PATIENCE, ask_sentinel(sentinel, name, target));
        match asked.await {
            Ok(Ok(place)) => return Ok(place),
            Ok(Err(error)) => why = why.or(Some(error)),
            Err(_) => why = why.or(Some(CollectError::Timeout(SENTINEL_PATIENCE))),
        }
    }
    Err(why.unwrap_or(CollectError::Absent))
}

async fn ask_sentinel(
    sentinel: &Place,
    name: &str,
    target: &Target,
) -> Result<Place, CollectError> {
    let mut link = Link::plain(sentinel, target.security.as_ref()).await?;
    let question = words(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", name]);
    let answer = match link.ask(question.clone()).await {
        // A sentinel that wants a password as well: the same one.
        Err(Fault::Said(_)) => {
            link.log_in(target).await?;
            link.ask(question).await
        }
        answer => answer,
    };
    match answer {
        Ok(Value::Array(parts)) => match parts.as_slice() {
            [Value::BulkString(host), Value::BulkString(port)] => {
                let host = String::from_utf8_lossy(host);
                let port = String::from_utf8_lossy(port).parse().unwrap_or(0);
                let host = host.into_owned();
                Ok(Place::Tcp { host, port })
            }
            _ => Err(unknown(sentinel, name)),
        },
        Ok(_) => Err(unknown(sentinel, name)),
        Err(Fault::Said(refusal)) => Err(refusal.into_error(target.user_name())),
        Err(Fault::Lost(error)) => Err(error),
    }
}

fn unknown(sentinel: &Place, name: &str) -> CollectError {
    CollectError::Server(format!("the sentinel {sentinel} knows no primary {name:?}"))
}
