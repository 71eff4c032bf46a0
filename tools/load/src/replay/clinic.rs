//! What everybody in the replay shares: the department, the staff, the clock, who is there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use medique_contracts::CommandKind;
use serde_json::Value;
use uuid::Uuid;

use super::plan::{Ending, Plan, Stay};
use super::tally::{Tally, Visit};
use super::watch::Live;
use crate::cli::{ReplayArgs, Unusable};
use crate::http::api::{self, Fate};
use crate::http::session::{self, Session};
use crate::stack::state::{Department, State, User};

/// Share of their time that doctors spend with patients.
const BUSY: f64 = 0.8;
/// Longest first consultation.
const CONSULTATION_MAX: Duration = Duration::from_secs(20 * 60);

/// The department at work.
#[derive(Debug)]
pub(crate) struct Clinic {
    pub(crate) department: Department,
    pub(crate) reception: Arc<Session>,
    pub(crate) nurse: Arc<Session>,
    pub(crate) doctors: Vec<Arc<Session>>,
    pub(crate) tally: Tally,
    pub(crate) live: Live,
    /// Recorded time of a consultation. The records have none, so it is such that the doctors are busy.
    consultation: Duration,
    speed: f64,
    began: Instant,
    patients: usize,
    present: Mutex<Present>,
}

/// Who is there.
#[derive(Debug, Default)]
struct Present {
    stays: HashMap<Uuid, Expected>,
    /// Patients of ours in the queue.
    waiting: usize,
    /// Stays that are over, or never began.
    over: usize,
    /// Vital signs that came when the visit was over.
    too_late: u64,
}

/// What the plan says about a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) ends: Duration,
    pub(crate) ending: Ending,
    pub(crate) over: bool,
}

impl Clinic {
    /// Signs the staff in and opens the live stream.
    pub(crate) async fn open(state: &State, args: &ReplayArgs, plan: &Plan) -> Result<Arc<Self>> {
        let department = choose(&state.departments, args.department.as_deref())?.clone();
        let client = session::client()?;
        let session =
            |user: &&User| Arc::new(Session::new(client.clone(), &state.api_base(), user));
        let staff = |role: &str| -> Result<Vec<Arc<Session>>> {
            let found: Vec<Arc<Session>> = state
                .users_in(role, &department.department_id)
                .iter()
                .map(session)
                .collect();
            if found.is_empty() {
                bail!(Unusable(format!(
                    "the running system has no {role} for {}",
                    department.code
                )));
            }
            Ok(found)
        };
        let (reception, nurse, doctors) = (staff("RECEPTION")?, staff("NURSE")?, staff("DOCTOR")?);
        let live = Live::open(&nurse[0], &department.department_id).await?;
        let per_patient = plan
            .span()
            .mul_f64(BUSY * doctors.len() as f64 / plan.stays.len().max(1) as f64);
        Ok(Arc::new(Self {
            reception: Arc::clone(&reception[0]),
            nurse: Arc::clone(&nurse[0]),
            doctors,
            department,
            tally: Tally::default(),
            live,
            consultation: per_patient.min(CONSULTATION_MAX),
            speed: args.speed,
            began: Instant::now(),
            patients: plan.stays.len(),
            present: Mutex::new(Present::default()),
        }))
    }

    /// Recorded time now.
    pub(crate) fn now(&self) -> Duration {
        self.began.elapsed().mul_f64(self.speed)
    }

    /// Waits until recorded time has come.
    pub(crate) async fn until(&self, recorded: Duration) {
        tokio::time::sleep_until((self.began + recorded.div_f64(self.speed)).into()).await;
    }

    /// Waits for as long as a consultation takes.
    pub(crate) async fn consult(&self) {
        tokio::time::sleep(self.consultation.div_f64(self.speed)).await;
    }

    /// Gives a command and counts what becomes of it.
    pub(crate) async fn command(
        &self,
        kind: CommandKind,
        session: &Session,
        path: &str,
        body: &Value,
    ) -> (Fate, Option<Visit>) {
        let submitted = api::submit(session, path, body).await;
        let visit = self.tally.note(kind, &submitted);
        (submitted.fate, visit)
    }

