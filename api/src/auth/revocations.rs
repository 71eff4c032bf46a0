//! What stopped being valid before its time: sessions that ended, accounts whose role, departments
//! or state changed, external sign-ins that an administrator ended.
//!
//! Access tokens are judged without the database. So that they still stop working within seconds,
//! each replica reads, every `LOOK_EVERY`, what was revoked within the life of an access token;
//! that is always little, and reading all of it again needs no cursor that could skip a row which
//! was committed late. Live streams end by the same news.
//!
//! **With the database away** for everybody nothing can be revoked either, and a replica goes on with
//! what it knows: check-ins and calls that need no read are still accepted. It does so for
//! `MEDIQUE_REVOCATION_BLIND_MAX_S` at most, for seconds only while others see the database
//! (`senses`), and not at all before it has read once: a replica that starts blind knows nothing.
//! Staff tokens are then refused with 503, and live streams of staff end.

mod senses;

use super::Identity;
use crate::app::Shared;
use chrono::{DateTime, Utc};
use futures::StreamExt as _;
use medique_contracts::Actor;
use medique_contracts::ids::StaffId;
use medique_platform::sight::{SAY_EVERY, Sight};
use senses::Senses;
use sqlx::PgPool;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};
use uuid::Uuid;

/// Pause between two looks; what was seen is said after each.
const LOOK_EVERY: Duration = SAY_EVERY;
/// Pause after a look that failed before any succeeded.
const LOOK_AT_START: Duration = Duration::from_millis(500);
/// Longest time that a look may take.
const LOOK_MAX: Duration = Duration::from_secs(3);
/// Pause before listening again.
const LISTEN_AGAIN: Duration = Duration::from_secs(1);
/// What was revoked longer ago than a token lives is looked at for so much longer: for transactions
/// that took long to commit.
const MARGIN: Duration = Duration::from_secs(300);

/// By what a credential can be ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bond {
    /// By nothing: a patient's visit token, a check-in link.
    None,
    /// By the end of its session, or a change of its account.
    Session {
        /// The session.
        id: Uuid,
        /// The account's access version when the token was made.
        access_version: i64,
    },
    /// By an administrator here; all else is the issuer's.
    External {
        /// When the issuer made the token.
        issued_at: DateTime<Utc>,
        /// Access version of the account that the person has here, too.
        access_version: Option<i64>,
    },
}

/// Whether a credential still stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    Good,
    /// It was revoked.
    Revoked,
    /// Nobody can tell: the database is away for too long.
    Unknown,
}

/// What was revoked lately.
#[derive(Debug)]
pub struct Revocations {
    known: RwLock<Known>,
    news: watch::Sender<()>,
    /// Somebody else sees the database, and this replica does not.
    look_now: Notify,
    /// Names this process among those that say what they see.
    process: Uuid,
    blind_max: Duration,
}

#[derive(Debug, Default)]
struct Known {
    sessions: HashSet<Uuid>,
    /// Ended by this replica since the last look began.
    fresh: HashMap<Uuid, Instant>,
    accounts: HashMap<StaffId, i64>,
    externals: HashMap<StaffId, DateTime<Utc>>,
    senses: Senses,
    /// Whether the last look failed.
    blind: bool,
}

#[derive(Debug, sqlx::FromRow)]
struct Row {
    id: Uuid,
    access_version: Option<i64>,
    ended_at: Option<DateTime<Utc>>,
}

const SELECT: &str = "
    SELECT id, NULL::bigint AS access_version, NULL::timestamptz AS ended_at FROM session
    WHERE ended_at > now() - make_interval(secs => $1)
    UNION ALL
    SELECT id, access_version, NULL FROM staff
    WHERE access_changed_at > now() - make_interval(secs => $1)
    UNION ALL
    SELECT staff_id, NULL, ended_at FROM external_identity
    WHERE ended_at > now() - make_interval(secs => $2)";

impl Revocations {
    /// Knows nothing yet.
    pub fn new(blind_max: Duration) -> Self {
        Self {
            known: RwLock::default(),
            news: watch::Sender::new(()),
            look_now: Notify::new(),
            process: Uuid::new_v4(),
            blind_max,
        }
    }

    /// Whether a credential still stands.
    pub fn standing(&self, identity: &Identity) -> Standing {
        if identity.bond == Bond::None {
            return Standing::Good;
        }
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if !known.senses.suffice(self.blind_max, Instant::now()) {
            return Standing::Unknown;
        }
        if known.revoked(identity) {
            Standing::Revoked
        } else {
            Standing::Good
        }
    }

