//! How a visit came by its level: what the adviser says, marked as such, and who decided what when.

use crate::read::fields::Part;
use crate::read::time::Instant;
use crate::read::visits::record::{Record, Step};
use crate::schema::Word;
use medique_contracts::EventType;
use medique_contracts::vocabulary::{AdviceFailure, TriageSource};
use medique_domain::advice::{self, Advice};
use medique_domain::model::ClinicianLevel;
use poem_openapi::Object;

/// What stands beside whatever a machine wrote.
const NOTICE: &str = "Written by an AI service. It is a suggestion, no decision, and nobody has \
                      checked it. Set your own level first.";

/// How the visit came by its level.
#[derive(Debug, Default, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct TriagePart {
    /// Whose word the effective level is: `clinician`, `staff` (somebody at the desk raised it),
    /// `adviser` (the AI service raised it) or `rules` (safety floor and default); for staff.
    pub triage_source: Option<Word<TriageSource>>,
    /// Whether a clinician should look: the adviser failed, or suggests more urgency than the visit
    /// has, and no clinician has set a level since; for staff.
    pub needs_review: Option<bool>,
    /// What the adviser says; for nurses and doctors, never for anybody else.
    pub suggestion: Option<SuggestionPart>,
    /// Who decided what when, oldest first; for nurses and doctors.
    pub decisions: Option<Vec<DecisionPart>>,
}

/// What the adviser says of the visit. Text in it was written by a machine.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct SuggestionPart {
    /// Always `ai`.
    pub source: String,
    /// A sentence to be shown beside the suggestion.
    pub notice: String,
    /// Which kind of service.
    pub provider: String,
    /// The model.
    pub model: String,
    /// Version of the text that the patient's data was sent with.
    pub prompt_version: u32,
    /// When it was recorded.
    pub at: Instant,
    /// Version of the visit whose findings the adviser saw.
    pub based_on: i64,
    /// Whether the findings have changed since.
    pub outdated: bool,
    /// Whether no clinician has set a level since it was recorded. A suggestion that is seen before
    /// the own assessment pulls it along: show it folded away, or after the own level.
    pub shown_before_own_level: bool,
    /// Suggested level, 1 (worst) to 5; absent when the adviser failed.
    pub level: Option<u8>,
    /// How sure the adviser says it is, 0 to 1.
    pub confidence: Option<f64>,
    /// Why, in the adviser's words, at most three.
    pub reasons: Option<Vec<String>>,
    /// What it would ask the patient, at most three.
    pub questions: Option<Vec<String>>,
    /// Why there is no suggestion.
    pub failure: Option<Word<AdviceFailure>>,
}

/// A step on the way of the visit to its level.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct DecisionPart {
    /// When.
    pub at: Instant,
    /// Version of the visit that it made.
    pub version: i64,
    /// `checked_in`, `vitals_recorded`, `level_set`, `suggested`, `suggestion_failed` or `undone`.
    pub what: String,
    /// `rules` (the floor was computed), `ai`, `clinician`, or `staff` (somebody at the desk, or
    /// whoever took a step back).
    pub decided_by: String,
    /// Who: the account, the visit's own patient, or the part of MediQue.
    pub actor: String,
    /// The model, of a suggestion.
    pub model: Option<String>,
    /// The level that was set or suggested.
    pub level: Option<u8>,
    /// Effective level before.
    pub effective_before: Option<u8>,
    /// Effective level afterwards.
    pub effective: u8,
    /// Whether the level stands above the safety floor on purpose.
    pub overrides_floor: Option<bool>,
    /// Whether it was taken back afterwards.
    pub taken_back: Option<bool>,
    /// The reason that was given.
    pub reason: Option<String>,
    /// Why there was no suggestion.
    pub failure: Option<String>,
}

pub(super) fn part(record: &Record, shown: &impl Fn(Part) -> bool) -> TriagePart {
    let mut part = TriagePart::default();
    let clinician = record.clinician.as_ref();
    let level = record.place.snapshot.level;
    if shown(Part::Work) {
        let source = advice::source(level, record.floor.level, clinician, record.raised);
        part.triage_source = Some(Word(source));
        let needs_review = advice::needs_review(level, clinician, record.advice.as_ref());
        part.needs_review = Some(needs_review);
    }
    if shown(Part::Findings) {
        part.suggestion = (record.advice.as_ref())
            .map(|advice| suggestion(advice, clinician, record.findings_version));
        let steps = record.history.iter().filter(|step| bears_on_level(step));
        part.decisions = Some(steps.map(decision).collect());
    }
    part
}

fn suggestion(
    advice: &Advice,
    clinician: Option<&ClinicianLevel>,
    findings_version: i64,
) -> SuggestionPart {
    let suggestion = advice.suggestion();
    let assessed = clinician.and_then(ClinicianLevel::assessed_version);
    SuggestionPart {
        source: "ai".to_owned(),
        notice: NOTICE.to_owned(),
        provider: advice.source.provider.clone(),
        model: advice.source.model.clone(),
        prompt_version: advice.source.prompt_version,
        at: advice.at.into(),
        based_on: advice.based_on,
        outdated: advice.based_on != findings_version,
        shown_before_own_level: assessed.is_none_or(|version| version < advice.version),
        level: suggestion.map(|suggestion| suggestion.level),
        confidence: suggestion.map(|suggestion| suggestion.confidence),
        reasons: suggestion.map(|suggestion| suggestion.reasons.clone()),
        questions: suggestion.map(|suggestion| suggestion.questions.clone()),
        failure: advice.failure().map(Word),
    }
}

/// Of what was taken back only that which changed the level is told.
fn bears_on_level(step: &Step) -> bool {
    step.event != EventType::VisitUndone || step.level_before.is_some_and(|b| b != step.level)
}

fn decision(step: &Step) -> DecisionPart {
    let (what, decided_by) = match step.event {
        EventType::VisitCheckedIn => ("checked_in", "rules"),
        EventType::VisitVitalsRecorded => ("vitals_recorded", "rules"),
        EventType::VisitTriageAdvised if step.failure.is_some() => ("suggestion_failed", "ai"),
        EventType::VisitTriageAdvised => ("suggested", "ai"),
        EventType::VisitUndone => ("undone", "staff"),
        _ if step.by_desk => ("level_set", "staff"),
        _ => ("level_set", "clinician"),
    };
    let by_person = what == "level_set";
    DecisionPart {
        at: step.at.into(),
        version: step.version,
        what: what.to_owned(),
        decided_by: decided_by.to_owned(),
        actor: step.actor.clone(),
        model: step.model.clone(),
        level: step.set_level.or(step.suggested_level),
        effective_before: step.level_before,
        effective: step.level,
        overrides_floor: by_person.then_some(step.overrides_floor),
        taken_back: by_person.then_some(step.taken_back),
        reason: step.reason.clone().filter(|_| by_person),
        failure: step.failure.clone(),
    }
}
