//! Failed sign-ins: counted in the database, so that a restart forgets nothing and replicas share
//! what they know.
//!
//! There are three counters, each of which blocks for twice as long with every failure beyond the
//! free ones: one for a *pair* of account and address, one for an *account* and one for an
//! *address*. None tells whether there is such an account: names that nobody has are counted alike.
//!
//! Nobody is kept out by what others do elsewhere. An account's *places* are the addresses from
//! which it signed in before (or set its password by a mailed link). At one of its places the
//! counters of account and address keep only wrong passwords out: the answer to one is the same
//! refusal as anywhere, but the right password opens. What bounds guessing there is the pair, and
//! only somebody at the same address can raise that one: for at most the longest block at a time,
//! until the owner uses a link to set a new password, which clears it.
//!
//! A try is counted before it is judged and taken back when it succeeds: a thousand tries at once
//! are a thousand tries. A counter that blocks already is not raised by a try, so such a try takes
//! nothing back from it either: whoever has an account of their own cannot lift the block of an
//! address by signing in to it.

pub mod counter;

pub use counter::Limits;

use super::identity_key::{IdentityKey, Key};
use chrono::{DateTime, TimeDelta, Utc};
use counter::Counter;
use medique_contracts::ids::StaffId;
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// How long an address stays a place of an account that is not used there, days.
const PLACE_DAYS: i64 = 90;

/// In the order in which their rows are locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Account,
    Address,
    Pair,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Account, Self::Address, Self::Pair];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Address => "address",
            Self::Pair => "pair",
        }
    }

    const fn free(self, limits: &Limits) -> i32 {
        match self {
            Self::Account => limits.account,
            Self::Address => limits.address,
            Self::Pair => limits.pair,
        }
    }
}

/// Which counters a try concerns.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The account's name.
    pub account: Key,
    /// The place.
    pub address: Key,
    pair: Key,
}

impl Keys {
    /// Those of a name, whether or not anybody has it, at an address.
    pub fn new(identity: &IdentityKey, email: &str, address: Option<IpAddr>) -> Self {
        let (account, address) = (identity.name(email), identity.address(address));
        let mut pair = account;
        pair.iter_mut()
            .zip(address)
            .for_each(|(one, other)| *one ^= other);
        Self {
            account,
            address,
            pair,
        }
    }

    fn of(&self, kind: Kind) -> &Key {
        match kind {
            Kind::Account => &self.account,
            Kind::Address => &self.address,
            Kind::Pair => &self.pair,
        }
    }
}

/// What the counters say of a try.
#[derive(Debug, Clone)]
pub enum Admission {
    /// Not now, whatever the password.
    Blocked {
        /// When to come back.
        until: DateTime<Utc>,
    },
    /// It may be judged, and is counted already.
    Judge(Try),
}

/// A try that was counted.
#[derive(Debug, Clone)]
pub struct Try {
    /// Account or address are blocked: a wrong password is answered with this, and so is a right
    /// one from an address that is no place of the account.
    pub elsewhere_until: Option<DateTime<Utc>>,
    /// The counters that this try, should it fail, has just brought to their limit.
    pub reached: Vec<&'static str>,
    /// Until when the account's own block lasts, when this try brought it to its limit.
    pub account_locked_until: Option<DateTime<Utc>>,
    /// The counters that it raised.
    charged: BTreeSet<Kind>,
}

