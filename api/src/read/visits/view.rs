//! A visit as each role sees it: the table [`VISIT`] says which parts.

mod clinical;
mod triage;

use clinical::ClinicalPart;
pub use triage::TriagePart;

use super::record::{NoteRecord, Record};
use crate::read::fields::{Part, VISIT, sees};
use crate::read::time::Instant;
use crate::schema::Word;
use chrono::NaiveDate;
use medique_contracts::commands::{Answer, Patient};
use medique_contracts::vocabulary::{ArrivalMode, Role, Sex, StageState};
use medique_domain::triage::Rules;
use poem_openapi::Object;
use uuid::Uuid;

/// A visit. Fields that the role of the caller may not see are absent.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct VisitView {
    /// The visit.
    pub visit_id: Uuid,
    /// Grows by one with each change; send it as `expected_version`.
    pub version: i64,
    /// Token such as `GM-042`; absent before the intake.
    pub token: Option<String>,
    /// State of the newest stage.
    pub state: Word<StageState>,
    /// Ordinal of the newest stage, from 1.
    pub stage: i16,
    /// Where.
    pub department_id: Uuid,
    /// Facility-local day of the arrival.
    pub service_day: NaiveDate,
    /// Arrival at the facility.
    pub arrived_at: Instant,
    /// Instant from which waiting counts.
    pub queued_since: Instant,
    /// First announcement in this stage.
    pub called_at: Option<Instant>,
    /// Last announcement in this stage.
    pub last_called_at: Option<Instant>,
    /// Announcements after the first.
    pub recall_count: u16,
    /// Start of the consultation in this stage.
    pub started_at: Option<Instant>,
    /// End of this stage.
    pub ended_at: Option<Instant>,
    /// Room that the patient was called to.
    pub room_id: Option<Uuid>,
    /// Code of that room.
    pub room: Option<String>,
    /// For staff.
    #[oai(flatten)]
    pub staff: StaffPart,
    /// For nurses and doctors.
    #[oai(flatten)]
    pub clinical: ClinicalPart,
    /// How the visit came by its level.
    #[oai(flatten)]
    pub triage: TriagePart,
    /// What doctors wrote, oldest first; for doctors.
    pub notes: Option<Vec<Note>>,
}

/// What staff see.
#[derive(Debug, Default, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct StaffPart {
    /// Effective level, 1 (worst) to 5.
    pub level: Option<u8>,
    /// Whether the patient stands before everybody but level 1.
    pub front: Option<bool>,
    /// Doctor whose patient it is.
    pub assigned_doctor_id: Option<Uuid>,
    /// Doctor who called or sees the patient.
    pub doctor_id: Option<Uuid>,
    /// Whether the stage was ended by a sweep, so that its times say nothing.
    pub inaccurate: Option<bool>,
    /// Present, and true, when the person was erased: what identifies the patient is gone.
    pub erased: Option<bool>,
    /// Who.
    pub patient: Option<PatientPart>,
    /// Presenting complaint.
    pub complaint: Option<String>,
    /// Further symptoms.
    pub symptoms: Option<Vec<String>>,
    /// Answers to structured questions.
    pub answers: Option<Vec<AnswerPart>>,
    /// How the patient came.
    pub arrival_mode: Option<Word<ArrivalMode>>,
    /// Why and until when the patient is away.
    pub hold: Option<HoldPart>,
}

/// Who the patient is.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct PatientPart {
    /// Full name.
    pub name: String,
    /// Age in completed years, as told.
    pub age_years: Option<u16>,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// Sex as recorded.
    pub sex: Option<Word<Sex>>,
    /// Phone number.
    pub phone: Option<String>,
    /// BCP 47 language tag.
    pub language: Option<String>,
}

/// The answer to a structured question.
#[derive(Debug, Object)]
pub struct AnswerPart {
    /// Id of the question.
    pub question: String,
    /// Yes or no.
    pub yes: bool,
}

