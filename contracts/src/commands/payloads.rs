//! The payload of each command. Unknown fields are ignored, so that a newer API may talk to an
//! older worker during a roll-out; bounds are in [`crate::limits`] and checked by `domain`.

use crate::ids::{DepartmentId, DoctorId, LinkId, RoomId};
use crate::vocabulary::{
    AdviceFailure, ArrivalMode, Consciousness, DoctorStatus, ReturnPlace, Sex, TransferPlace,
    TriagePolicy, VitalSign,
};
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
    /// One set of vital signs. A sign that was not measured is absent, never zero.
    #[derive(Default)]
    Vitals {
        /// Breaths per minute.
        respiratory_rate: Option<u16>,
        /// Peripheral oxygen saturation, percent.
        oxygen_saturation: Option<u16>,
        /// Whether the patient breathes supplemental oxygen.
        on_oxygen: Option<bool>,
        /// Systolic blood pressure, mmHg.
        systolic_bp: Option<u16>,
        /// Heart rate, beats per minute.
        heart_rate: Option<u16>,
        /// Body temperature, degrees Celsius.
        temperature_c: Option<f64>,
        /// Level of consciousness.
        consciousness: Option<Consciousness>,
        /// Pain, 0 to 10.
        pain: Option<u8>,
        /// Diastolic blood pressure, mmHg.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        diastolic_bp: Option<u16>,
        /// Whether NEWS2 reads the saturation on scale 2: hypercapnic respiratory failure, confirmed
        /// by a clinician, with a target of 88 to 92 %.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        oxygen_scale_2: Option<bool>,
        /// Blood glucose, mmol/L.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        glucose_mmol_l: Option<f64>,
        /// Capillary refill time, seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        capillary_refill_s: Option<f64>,
        /// Signs that somebody tried to measure and could not. A finding of its own.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        unmeasurable: Vec<VitalSign>,
    }
}

payload! {
    /// The answer to one of the structured questions of the triage rules.
    Answer {
        /// Id of the question, such as `chest_pain`.
        question: String,
        /// Yes or no; a question that was not answered has no entry.
        yes: bool,
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
    /// New vital signs.
    RecordVitals {
        /// What was measured.
        vitals: Vitals,
    }
}

payload! {
    /// A clinician's acuity level.
    SetAcuity {
        /// 1 (worst) to 5.
        level: u8,
        /// Why.
        reason: String,
        /// Set a level less urgent than the safety floor, on the clinician's responsibility.
        override_floor: bool,
    }
}

payload! {
    /// Where an advice comes from.
    AdviceSource {
        /// Which kind of service: `generic`, `gemini`, `openai`.
        provider: String,
        /// The model, as the provider names it.
        model: String,
        /// Version of the text that the patient's data was sent with.
        prompt_version: u32,
        /// SHA-256 of what was sent, 64 lower-case hexadecimal digits.
        input_hash: String,
        /// How long all attempts took together, milliseconds.
        latency_ms: u32,
        /// Attempts made, from 1; 0 when none was, because the breaker was open.
        attempts: u16,
    }
}

payload! {
    /// What the adviser suggests. The texts are about a person: they never leave commands and
    /// Postgres.
    Suggestion {
        /// 1 (worst) to 5.
        level: u8,
        /// How sure the adviser says it is, 0 to 1.
        confidence: f64,
        /// Why, at most three.
        reasons: Vec<String>,
        /// What to ask the patient, at most three.
        questions: Vec<String>,
    }
}

/// What came of asking the adviser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum AdviceResult {
    /// It answered in the closed schema.
    Suggested(Suggestion),
    /// It gave no usable answer in time.
    Failed {
        /// Why.
        kind: AdviceFailure,
    },
}

payload! {
    /// The adviser's suggestion for a visit, or that there is none.
    RecordAdvice {
        /// Version of the visit at which the findings that were sent had last changed.
        based_on: i64,
        /// Where it comes from.
        source: AdviceSource,
        /// What it says.
        result: AdviceResult,
    }
}

payload! {
    /// Switch the adviser off, or on again, for the whole facility.
    SwitchAdviser {
        /// Whether it is asked from now on, and its answers are taken.
        enabled: bool,
        /// Why; say nothing about a patient.
        reason: String,
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
