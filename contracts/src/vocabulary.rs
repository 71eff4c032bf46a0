//! The words of the field, spelled once. Serialised names are part of the contract.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[macro_export]
#[doc(hidden)]
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word as it stands in messages and in the database.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::vocabulary::UnknownWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($text => Ok(Self::$variant),)+ _ => Err($crate::vocabulary::UnknownWord { kind: stringify!($name) }) }
            }
        }
    };
}

/// A word that is not part of the vocabulary of `kind`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {kind}")]
pub struct UnknownWord {
    /// Name of the vocabulary.
    pub kind: &'static str,
}

words!(
    /// State of a stage (one stop in one department queue); a visit shows the state of its newest stage.
    StageState {
        /// A link was scanned; nothing is known of the patient yet and no token is used.
        Scanned = "SCANNED",
        /// In the queue, effective level 3–5.
        Waiting = "WAITING",
        /// In the queue, effective level 1–2.
        Urgent = "URGENT",
        /// Called to a room.
        Called = "CALLED",
        /// With the doctor.
        InConsultation = "IN_CONSULTATION",
        /// Away for a while (stepped out, X-ray, laboratory); never offered by call-next.
        OnHold = "ON_HOLD",
        /// Final: care finished.
        Completed = "COMPLETED",
        /// Final: called and did not come.
        NoShow = "NO_SHOW",
        /// Final: cancelled with a reason.
        Cancelled = "CANCELLED",
        /// Final: left without being seen, or before completion.
        Left = "LEFT",
        /// Final for this stage: the visit goes on in another department.
        Transferred = "TRANSFERRED",
        /// Final: never confirmed, or swept at day close.
        Expired = "EXPIRED",
    }
);

impl StageState {
    /// Neither final nor moved on: the visit is still somebody's to look after here.
    pub const fn is_live(self) -> bool {
        matches!(
            self,
            Self::Scanned
                | Self::Waiting
                | Self::Urgent
                | Self::Called
                | Self::InConsultation
                | Self::OnHold
        )
    }

    /// In the queue: may be called.
    pub const fn is_waiting(self) -> bool {
        matches!(self, Self::Waiting | Self::Urgent)
    }

    /// Occupies a doctor and a room.
    pub const fn is_with_doctor(self) -> bool {
        matches!(self, Self::Called | Self::InConsultation)
    }
}

words!(
    /// What somebody who signs in may be.
    Role {
        /// Runs the facility.
        Admin = "ADMIN",
        /// Checks patients in and moves them.
        Reception = "RECEPTION",
        /// Records vital signs and sets acuity.
        Nurse = "NURSE",
        /// Calls, sees and finishes patients.
        Doctor = "DOCTOR",
        /// A board in a waiting room.
        Display = "DISPLAY",
        /// The patient of one visit.
        Patient = "PATIENT",
    }
);

words!(
    /// Whether a doctor takes patients.
    DoctorStatus {
        /// Takes patients.
        Available = "AVAILABLE",
        /// On a break.
        Paused = "PAUSED",
        /// Off shift.
        Offline = "OFFLINE",
    }
);

words!(
    /// Sex as recorded by the facility.
    Sex {
        /// Female.
        Female = "FEMALE",
        /// Male.
        Male = "MALE",
        /// Neither female nor male.
        Other = "OTHER",
        /// Not known or not stated.
        Unknown = "UNKNOWN",
    }
);

words!(
    /// How the patient came.
    ArrivalMode {
        /// On foot or by own means.
        WalkIn = "WALK_IN",
        /// By ambulance.
        Ambulance = "AMBULANCE",
        /// By helicopter.
        Helicopter = "HELICOPTER",
        /// Brought by police.
        Police = "POLICE",
        /// Sent by another institution.
        Referral = "REFERRAL",
        /// Any other way.
        Other = "OTHER",
    }
);

words!(
    /// Level of consciousness on the ACVPU scale of NEWS2.
    Consciousness {
        /// Alert.
        Alert = "ALERT",
        /// New confusion.
        Confusion = "CONFUSION",
        /// Responds to voice.
        Voice = "VOICE",
        /// Responds to pain.
        Pain = "PAIN",
        /// Unresponsive.
        Unresponsive = "UNRESPONSIVE",
    }
);

words!(
    /// The vital signs by name.
    VitalSign {
        /// Breaths per minute.
        RespiratoryRate = "RESPIRATORY_RATE",
        /// Peripheral oxygen saturation.
        OxygenSaturation = "OXYGEN_SATURATION",
        /// Air or supplemental oxygen.
        OnOxygen = "ON_OXYGEN",
        /// Systolic blood pressure.
        SystolicBp = "SYSTOLIC_BP",
        /// Diastolic blood pressure.
        DiastolicBp = "DIASTOLIC_BP",
        /// Heart rate.
        HeartRate = "HEART_RATE",
        /// Body temperature.
        Temperature = "TEMPERATURE",
        /// Level of consciousness.
        Consciousness = "CONSCIOUSNESS",
        /// Pain score.
        Pain = "PAIN",
        /// Blood glucose.
        Glucose = "GLUCOSE",
        /// Capillary refill time.
        CapillaryRefill = "CAPILLARY_REFILL",
    }
);

words!(
    /// Where a transferred patient joins the queue of the new department.
    TransferPlace {
        /// Before everybody of the department except level 1.
        Front = "FRONT",
        /// By the original time of arrival.
        ByArrival = "BY_ARRIVAL",
        /// Behind everybody of the same level.
        Back = "BACK",
    }
);

words!(
    /// Where a patient who comes back joins the queue.
    ReturnPlace {
        /// The place that the patient had.
        Original = "ORIGINAL",
        /// After the next `after` patients of the same level.
        After = "AFTER",
        /// Behind everybody of the same level.
        Back = "BACK",
    }
);

words!(
    /// What a department does with the adviser, the service that suggests levels.
    TriagePolicy {
        /// Nothing is asked.
        Off = "off",
        /// A suggestion is shown to clinicians and does nothing by itself.
        Suggest = "suggest",
        /// A suggestion raises the urgency until a clinician has decided; it never lowers it.
        RaiseOnly = "raise_only",
    }
);

impl Default for TriagePolicy {
    /// Of departments whose settings say nothing, among them those of older builds.
    fn default() -> Self {
        Self::Suggest
    }
}

impl TriagePolicy {
    /// Whether it is what settings that say nothing mean.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

words!(
    /// Whose word the effective level of a visit is.
    TriageSource {
        /// A nurse's or doctor's.
        Clinician = "clinician",
        /// Of somebody at the desk, who may raise urgency only.
        Staff = "staff",
        /// Of the adviser, which raised it; no clinician has decided yet.
        Adviser = "adviser",
        /// Of the safety floor and the department's default.
        Rules = "rules",
    }
);

words!(
    /// Why there is no suggestion.
    AdviceFailure {
        /// An attempt took longer than it may.
        Timeout = "timeout",
        /// The time for all attempts was over.
        Deadline = "deadline",
        /// No connection, or it broke.
        Connect = "connect",
        /// The service answered with a status other than success.
        HttpStatus = "http_status",
        /// The service said that it is asked too often.
        RateLimited = "rate_limited",
        /// The answer is not of the closed schema.
        InvalidAnswer = "invalid_answer",
        /// The answer is longer than it may be.
        Oversized = "oversized",
        /// The service failed so often that it is left alone for a while.
        BreakerOpen = "breaker_open",
        /// Too many attempts were repetitions already.
        BudgetExhausted = "budget_exhausted",
        /// The service declined to answer.
        Refused = "refused",
    }
);
