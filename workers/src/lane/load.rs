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
    let (decided, existing) = known(connection, items).await?;
    let mut loaded = Loaded {
        decided,
        ..Loaded::default()
    };
    let mut wanted = Needs::default();
    wanted.visits.extend(existing);
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

/// What was decided before, and which of the visits that check-ins are about to create exist: those
/// of commands whose outcome retention has deleted since.
async fn known(
    connection: &mut PgConnection,
    items: &[Item],
) -> Result<(HashMap<CommandId, Decided>, BTreeSet<VisitId>), sqlx::Error> {
    let ids = || items.iter().filter_map(Item::command_id);
    let rows = sqlx::query(
        "SELECT command_id, outcome->>'status' = 'dead_lettered' FROM inbox WHERE command_id = ANY($1) \
          UNION ALL SELECT id, NULL FROM visit WHERE id = ANY($2)",
    )
    .bind(ids().map(|id| id.0).collect::<Vec<_>>())
    .bind(ids().map(CommandId::created).collect::<Vec<_>>())
    .fetch_all(connection)
    .await?;
    let (mut decided, mut visits) = (HashMap::new(), BTreeSet::new());
    for row in &rows {
        let id = row.try_get(0)?;
        match row.try_get(1)? {
            Some(dead_lettered) => {
                decided.insert(CommandId(id), Decided { dead_lettered });
            }
            None => {
                visits.insert(VisitId(id));
            }
        }
    }
    for id in decided.keys() {
        visits.remove(&VisitId(id.created()));
    }
    Ok((decided, visits))
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
