//! Loads, under locks, the part of the hospital that a batch touches.
//!
//! Locks are taken in one order everywhere (patients, doctors, rooms, visits; each by id), so two
//! partitions that meet over a doctor or a transferred visit wait for each other and never lock
//! each other out. What a visit's row names (its doctor, its room) is read first without a lock and
//! checked again under the lock: a batch that finds it changed starts over.

mod hospital;
mod patients;
mod sealed;
mod visits;

use super::batch::Item;
use medique_contracts::commands::CommandKind;
use medique_contracts::ids::{CommandId, VisitId};
use medique_domain::World;
use medique_domain::decide::{Needs, needs};
use medique_platform::privacy::{DataKey, Keys, PrivacyError};
use patients::Patients;
use sqlx::{PgConnection, Row};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What was loaded.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The world that the fold works on.
    pub world: World,
    /// Commands of the batch that were decided before, and whether they ended as a dead letter.
    pub decided: HashMap<CommandId, Decided>,
    /// Version of each loaded visit before the batch.
    pub versions: BTreeMap<VisitId, i64>,
    /// Data keys of the loaded visits.
    pub keys: HashMap<VisitId, DataKey>,
    /// Partition that wrote each loaded visit's last event.
    pub writers: HashMap<VisitId, i16>,
}

/// What the inbox knows of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    /// Whether it waits for an admin, so that a redriven copy may still take effect.
    pub dead_lettered: bool,
}

/// Why a batch could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The database said no.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// A visit changed between the look and the lock.
    #[error("a visit changed while its locks were taken")]
    Moved,
    /// What is sealed cannot be read.
    #[error("visit {visit}: {cause}")]
    Privacy {
        /// Which visit.
        visit: VisitId,
        /// Why.
        cause: PrivacyError,
    },
    /// The key service fails.
    #[error(transparent)]
    Keys(PrivacyError),
    /// A row that the types cannot hold.
    #[error("inconsistent row in {table}: {cause}")]
    Inconsistent {
        /// Which table.
        table: &'static str,
        /// What is wrong.
        cause: String,
    },
}

/// Loads what `items` need.
///
/// # Errors
/// See [`LoadError`]; nothing was changed.
pub async fn load(
    connection: &mut PgConnection,
    keys: &Keys,
    items: &[Item],
) -> Result<Loaded, LoadError> {
    let mut loaded = Loaded {
        decided: decided(connection, items).await?,
        ..Loaded::default()
    };
    let mut wanted = Needs::default();
    for item in items {
        let Ok(message) = &item.content else { continue };
        // A repeated command needs nothing: its outcome stands.
        if !item.is_redrive() && loaded.decided.contains_key(&message.command_id) {
            continue;
        }
        needs(message, &mut wanted);
    }
    let touches_people = touches_people(&wanted);
    let mut revived = BTreeSet::new();
    if touches_people {
        revived = visits::look(connection, &mut wanted, items).await?;
    }
    let mut patients = Patients::new(keys, &wanted, revived)?;
    patients.lock(connection).await?;
    hospital::departments(connection, &wanted, &mut loaded.world).await?;
    if touches_people {
        visits::load(connection, keys, &mut wanted, &mut loaded).await?;
    }
    patients.into_world(keys, &mut loaded.world)?;
    hospital::tokens(connection, items, &wanted, &mut loaded.world).await?;
    hospital::links(connection, &wanted, &mut loaded.world).await?;
    Ok(loaded)
}

/// Check-ins into a pool, the bulk of the work, touch no existing visit, doctor or room.
fn touches_people(wanted: &Needs) -> bool {
    !(wanted.visits.is_empty()
        && wanted.doctors.is_empty()
        && wanted.rooms.is_empty()
        && wanted.rooms_of.is_empty()
        && wanted.queue_heads.is_empty()
        && wanted.sweeps.is_empty())
}

async fn decided(
    connection: &mut PgConnection,
    items: &[Item],
) -> Result<HashMap<CommandId, Decided>, sqlx::Error> {
    let ids: Vec<_> = items
        .iter()
        .filter_map(Item::command_id)
        .map(|id| id.0)
        .collect();
    let rows = sqlx::query(
        "SELECT command_id, outcome->>'status' = 'dead_lettered' FROM inbox WHERE command_id = ANY($1)",
    )
    .bind(ids)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok((
                CommandId(row.try_get(0)?),
                Decided {
                    dead_lettered: row.try_get(1)?,
                },
            ))
        })
        .collect()
}

/// Whether the command chooses a room of the department in which the visit now is.
const fn may_choose_room(kind: CommandKind) -> bool {
    matches!(
        kind,
        CommandKind::Call | CommandKind::Start | CommandKind::Resume | CommandKind::Undo
    )
}

/// Whether the command may make a visit live again, beside another one of the same patient.
const fn may_revive(kind: CommandKind) -> bool {
    matches!(kind, CommandKind::Return | CommandKind::Undo)
}
