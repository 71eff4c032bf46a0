//! Sends the mails of the outbox, each once as far as SMTP allows.
//!
//! A mail waits in a row until a server has it. While none does, it is tried again with growing,
//! jittered delays, for ever: an outage delays and loses nothing. What a server refuses for good is
//! parked with its reason. A crash before the mail was handed over sends nothing; a crash (or a lost
//! answer) after that leaves an outcome that SMTP cannot tell, and the mail is handed over at most
//! once more, under the same Message-ID. If that ends without an answer too, it is parked.

mod config;
mod letter;
mod outbox;
mod smtp;

pub use config::{MailConfig, Security};

use anyhow::Context as _;
use lettre::Address;
use medique_platform::failpoint;
use medique_platform::postgres::is_transient;
use medique_platform::retry::{Backoff, Failure, RetryPolicy, retry};
use outbox::{Claimed, HANDED_OVER_MAX};
use smtp::{Refusal, Session};
use sqlx::PgPool;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often rows are looked for.
const EVERY: Duration = Duration::from_secs(1);
/// Delays of one mail: up to 1 s at first, up to 5 min later.
const PER_MAIL: RetryPolicy =
    RetryPolicy::full_jitter(Duration::from_secs(1), Duration::from_secs(300));
/// Delays of everything, while there is no server: a queue of mails does not knock one by one.
const PER_SERVER: RetryPolicy =
    RetryPolicy::full_jitter(Duration::from_millis(500), Duration::from_secs(30));
/// Tries after which the delays of a mail grow no longer.
const GROWTH_MAX: i32 = 16;
/// How long the end of a mail is tried to be written down. Longer than that, the claim is over.
const SETTLE_WITHIN: Duration = Duration::from_secs(60);

/// Sends what waits.
pub struct Mailer {
    pool: PgPool,
    config: MailConfig,
}

/// Why a mail that was taken was not sent.
enum Unsent {
    /// By the server, or for want of one.
    Refused(Refusal),
    /// It never will be.
    Hopeless(&'static str),
    /// Another mailer took it over.
    Overtaken,
}

impl From<Refusal> for Unsent {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Mailer {
    /// A mailer.
    pub fn new(pool: PgPool, config: MailConfig) -> Self {
        Self { pool, config }
    }

