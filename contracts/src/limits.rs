//! Bounds on what a message may carry. The API checks them first; the worker checks them again,
//! because anything may be put into a stream.

/// Longest patient name, characters.
pub const NAME_CHARS_MAX: usize = 120;
/// Longest presenting complaint, characters.
pub const COMPLAINT_CHARS_MAX: usize = 500;
/// Most symptoms in one intake.
pub const SYMPTOMS_MAX: usize = 20;
/// Longest single symptom, characters.
pub const SYMPTOM_CHARS_MAX: usize = 80;
/// Most answers to structured questions in one intake.
pub const ANSWERS_MAX: usize = 60;
/// Longest id of a structured question, characters.
pub const QUESTION_CHARS_MAX: usize = 60;
/// Highest diastolic pressure that is believed, mmHg.
pub const DIASTOLIC_BP_MAX: u16 = 250;
/// Highest blood glucose that is believed, mmol/L.
pub const GLUCOSE_MMOL_L_MAX: f64 = 100.0;
/// Longest capillary refill time that is believed, seconds.
pub const CAPILLARY_REFILL_S_MAX: f64 = 30.0;
/// Longest reason of a transition, characters.
pub const REASON_CHARS_MAX: usize = 300;
/// Longest consultation notes or prescription, characters.
pub const NOTES_CHARS_MAX: usize = 4000;
/// Longest phone number, characters.
pub const PHONE_CHARS_MAX: usize = 32;
/// Longest name of a department or room, characters.
pub const LABEL_CHARS_MAX: usize = 80;
/// Longest token code of a department (`GM` in `GM-042`), characters.
pub const CODE_CHARS_MAX: usize = 6;
/// Oldest age accepted, years.
pub const AGE_YEARS_MAX: u16 = 130;
/// Largest HTTP request body, bytes.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// Largest message in the COMMANDS stream, bytes: a body of the largest size plus its envelope.
pub const COMMAND_BYTES_MAX: usize = 96 * 1024;
/// Longest idempotency key, visible ASCII characters.
pub const IDEMPOTENCY_KEY_CHARS_MAX: usize = 128;
/// Most reasons, and most questions, in one suggestion of the adviser.
pub const ADVICE_TEXTS_MAX: usize = 3;
/// Longest reason or question of the adviser, characters.
pub const ADVICE_TEXT_CHARS_MAX: usize = 200;
/// Longest name of a provider or model of the adviser, characters.
pub const ADVICE_MODEL_CHARS_MAX: usize = 120;
