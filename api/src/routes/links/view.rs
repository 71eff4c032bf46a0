//! A link as administrators see it: without its token.

use crate::read::time::Instant;
use chrono::{DateTime, Utc};
use medique_contracts::ids::{DepartmentId, DoctorId, FacilityId, LinkId};
use medique_platform::link::Link;
use poem_openapi::Object;
use sqlx::FromRow;
use uuid::Uuid;

/// An issued link.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct LinkView {
    /// Identity.
    pub link_id: Uuid,
    /// `single_use`, `poster`, or `kiosk` (made from the command line, for a device).
    pub kind: String,
    /// `active`, `used`, `revoked` or `expired`.
    pub state: String,
    /// The department whose queue it leads to.
    pub department_id: Uuid,
    /// The doctor whose queue it leads to.
    pub doctor_id: Option<Uuid>,
    /// When it was issued.
    pub created_at: Instant,
    /// Who issued it.
    pub created_by: String,
    /// Instant from which it is dead.
    pub expires_at: Instant,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
    /// Who revoked it.
    pub revoked_by: Option<String>,
}

/// A row of the registry.
#[derive(Debug, Clone, FromRow)]
pub(super) struct LinkRow {
    pub(super) id: Uuid,
    pub(super) facility_id: Uuid,
    pub(super) department_id: Uuid,
    pub(super) doctor_id: Option<Uuid>,
    pub(super) kind: String,
    pub(super) created_at: DateTime<Utc>,
    pub(super) created_by: String,
    pub(super) expires_at: DateTime<Utc>,
    pub(super) revoked_at: Option<DateTime<Utc>>,
    pub(super) revoked_by: Option<String>,
    pub(super) used: bool,
    pub(super) department_name: String,
    pub(super) facility_name: String,
}

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT l.id, l.facility_id, l.department_id, l.doctor_id, l.kind, l.created_at, l.created_by,
                    l.expires_at, l.revoked_at, l.revoked_by,
                    EXISTS (SELECT FROM used_link u WHERE u.link_id = l.id) AS used,
                    d.settings->>'name' AS department_name, f.name AS facility_name
             FROM check_in_link l
             JOIN department d ON d.id = l.department_id JOIN facility f ON f.id = l.facility_id
             WHERE l.facility_id = $1 AND ($2::uuid[] IS NULL OR l.department_id = ANY($2)) ",
            $condition
        )
    };
}

pub(super) const SELECT_LINK: &str = select!("AND l.id = $3");
pub(super) const SELECT_LINKS: &str =
    select!("AND ($3::uuid IS NULL OR l.id < $3) ORDER BY l.id DESC LIMIT $4");

impl LinkRow {
    /// The state in one word: the reason for which it admits nobody, the strongest first.
    pub(super) fn state(&self, now: DateTime<Utc>) -> &'static str {
        if self.revoked_at.is_some() {
            "revoked"
        } else if self.used {
            "used"
        } else if self.expires_at <= now {
            "expired"
        } else {
            "active"
        }
    }

    pub(super) fn view(self, now: DateTime<Utc>) -> LinkView {
        LinkView {
            state: self.state(now).to_owned(),
            link_id: self.id,
            kind: self.kind,
            department_id: self.department_id,
            doctor_id: self.doctor_id,
            created_at: Instant(self.created_at),
            created_by: self.created_by,
            expires_at: Instant(self.expires_at),
            revoked_at: self.revoked_at.map(Instant),
            revoked_by: self.revoked_by,
        }
    }

    /// The link as it was signed: signing it again gives the same token.
    pub(super) fn link(&self) -> Link {
        Link {
            link_id: LinkId(self.id),
            facility_id: FacilityId(self.facility_id),
            department_id: DepartmentId(self.department_id),
            doctor_id: self.doctor_id.map(DoctorId),
            single_use: self.kind == "single_use",
            is_poster: self.kind == "poster",
            drawn_from: None,
            expires_at: self.expires_at,
        }
    }
}