/// Why and until when a patient is away.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct HoldPart {
    /// Why.
    pub reason: String,
    /// When the patient is expected back.
    pub expected_back_at: Option<Instant>,
    /// State to go back to.
    pub resume_to: Word<StageState>,
}

/// What a doctor wrote.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct Note {
    /// Version of the visit that it made.
    pub version: i64,
    /// Who wrote it.
    pub written_by: String,
    /// When.
    pub written_at: Instant,
    /// Consultation notes.
    pub notes: Option<String>,
    /// Prescription.
    pub prescription: Option<String>,
}

/// A visit as `role` sees it.
pub(in crate::read) fn of(record: Record, role: Role, rules: &Rules) -> VisitView {
    let shown = |part| sees(VISIT, part, role);
    let clinical = if shown(Part::Findings) {
        clinical::part(&record, rules)
    } else {
        ClinicalPart::default()
    };
    let staff = staff_part(&record, &shown);
    let triage = triage::part(&record, &shown);
    let notes = record.notes.into_iter().map(note);
    let notes = shown(Part::Notes).then(|| notes.collect());
    let visit = &record.place.snapshot;
    let shows_room = shown(Part::Work) || visit.state.is_with_doctor();
    VisitView {
        visit_id: visit.visit_id.0,
        version: visit.version,
        token: visit.token.clone(),
        state: Word(visit.state),
        stage: visit.stage,
        department_id: visit.department_id.0,
        service_day: visit.service_day,
        arrived_at: visit.arrived_at.into(),
        queued_since: visit.queued_since.into(),
        called_at: visit.called_at.map(Instant),
        last_called_at: record.last_called_at.map(Instant),
        recall_count: visit.recall_count,
        started_at: visit.started_at.map(Instant),
        ended_at: visit.ended_at.map(Instant),
        room_id: visit.room_id.filter(|_| shows_room).map(|id| id.0),
        room: record.place.room.clone().filter(|_| shows_room),
        staff,
        clinical,
        triage,
        notes,
    }
}

fn staff_part(record: &Record, shown: &impl Fn(Part) -> bool) -> StaffPart {
    let visit = &record.place.snapshot;
    let mut part = StaffPart::default();
    if shown(Part::Work) {
        part.level = Some(visit.level);
        part.front = Some(visit.front);
        part.assigned_doctor_id = visit.assigned_doctor_id.map(|id| id.0);
        part.doctor_id = visit.doctor_id.map(|id| id.0);
        part.inaccurate = Some(visit.inaccurate);
        part.erased = record.erased.then_some(true);
    }
    if shown(Part::Reason) {
        part.hold = record.hold.as_ref().map(|hold| HoldPart {
            reason: hold.reason.clone(),
            expected_back_at: hold.expected_back_at.map(Instant),
            resume_to: Word(hold.resume_to),
        });
    }
    let Some(intake) = &record.intake else {
        return part;
    };
    if shown(Part::Reason) {
        part.complaint = Some(intake.complaint.clone());
        part.symptoms = Some(intake.symptoms.clone());
        let answer = |answer: &Answer| AnswerPart {
            question: answer.question.clone(),
            yes: answer.yes,
        };
        part.answers = Some(intake.answers.iter().map(answer).collect());
        part.arrival_mode = intake.arrival_mode.map(Word);
    }
    if shown(Part::Person) {
        part.patient = Some(patient_part(&intake.patient));
    }
    part
}

fn patient_part(patient: &Patient) -> PatientPart {
    PatientPart {
        name: patient.name.clone(),
        age_years: patient.age_years,
        birth_date: patient.birth_date,
        sex: patient.sex.map(Word),
        phone: patient.phone.clone(),
        language: patient.language.clone(),
    }
}

fn note(record: NoteRecord) -> Note {
    Note {
        version: record.version,
        written_by: record.written_by,
        written_at: record.written_at.into(),
        notes: record.notes,
        prescription: record.prescription,
    }
}

#[cfg(test)]
mod tests;
