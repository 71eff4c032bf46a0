//! The claim on a patient's identity. The database knows patients by marks only, which need the
//! master key to be made ([`Keys::patient_marks`]); the rules know them by their keys in clear.

use super::LoadError;
use medique_contracts::ids::{FacilityId, VisitId};
use medique_domain::World;
use medique_domain::decide::Needs;
use medique_platform::privacy::{Keys, PrivacyError};
use sqlx::{PgConnection, Row};
use std::collections::{BTreeSet, HashMap};

type Mark = (FacilityId, String);

/// The patients of a batch, by their marks.
pub(super) struct Patients {
    /// Marks of those whom the commands name, and their keys.
    named: HashMap<Mark, String>,
    /// Every mark that is to be locked.
    marks: BTreeSet<Mark>,
    /// Who has a live visit.
    live: Vec<(Mark, VisitId)>,
}

impl Patients {
    /// Those whom `wanted` names, and those of visits that may come back.
    pub(super) fn new(
        keys: &Keys,
        wanted: &Needs,
        mut marks: BTreeSet<Mark>,
    ) -> Result<Self, LoadError> {
        let mut named = HashMap::new();
        for (facility, key) in &wanted.patient_keys {
            for mark in marks_of(keys, *facility, key)? {
                marks.insert(mark.clone());
                named.insert(mark, key.clone());
            }
        }
        Ok(Self {
            named,
            marks,
            live: Vec::new(),
        })
    }

    /// Locks them, and finds their live visits. Two departments that check the same person in at
    /// the same moment take turns here.
    pub(super) async fn lock(&mut self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        if self.marks.is_empty() {
            return Ok(());
        }
        let (facilities, marks): (Vec<_>, Vec<_>) = self
            .marks
            .iter()
            .map(|(facility, mark)| (facility.0, mark.as_str()))
            .unzip();
        sqlx::query(
            "SELECT pg_advisory_xact_lock(h) FROM (\
               SELECT DISTINCT hashtextextended(f::text || k, 0) AS h \
                 FROM unnest($1::uuid[], $2::text[]) AS x(f, k) ORDER BY 1) AS locks",
        )
        .bind(&facilities)
        .bind(&marks)
        .execute(&mut *connection)
        .await?;
        let rows = sqlx::query(
            "SELECT v.facility_id, v.patient_key, v.id FROM visit v \
               JOIN unnest($1::uuid[], $2::text[]) AS x(f, k) ON v.facility_id = x.f AND v.patient_key = x.k \
              WHERE v.live",
        )
        .bind(&facilities)
        .bind(&marks)
        .fetch_all(connection)
        .await?;
        for row in rows {
            let mark = (FacilityId(row.try_get(0)?), row.try_get(1)?);
            self.live.push((mark, VisitId(row.try_get(2)?)));
        }
        Ok(())
    }

    /// Tells the rules who has a live visit. Whom no command names is known from the visit that
    /// was loaded since.
    pub(super) fn into_world(mut self, keys: &Keys, world: &mut World) -> Result<(), LoadError> {
        if self.live.is_empty() {
            return Ok(());
        }
        for visit in world.visits.values() {
            let Some(key) = &visit.patient_key else {
                continue;
            };
            for mark in marks_of(keys, visit.facility_id, key)? {
                self.named.entry(mark).or_insert_with(|| key.clone());
            }
        }
        for (mark, visit) in self.live {
            if let Some(key) = self.named.get(&mark) {
                world.live_patients.insert((mark.0, key.clone()), visit);
            }
        }
        Ok(())
    }
}

fn marks_of(keys: &Keys, facility: FacilityId, key: &str) -> Result<Vec<Mark>, LoadError> {
    let marks = keys.patient_marks(facility.0, key);
    let marks = marks.map_err(|cause: PrivacyError| LoadError::Keys(cause))?;
    Ok(marks.into_iter().map(|mark| (facility, mark)).collect())
}
