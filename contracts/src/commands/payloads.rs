//! The payload of each command. Unknown fields are ignored, so that a newer API may talk to an
//! older worker during a roll-out; bounds are in [`crate::limits`] and checked by `domain`.

use crate::ids::{DepartmentId, DoctorId, LinkId, RoomId};
use crate::vocabulary::{ArrivalMode, DoctorStatus, ReturnPlace, Sex, TransferPlace, TriagePolicy};
use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! payload {
    ($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
        pub struct $name { $($(#[$fdoc])* pub $field: $type),* }
    };
}

mod triage;

pub use triage::*;

payload! {
    /// Who the patient is, as told at check-in. Personal data: never leaves commands and Postgres.
    Patient {
        /// Full name.
        name: String,
        /// Age in completed years, when the date of birth is not known.
        age_years: Option<u16>,
        /// Date of birth.
        birth_date: Option<NaiveDate>,
        /// Sex as recorded.
        sex: Option<Sex>,
        /// Phone number as dialled.
        phone: Option<String>,
        /// BCP 47 language tag.
        language: Option<String>,
    }
}

payload! {
    /// Why the patient comes. Personal data.
    Intake {
        /// Who.
        patient: Patient,
        /// Presenting complaint in the patient's or clerk's words.
        complaint: String,
        /// Further symptoms.
        symptoms: Vec<String>,
        /// Answers to the structured questions of the triage rules.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        answers: Vec<Answer>,
        /// First vital signs, when taken at the desk.
        vitals: Option<Vitals>,
        /// The doctor that the patient comes to see.
        assigned_doctor_id: Option<DoctorId>,
        /// How the patient came.
        arrival_mode: Option<ArrivalMode>,
        /// Staff saw that the patient already has a live visit and wants another one all the same.
        allow_duplicate: bool,
    }
}

payload! {
    /// Check-in at the reception desk. The department stands in the message.
    CheckIn {
        /// Who and why.
        intake: Intake,
    }
}

payload! {
    /// What a verified check-in link says. The API verified the signature; the worker enforces
    /// expiry and single use against the broker's store time.
    LinkClaims {
        /// The link.
        link_id: LinkId,
        /// Doctor whose queue the link leads to.
        doctor_id: Option<DoctorId>,
        /// Whether one scan uses the link up.
        single_use: bool,
        /// Instant from which the link is dead.
        expires_at: DateTime<Utc>,
        /// The poster that the link was drawn from as a ticket.
        drawn_from: Option<LinkId>,
    }
}

payload! {
    /// A phone scanned a link.
    Scan {
        /// The verified link.
        link: LinkClaims,
    }
}

payload! {
    /// A phone checks in by link in one step.
    CheckInByLink {
        /// The verified link.
        link: LinkClaims,
        /// Who and why.
        intake: Intake,
    }
}

payload! {
    /// The intake of a scanned visit.
    FillIntake {
        /// Who and why.
        intake: Intake,
    }
}

payload! {
    /// Call the head of the queue.
    CallNext {
        /// Room to call to; without one, the doctor's last room or the first free one.
        room_id: Option<RoomId>,
        /// Doctor to call for; a doctor calls for himself.
        doctor_id: Option<DoctorId>,
    }
}

payload! {
    /// Call one chosen patient.
    Call {
        /// Room to call to; without one, the doctor's last room or the first free one.
        room_id: Option<RoomId>,
        /// Doctor to call for; a doctor calls for himself.
        doctor_id: Option<DoctorId>,
        /// Why this patient, when somebody else is at the head of the queue.
        reason: Option<String>,
    }
}

payload! {
    /// Announce again.
    Recall {}
}

payload! {
    /// Back to the old place.
    Unclaim {
        /// Why.
        reason: Option<String>,
    }
}

payload! {
    /// Start the consultation; a waiting patient is called and started at once.
    Start {
        /// Room, when a waiting patient walks straight in.
        room_id: Option<RoomId>,
    }
}

payload! {
    /// Park the patient.
    Hold {
        /// Why.
        reason: String,
        /// When the patient is expected back, minutes from now.
        expected_return_minutes: Option<u16>,
    }
}

payload! {
    /// Take a parked patient back.
    Resume {}
}

payload! {
    /// Finish.
    Complete {
        /// Consultation notes. Personal data.
        notes: Option<String>,
        /// Prescription. Personal data.
        prescription: Option<String>,
    }
}

payload! {
    /// Did not come.
    NoShow {
        /// Remark.
        reason: Option<String>,
    }
}

payload! {
    /// Comes back.
    Return {
        /// Which place in the queue; the department's default when absent.
        place: Option<ReturnPlace>,
        /// With [`ReturnPlace::After`]: behind how many patients of the same level, 1 to 20.
        after: Option<u8>,
        /// Remark.
        reason: Option<String>,
    }
}

payload! {
    /// Move to another department.
    Transfer {
        /// The department that takes over.
        department_id: DepartmentId,
        /// Why.
        reason: String,
        /// Which place in the queue there; the target department's default when absent.
        place: Option<TransferPlace>,
        /// The doctor who is to see the patient there.
        assigned_doctor_id: Option<DoctorId>,
    }
}

payload! {
    /// Cancel the visit.
    Cancel {
        /// Why.
        reason: String,
    }
}

payload! {
    /// Leave before care is finished.
    Leave {
        /// Remark.
        reason: Option<String>,
    }
}

payload! {
    /// Assign to a doctor, or to nobody in particular.
    Reassign {
        /// The doctor; absent for the pool.
        doctor_id: Option<DoctorId>,
    }
}

payload! {
    /// Take back the last transition.
    Undo {}
}

payload! {
    /// Erase the person of a finished visit.
    Erase {
        /// On whose request, or by which rule; say nothing about the person.
        reason: Option<String>,
    }
}

payload! {
    /// Expire an unconfirmed scan.
    ExpireScan {}
}

payload! {
    /// Whether a doctor takes patients.
    SetDoctorAvailability {
        /// The doctor.
        doctor_id: DoctorId,
        /// The new status.
        status: DoctorStatus,
        /// Remark.
        reason: Option<String>,
    }
}

payload! {
    /// How a department works.
    DepartmentSettings {
        /// Token code, such as `GM` in `GM-042`; unique in the facility.
        code: String,
        /// Name for people.
        name: String,
        /// Whether it takes patients.
        open: bool,
        /// Level of a patient whom nobody has assessed, 1 to 5.
        default_level: u8,
        /// Minutes within which a patient of level 1 to 5 should be seen.
        target_minutes: [u16; 5],
        /// Where transferred patients join.
        transfer_place: TransferPlace,
        /// Where returning patients join.
        return_place: ReturnPlace,
        /// Announcements needed before a no-show.
        no_show_recalls: u16,
        /// Seconds since the last announcement needed before a no-show.
        no_show_grace_s: u32,
        /// Whether day close leaves this department alone (24-hour departments).
        exempt_from_day_close: bool,
        /// What the department does with the adviser.
        #[serde(default, skip_serializing_if = "TriagePolicy::is_default")]
        triage_policy: TriagePolicy,
    }
}

payload! {
    /// Change a department; the message names it.
    UpdateDepartment {
        /// Version that the client saw.
        expected_version: Option<i64>,
        /// All settings.
        settings: DepartmentSettings,
    }
}

payload! {
    /// What a room is.
    RoomSettings {
        /// Short code that boards and voices use; unique in the department.
        code: String,
        /// Name for people.
        name: String,
        /// Whether patients can be called to it.
        open: bool,
        /// Patients who can be called to it at the same time.
        capacity: u16,
    }
}

payload! {
    /// Change a room.
    UpdateRoom {
        /// The room.
        room_id: RoomId,
        /// Version that the client saw.
        expected_version: Option<i64>,
        /// All settings.
        settings: RoomSettings,
    }
}

payload! {
    /// Sweep what is left of the day.
    CloseDay {
        /// Only report what would be done.
        dry_run: bool,
    }
}