impl Try {
    /// How much it added to the counter of the address: 0 or 1.
    pub fn address_charges(&self) -> u8 {
        u8::from(self.charged.contains(&Kind::Address))
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    kind: String,
    failures: i32,
    last_at: DateTime<Utc>,
    blocked_until: DateTime<Utc>,
}

type Counters = BTreeMap<Kind, Counter>;

const ENSURE: &str = "
    INSERT INTO login_throttle (kind, key, failures, last_at, blocked_until)
    SELECT kind, key, 0, $3, 'epoch' FROM unnest($1::text[], $2::bytea[]) AS wanted (kind, key)
    ON CONFLICT DO NOTHING";

/// By kind, which every try does alike: two of them cannot wait for each other.
const LOCK: &str = "
    SELECT kind, failures, last_at, blocked_until FROM login_throttle
    WHERE (kind, key) IN (SELECT * FROM unnest($1::text[], $2::bytea[]))
    ORDER BY kind FOR UPDATE";

const WRITE: &str = "
    UPDATE login_throttle t
    SET failures = n.failures, last_at = n.last_at, blocked_until = n.blocked_until,
        forget_at = n.forget_at
    FROM unnest($1::text[], $2::bytea[], $3::int[], $4::timestamptz[], $5::timestamptz[],
                $6::timestamptz[])
         AS n (kind, key, failures, last_at, blocked_until, forget_at)
    WHERE t.kind = n.kind AND t.key = n.key";

/// Counts a try, unless it is not to be judged at all.
///
/// # Errors
/// The database's.
pub async fn count(
    connection: &mut PgConnection,
    keys: &Keys,
    limits: &Limits,
    now: DateTime<Utc>,
) -> Result<Admission, sqlx::Error> {
    let mut counters = lock(connection, keys, now).await?;
    if let Some(until) = counters.get(&Kind::Pair).and_then(|pair| pair.blocked(now)) {
        return Ok(Admission::Blocked { until });
    }
    let elsewhere = [Kind::Account, Kind::Address].map(|kind| counters[&kind].blocked(now));
    let mut made = Try {
        elsewhere_until: elsewhere.into_iter().flatten().max(),
        reached: Vec::new(),
        account_locked_until: None,
        charged: BTreeSet::new(),
    };
    for (&kind, counter) in &mut counters {
        // A block that somebody ran into does not grow by it.
        if counter.blocked(now).is_some() {
            continue;
        }
        let free = kind.free(limits);
        *counter = counter.charge(free, limits, now);
        made.charged.insert(kind);
        if counter.failures == free {
            made.reached.push(kind.as_str());
            if kind == Kind::Account {
                made.account_locked_until = counter.blocked(now);
            }
        }
    }
    write(connection, keys, &counters, limits).await?;
    Ok(Admission::Judge(made))
}

/// Forgets what was counted against the account here, takes back what this sign-in added to the
/// address, and remembers the address as a place of the account. Returns whether it is one that is
/// new to an account which has others.
///
/// # Errors
/// The database's.
pub async fn succeed(
    connection: &mut PgConnection,
    keys: &Keys,
    staff: StaffId,
    address_charges: u8,
    limits: &Limits,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let mut counters = lock(connection, keys, now).await?;
    for (kind, counter) in &mut counters {
        *counter = match kind {
            Kind::Account | Kind::Pair => Counter::new(now),
            Kind::Address => {
                (0..address_charges).fold(*counter, |counter, _| counter.refund(limits.address))
            }
        };
    }
    write(connection, keys, &counters, limits).await?;
    let (here, elsewhere): (bool, bool) = sqlx::query_as(
        "SELECT coalesce(bool_or(address = $2), false), coalesce(bool_or(address <> $2), false)
         FROM login_place WHERE staff_id = $1 AND last_at > $3",
    )
    .bind(staff.0)
    .bind(&keys.address[..])
    .bind(now - TimeDelta::days(PLACE_DAYS))
    .fetch_one(&mut *connection)
    .await?;
    sqlx::query(
        "INSERT INTO login_place (staff_id, address, last_at) VALUES ($1, $2, $3)
         ON CONFLICT (staff_id, address) DO UPDATE SET last_at = excluded.last_at",
    )
    .bind(staff.0)
    .bind(&keys.address[..])
    .bind(now)
    .execute(connection)
    .await?;
    Ok(elsewhere && !here)
}

/// Takes a try back that was not judged after all, or that was right where nothing is to be
/// forgotten for it.
///
/// # Errors
/// The database's.
pub async fn give_back(
    connection: &mut PgConnection,
    keys: &Keys,
    made: &Try,
    limits: &Limits,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let mut counters = lock(connection, keys, now).await?;
    for kind in &made.charged {
        if let Some(counter) = counters.get_mut(kind) {
            *counter = counter.refund(kind.free(limits));
        }
    }
    write(connection, keys, &counters, limits).await
}

/// Whether the account has signed in from there before.
///
/// # Errors
/// The database's.
pub async fn is_place(
    connection: &mut PgConnection,
    keys: &Keys,
    staff: StaffId,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM login_place WHERE staff_id = $1 AND address = $2 AND last_at > $3)",
    )
    .bind(staff.0)
    .bind(&keys.address[..])
    .bind(now - TimeDelta::days(PLACE_DAYS))
    .fetch_one(connection)
    .await
}

fn columns(keys: &Keys) -> (Vec<&'static str>, Vec<&[u8]>) {
    Kind::ALL
        .map(|kind| (kind.as_str(), &keys.of(kind)[..]))
        .into_iter()
        .unzip()
}

async fn lock(
    connection: &mut PgConnection,
    keys: &Keys,
    now: DateTime<Utc>,
) -> Result<Counters, sqlx::Error> {
    let (kinds, values) = columns(keys);
    sqlx::query(ENSURE)
        .bind(&kinds)
        .bind(&values)
        .bind(now)
        .execute(&mut *connection)
        .await?;
    let rows: Vec<Row> = sqlx::query_as(LOCK)
        .bind(&kinds)
        .bind(&values)
        .fetch_all(connection)
        .await?;
    let mut counters: Counters = Kind::ALL.map(|kind| (kind, Counter::new(now))).into();
    for row in rows {
        let kind = Kind::ALL.into_iter().find(|kind| kind.as_str() == row.kind);
        if let Some(counter) = kind.and_then(|kind| counters.get_mut(&kind)) {
            *counter = Counter {
                failures: row.failures,
                last_at: row.last_at,
                blocked_until: row.blocked_until,
            };
        }
    }
    Ok(counters)
}

async fn write(
    connection: &mut PgConnection,
    keys: &Keys,
    counters: &Counters,
    limits: &Limits,
) -> Result<(), sqlx::Error> {
    let (kinds, values) = columns(keys);
    let all = || counters.values();
    sqlx::query(WRITE)
        .bind(&kinds)
        .bind(&values)
        .bind(all().map(|counter| counter.failures).collect::<Vec<_>>())
        .bind(all().map(|counter| counter.last_at).collect::<Vec<_>>())
        .bind(
            all()
                .map(|counter| counter.blocked_until)
                .collect::<Vec<_>>(),
        )
        .bind(
            all()
                .map(|counter| counter.last_at + limits.forget)
                .collect::<Vec<_>>(),
        )
        .execute(connection)
        .await?;
    Ok(())
}