    /// Whether the database was read lately enough for staff to be let in.
    pub fn can_see(&self) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.senses.suffice(self.blind_max, Instant::now())
    }

    /// Takes in what somebody said of the database.
    fn hear(&self, said: Sight) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.senses.hear(said, self.process, Instant::now());
        if known.blind && said.sees {
            self.look_now.notify_one();
        }
    }

    /// Says at once what the next look would find: this replica ended a session.
    pub fn session_ended(&self, session: Uuid) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.fresh.insert(session, Instant::now());
        drop(known);
        self.news.send_replace(());
    }

    /// Reads what was revoked within the life of access tokens.
    ///
    /// # Errors
    /// The database's; what was known stays.
    pub async fn look(
        &self,
        pool: &PgPool,
        token_life: Duration,
        external_life: Duration,
    ) -> Result<(), sqlx::Error> {
        let began = Instant::now();
        let query = sqlx::query_as(SELECT)
            .bind((token_life + MARGIN).as_secs_f64())
            .bind((external_life + MARGIN).as_secs_f64())
            .fetch_all(pool);
        let rows: Result<Vec<Row>, sqlx::Error> = tokio::time::timeout(LOOK_MAX, query)
            .await
            .unwrap_or(Err(sqlx::Error::PoolTimedOut));
        match rows {
            Ok(rows) => self.learn(rows, began),
            Err(error) => {
                let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
                known.blind = true;
                return Err(error);
            }
        }
        Ok(())
    }

    fn learn(&self, rows: Vec<Row>, began: Instant) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.sessions.clear();
        known.accounts.clear();
        known.externals.clear();
        for row in rows {
            match (row.access_version, row.ended_at) {
                (Some(version), _) => drop(known.accounts.insert(StaffId(row.id), version)),
                (None, Some(at)) => drop(known.externals.insert(StaffId(row.id), at)),
                (None, None) => drop(known.sessions.insert(row.id)),
            }
        }
        // What ended before the look began was found by it.
        known.fresh.retain(|_, ended| *ended >= began);
        known.senses.looked(began);
        known.blind = false;
        drop(known);
        self.news.send_replace(());
    }
}

impl Known {
    fn revoked(&self, identity: &Identity) -> bool {
        let Actor::Staff { id, .. } = &identity.actor else {
            return false;
        };
        let changed = |version: i64| self.accounts.get(id).is_some_and(|now| *now != version);
        match identity.bond {
            Bond::None => false,
            Bond::Session { id, access_version } => {
                self.sessions.contains(&id)
                    || self.fresh.contains_key(&id)
                    || changed(access_version)
            }
            Bond::External {
                issued_at,
                access_version,
            } => {
                access_version.is_some_and(changed)
                    || self
                        .externals
                        .get(id)
                        .is_some_and(|ended| issued_at <= *ended)
            }
        }
    }
}

/// Watches one credential for as long as something is open that was begun with it.
#[derive(Debug)]
pub struct Guard {
    revocations: Arc<Revocations>,
    identity: Arc<Identity>,
    news: watch::Receiver<()>,
}

impl Guard {
    /// Watches a credential.
    pub fn new(revocations: &Arc<Revocations>, identity: Arc<Identity>) -> Self {
        let mut news = revocations.news.subscribe();
        // What came between the check of the request and now is news.
        news.mark_changed();
        Self {
            revocations: Arc::clone(revocations),
            identity,
            news,
        }
    }

    /// Returns when the credential does not stand any more.
    pub async fn fallen(&mut self) {
        loop {
            if self.news.changed().await.is_err() {
                // The sender lives as long as this does.
                return std::future::pending().await;
            }
            if self.revocations.standing(&self.identity) != Standing::Good {
                return;
            }
        }
    }
}

/// Listens to what others see of the database, as long as requests are served.
pub async fn listen(app: Shared) {
    let ends = app.served.clone();
    loop {
        let listening = async {
            match Sight::listen(&app.bus).await {
                Ok(mut said) => {
                    while let Some(said) = said.next().await {
                        app.revocations.hear(said);
                    }
                }
                Err(error) => tracing::warn!(%error, "cannot listen to what others see"),
            }
            tokio::time::sleep(LISTEN_AGAIN).await;
        };
        tokio::select! {
            () = listening => {}
            () = ends.cancelled() => return,
        }
    }
}

/// Looks as long as requests are served.
pub async fn watch(app: Shared) {
    let ends = app.served.clone();
    loop {
        let looked = app.look_at_revocations().await;
        let said = Sight {
            process: app.revocations.process,
            sees: looked.is_ok(),
        };
        said.say(&app.bus).await;
        if let Err(error) = &looked {
            tracing::debug!(%error, "cannot read what was revoked");
            // Streams judge again: the time without sight may be over.
            app.revocations.news.send_replace(());
        }
        let pause = match looked {
            Err(_) if !app.revocations.can_see() => LOOK_AT_START,
            _ => LOOK_EVERY,
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = app.revocations.look_now.notified() => {}
            () = ends.cancelled() => return,
        }
    }
}
