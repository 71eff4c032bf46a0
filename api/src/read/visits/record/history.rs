//! Who decided what when: how a visit came by its level, out of the audit trail, and out of what
//! statistics keep of suggestions and decisions.

use crate::problem::Problem;
use crate::read::sealed::Opener;
use chrono::{DateTime, Utc};
use medique_contracts::EventType;
use medique_domain::decide::AuditDetail;
use medique_platform::privacy::Field;
use serde::Deserialize;

/// The steps of a visit `v` that bear on its level, oldest first, as a JSON array.
macro_rules! history_column {
    () => {
        "(SELECT COALESCE(jsonb_agg(jsonb_build_object(
                   'version', a.version, 'at', a.occurred_at, 'event', a.event_type,
                   'actor', a.actor, 'level', (a.facts::jsonb->'visit'->>'level')::smallint,
                   'detail', a.detail, 'set_level', d.level, 'by_desk', d.by_desk,
                   'taken_back', d.taken_back, 'model', t.model, 'suggested_level', t.level,
                   'failure', t.failure) ORDER BY a.version), '[]')
          FROM audit a
          LEFT JOIN triage_decision d ON d.visit_id = a.visit_id AND d.version = a.version
          LEFT JOIN triage_advice t ON t.visit_id = a.visit_id AND t.version = a.version
          WHERE a.visit_id = v.id AND a.event_type IN
                ('visit_checked_in', 'visit_vitals_recorded', 'visit_acuity_set',
                 'visit_triage_advised', 'visit_undone')) AS history"
    };
}
pub(super) use history_column;

/// One step as it is stored.
#[derive(Debug, Deserialize)]
pub(super) struct StoredStep {
    version: i64,
    at: DateTime<Utc>,
    event: EventType,
    actor: String,
    level: u8,
    detail: Option<String>,
    set_level: Option<u8>,
    by_desk: Option<bool>,
    taken_back: Option<bool>,
    model: Option<String>,
    suggested_level: Option<u8>,
    failure: Option<String>,
}

/// One step on the way of a visit to its level.
#[derive(Debug)]
pub(in crate::read) struct Step {
    /// Version of the visit that it made.
    pub version: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// What happened.
    pub event: EventType,
    /// Who caused it.
    pub actor: String,
    /// Effective level afterwards.
    pub level: u8,
    /// Effective level before.
    pub level_before: Option<u8>,
    /// The level that somebody set.
    pub set_level: Option<u8>,
    /// Whether that was somebody who may raise urgency only.
    pub by_desk: bool,
    /// Whether it was taken back.
    pub taken_back: bool,
    /// Whether it stands above the safety floor on purpose.
    pub overrides_floor: bool,
    /// Why. Personal data.
    pub reason: Option<String>,
    /// The model that suggested, or failed to.
    pub model: Option<String>,
    /// What it suggested.
    pub suggested_level: Option<u8>,
    /// Why it did not.
    pub failure: Option<String>,
}

impl StoredStep {
    /// The step in clear.
    pub(super) fn open(self, opener: &Opener) -> Result<Step, Problem> {
        let detail = match self.detail {
            Some(sealed) => opener.text(Field::AuditDetail, sealed)?,
            None => None,
        };
        // A detail that cannot be read as one says nothing, as after an erasure.
        let detail: AuditDetail = detail
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        Ok(Step {
            version: self.version,
            at: self.at,
            event: self.event,
            actor: self.actor,
            level: self.level,
            level_before: detail.from_level,
            set_level: self.set_level,
            by_desk: self.by_desk.unwrap_or(false),
            taken_back: self.taken_back.unwrap_or(false),
            overrides_floor: detail.floor_overridden,
            reason: detail.reason,
            model: self.model,
            suggested_level: self.suggested_level,
            failure: self.failure,
        })
    }
}