    /// Gives a command on a visit; the visit when it took effect.
    pub(crate) async fn on_visit(
        &self,
        kind: CommandKind,
        session: &Session,
        visit_id: Uuid,
        body: &Value,
    ) -> Option<Visit> {
        let verb = match kind {
            CommandKind::RecordVitals => "vitals",
            CommandKind::SetAcuity => "acuity",
            other => other.as_str(),
        };
        self.command(kind, session, &format!("/visits/{visit_id}/{verb}"), body)
            .await
            .1
    }

    /// A patient joined the queue.
    pub(crate) fn arrived(&self, visit_id: Uuid, stay: &Stay) {
        if let Ok(mut present) = self.present.lock() {
            let expected = Expected {
                ends: stay.ends,
                ending: stay.ending,
                over: false,
            };
            present.stays.insert(visit_id, expected);
            present.waiting += 1;
        }
    }

    /// What is expected of a visit; nothing when it is not of this replay.
    pub(crate) fn expected(&self, visit_id: Uuid) -> Option<Expected> {
        self.present.lock().ok()?.stays.get(&visit_id).copied()
    }

    /// A patient was called, or left the queue by other means.
    pub(crate) fn not_waiting(&self) {
        if let Ok(mut present) = self.present.lock() {
            present.waiting = present.waiting.saturating_sub(1);
        }
    }

    /// Whether somebody of ours waits.
    pub(crate) fn somebody_waits(&self) -> bool {
        self.present.lock().is_ok_and(|present| present.waiting > 0)
    }

    /// A visit is over, or never came to be.
    pub(crate) fn over(&self, visit_id: Option<Uuid>) {
        let Ok(mut present) = self.present.lock() else {
            return;
        };
        let known = visit_id.and_then(|id| present.stays.get_mut(&id));
        if known.is_none_or(|expected| !std::mem::replace(&mut expected.over, true)) {
            present.over += 1;
        }
    }

    /// Vital signs of a visit that was over were not sent.
    pub(crate) fn too_late(&self) {
        if let Ok(mut present) = self.present.lock() {
            present.too_late += 1;
        }
    }

    /// How many of those there were.
    pub(crate) fn count_too_late(&self) -> u64 {
        self.present
            .lock()
            .map(|present| present.too_late)
            .unwrap_or_default()
    }

    /// Whether everybody is gone.
    pub(crate) fn is_over(&self) -> bool {
        self.present
            .lock()
            .is_ok_and(|present| present.over >= self.patients)
    }

    /// Patients who are gone, and a line about the rest.
    pub(crate) fn progress(&self) -> (u64, String) {
        let (over, waiting) = self
            .present
            .lock()
            .map(|present| (present.over, present.waiting))
            .unwrap_or_default();
        let sent: u64 = self
            .tally
            .sums()
            .by_kind
            .values()
            .map(|counts| counts.sent)
            .sum();
        (
            over as u64,
            format!(
                "{waiting} waiting, {sent} commands, {} live events",
                self.live.count()
            ),
        )
    }
}

fn choose<'a>(departments: &'a [Department], code: Option<&str>) -> Result<&'a Department> {
    let named = |code: &str| {
        departments
            .iter()
            .find(|department| department.code.eq_ignore_ascii_case(code))
    };
    let chosen = match code {
        Some(code) => named(code),
        None => departments
            .iter()
            .find(|department| department.name.to_lowercase().contains("emergency"))
            .or(departments.first()),
    };
    match chosen {
        Some(department) => Ok(department),
        None => bail!(Unusable(
            "the running system has no such department".to_owned()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn department(code: &str, name: &str) -> Department {
        Department {
            department_id: code.to_owned(),
            code: code.to_owned(),
            name: name.to_owned(),
        }
    }

    #[test]
    fn emergency_patients_go_to_the_emergency_department() {
        let all = [
            department("GM", "General Medicine"),
            department("ED", "Emergency"),
        ];
        assert_eq!(choose(&all, None).expect("one").code, "ED");
        assert_eq!(choose(&all, Some("gm")).expect("one").code, "GM");
        assert_eq!(choose(&all[..1], None).expect("one").code, "GM");
        assert!(choose(&all, Some("XX")).is_err());
        assert!(choose(&[], None).is_err());
    }
}