    /// Runs until `stop`; a mail in progress is finished.
    pub async fn run(self, stop: CancellationToken) {
        let mut backoff = Backoff::new(PER_SERVER);
        loop {
            let pause = match self.round(&stop).await {
                Ok(()) => {
                    backoff.reset();
                    EVERY
                }
                Err(error) => {
                    tracing::warn!(error = format!("{error:#}"), "mails wait");
                    backoff.next_delay().unwrap_or(EVERY)
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Sends everything that is due. An error means that nothing can be sent now.
    async fn round(&self, stop: &CancellationToken) -> anyhow::Result<()> {
        let mut session = None;
        let ended = self.drain(stop, &mut session).await;
        if let Some(session) = session {
            session.close().await;
        }
        ended
    }

    async fn drain(
        &self,
        stop: &CancellationToken,
        session: &mut Option<Session>,
    ) -> anyhow::Result<()> {
        let domain = self.config.from.email.domain();
        while !stop.is_cancelled() {
            let claimed = outbox::claim(&self.pool, domain).await;
            let Some(mail) = claimed.context("outbox not read")? else {
                return Ok(());
            };
            let work = async {
                let tried = self.send(&mail, session).await;
                self.settle(&mail, &tried).await.map(|()| tried)
            };
            let tried = tokio::select! {
                done = work => done.context("outcome not written")?,
                never = mail.hold(&self.pool) => match never {},
            };
            if tried.is_err() {
                // Where in the dialogue it stands is not worth knowing.
                *session = None;
            }
            if let Err(Unsent::Refused(refusal @ Refusal::Away(_))) = tried {
                return Err(refusal.into());
            }
        }
        Ok(())
    }

    /// One try.
    async fn send(&self, mail: &Claimed, session: &mut Option<Session>) -> Result<(), Unsent> {
        if mail.unsure >= HANDED_OVER_MAX {
            return Err(Unsent::Hopeless("handed over twice without an answer"));
        }
        let to = mail.recipient.parse::<Address>();
        let to = to.map_err(|_| Unsent::Hopeless("not a mail address"))?;
        let letter = letter::write(mail, &self.config.from, &to)
            .map_err(|_| Unsent::Hopeless("cannot be written"))?;
        let open = match session {
            Some(open) => open,
            None => session.insert(Session::open(&self.config).await?),
        };
        open.announce(&self.config.from.email, &to).await?;
        match mail.hand_over(&self.pool).await {
            Ok(true) => {}
            Ok(false) => return Err(Unsent::Overtaken),
            Err(_) => return Err(Refusal::Away("the database is away".to_owned()).into()),
        }
        failpoint::hit("mail_handed_over").await;
        open.deliver(&letter).await?;
        failpoint::hit("mail_accepted").await;
        Ok(())
    }

    /// Writes down how a try ended, whatever the database does meanwhile.
    async fn settle(&self, mail: &Claimed, tried: &Result<(), Unsent>) -> Result<(), sqlx::Error> {
        let (id, kind, attempt) = (mail.id, mail.kind.as_str(), mail.attempts);
        let delay = delay_after(attempt);
        let policy = RetryPolicy::default().within(SETTLE_WITHIN);
        let is_ours = retry(policy, || async {
            let written = write_down(&self.pool, mail, tried, delay).await;
            written.map_err(|error| Failure::sort(error, is_transient))
        })
        .await?;
        match tried {
            _ if !is_ours => tracing::warn!(mail = %id, kind, "another mailer took the mail over"),
            Ok(()) => tracing::info!(mail = %id, kind, attempt, "mail sent"),
            Err(Unsent::Refused(refusal)) if !refusal.is_final() => {
                let delay_ms = delay.as_millis();
                tracing::warn!(mail = %id, kind, attempt, delay_ms, reason = %refusal, "mail not sent, trying again");
            }
            Err(_) => {
                tracing::error!(mail = %id, kind, attempt, "mail parked, see mail_outbox.reason")
            }
        }
        Ok(())
    }
}

/// Returns whether the mail was still ours to write about.
async fn write_down(
    pool: &PgPool,
    mail: &Claimed,
    tried: &Result<(), Unsent>,
    delay: Duration,
) -> Result<bool, sqlx::Error> {
    match tried {
        Ok(()) => mail.sent(pool).await,
        Err(Unsent::Overtaken) => Ok(false),
        Err(Unsent::Hopeless(reason)) => mail.park(pool, reason).await,
        Err(Unsent::Refused(refusal)) if refusal.is_final() => {
            mail.park(pool, &refusal.to_string()).await
        }
        Err(Unsent::Refused(refusal)) => {
            let took_back = matches!(refusal, Refusal::GivenBack(_));
            mail.postpone(pool, delay, took_back, &refusal.to_string())
                .await
        }
    }
}

/// The delay after the n-th try of one mail.
fn delay_after(attempt: i32) -> Duration {
    let mut backoff = Backoff::new(PER_MAIL);
    let delays = (0..attempt.clamp(1, GROWTH_MAX)).map_while(|_| backoff.next_delay());
    delays.last().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delays_of_a_mail_grow_to_minutes_and_no_further() {
        let longest = |attempt| (0..200).map(|_| delay_after(attempt)).max().unwrap();
        assert!(longest(1) <= Duration::from_secs(1) + Duration::from_millis(1));
        assert!(longest(3) > Duration::from_secs(2));
        assert!(longest(1000) > Duration::from_secs(200));
        assert!(longest(1000) <= Duration::from_secs(301));
    }
}
