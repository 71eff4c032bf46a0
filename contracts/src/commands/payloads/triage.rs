//! Findings, levels, and what the adviser says.

use crate::vocabulary::{AdviceFailure, Consciousness, VitalSign};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
