//! Who looked at what: reads of personal data by staff stand in the audit trail before the answer
//! goes out. A screen that polls writes no row per look: there is one per person, thing and quarter
//! of an hour, whichever replicas answer. The rows say that, and not how often.

use crate::app::App;
use crate::auth::Caller;
use crate::problem::{ApiCode, Problem};
use lru::LruCache;
use medique_contracts::ids::{DepartmentId, VisitId};
use medique_platform::audit::{self, Fact, FactKind};
use medique_platform::clock;
use medique_platform::postgres::{TxError, in_tx};
use medique_platform::trace_context::TraceContext;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// Looks within one such window are one fact, seconds.
const WINDOW_S: i64 = 900;
/// Facts that this replica knows to be written; a forgotten one costs a statement.
const KNOWN_MAX: usize = 16_384;

/// Facts that this replica knows to be written, by the ids of their rows.
pub struct KnownReads(Mutex<LruCache<Uuid, ()>>);

impl Default for KnownReads {
    fn default() -> Self {
        let capacity = NonZeroUsize::new(KNOWN_MAX).expect("not zero");
        Self(Mutex::new(LruCache::new(capacity)))
    }
}

impl KnownReads {
    fn knows(&self, id: Uuid) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&id).is_some()
    }

    fn learn(&self, id: Uuid) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.put(id, ());
    }
}

/// What was looked at.
#[derive(Debug, Clone, Copy)]
pub enum Looked {
    /// At the full record of a visit.
    Visit(VisitId, DepartmentId),
    /// At the queue of a department.
    Queue(DepartmentId),
    /// At the audit trail.
    Audit,
    /// At a whole message that was put aside.
    DeadLetter(Uuid),
}

/// Writes down that the caller looks, unless that is known.
///
/// # Errors
/// `database_unavailable`: what cannot be written down is not shown.
pub async fn audit(
    app: &App,
    caller: &Caller,
    trace: &TraceContext,
    looked: Looked,
) -> Result<(), Problem> {
    let window = clock::now().timestamp().div_euclid(WINDOW_S);
    let fact = fact(caller, trace, looked);
    let about = match looked {
        Looked::Visit(visit, _) => visit.0,
        Looked::Queue(department) => department.0,
        Looked::Audit => caller.facility_id.0,
        Looked::DeadLetter(id) => id,
    };
    let event_id = id_of(&fact, about, window);
    if app.reads.knows(event_id) {
        return Ok(());
    }
    let written = in_tx(&app.pool, move |connection| {
        Box::pin(async move { audit::append_once(connection, &fact, event_id).await })
    });
    written.await.map_err(|error| match error {
        TxError::Work(error) | TxError::Begin(error) | TxError::Commit(error) => {
            Problem::from(error)
        }
        TxError::Panicked => Problem::new(ApiCode::InternalError),
    })?;
    app.reads.learn(event_id);
    Ok(())
}

fn fact(caller: &Caller, trace: &TraceContext, looked: Looked) -> Fact {
    let (kind, visit_id, department_id) = match looked {
        Looked::Visit(visit, department) => {
            (FactKind::VisitRecordRead, Some(visit), Some(department))
        }
        Looked::Queue(department) => (FactKind::QueueRead, None, Some(department)),
        Looked::Audit => (FactKind::AuditRead, None, None),
        Looked::DeadLetter(_) => (FactKind::DeadLetterRead, None, None),
    };
    let mut facts = match caller.role() {
        Some(role) => serde_json::json!({ "role": role.as_str() }),
        None => serde_json::json!({}),
    };
    if let Looked::DeadLetter(id) = looked {
        facts["dead_letter_id"] = id.to_string().into();
    }
    Fact {
        visit_id,
        department_id,
        trace_id: Some(trace.trace_id()),
        facts,
        ..Fact::new(kind, Some(caller.facility_id), caller.actor_key.as_str())
    }
}

/// The same on every replica, so that the row can be written once.
fn id_of(fact: &Fact, about: Uuid, window: i64) -> Uuid {
    let name = format!("{} {} {window}", fact.kind.as_str(), fact.actor);
    Uuid::new_v5(&about, name.as_bytes())
}
