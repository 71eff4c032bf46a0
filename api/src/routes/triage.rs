//! The adviser, the service that suggests levels: its switch.

use super::Group;
use crate::accept::{Answered, Ask, Conditions, accept};
use crate::auth::Caller;
use crate::door::Body;
use medique_contracts::Command;
use medique_contracts::commands::SwitchAdviser;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;

/// How the adviser is to be.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields, example)]
pub struct AdviserBody {
    /// Whether it is asked from now on, and its answers are taken.
    enabled: bool,
    /// Why; say nothing about a patient.
    #[oai(validator(min_length = 1, max_length = 300))]
    reason: String,
}

impl Example for AdviserBody {
    fn example() -> Self {
        Self {
            enabled: false,
            reason: "suggests too little urgency for chest pain".to_owned(),
        }
    }
}

/// The adviser.
pub struct TriageApi;

#[OpenApi(
    prefix_path = "/api/v1",
    tag = "Group::Triage",
    request_header(
        name = "Idempotency-Key",
        ty = "String",
        description = "1 to 128 visible ASCII characters; a fresh random one per intent, the same one per repetition."
    ),
    request_header(
        name = "Prefer",
        ty = "Option<String>",
        description = "`wait=N`: wait up to N (at most 30) seconds for the outcome itself."
    )
)]
impl TriageApi {
    /// Switch the adviser off or on
    ///
    /// ADMIN of the whole facility. Off means at once: what is under way is refused when it arrives.
    /// Levels that were raised stay until a clinician has decided. MediQue switches it off by itself
    /// when it suggests too little urgency too often.
    #[oai(
        path = "/admin/triage/adviser",
        method = "put",
        operation_id = "switch_adviser"
    )]
    async fn switch_adviser(
        &self,
<<<<<<< HEAD
        conditions: Conditions,
        caller: Caller,
        Body(body): Body<AdviserBody>,
    ) -> Answered {
        let command = Command::SwitchAdviser(SwitchAdviser {
            enabled: body.enabled,
            reason: body.reason,
        });
        accept(conditions, &caller, Ask::in_facility("adviser", command)).await
=======
        Data(app): Data<&Shared>,
        /// Language tag of `text`, such as `es` or `ar`; English without one.
        #[oai(validator(max_length = 35))]
        lang: Query<Option<String>>,
    ) -> Json<QuestionList> {
        Json(list(&app.config.rules, lang.0.as_deref().unwrap_or("en")))
    }
}

fn list(rules: &Rules, wanted: &str) -> QuestionList {
    let primary = wanted.split('-').next().unwrap_or(wanted).to_lowercase();
    let known = rules.languages().contains(&primary);
    let language = if known { primary } else { "en".to_owned() };
    let questions = rules.questions().iter().map(|question| QuestionView {
        id: question.id.clone(),
        text: text_in(&question.text, &language).to_owned(),
        texts: question.text.clone(),
    });
    QuestionList {
        rules_version: rules.version(),
        questions: questions.collect(),
        languages: rules.languages().to_vec(),
        language,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_has_a_text_in_every_language() {
        let rules = Rules::default();
        let spanish = list(&rules, "es-MX");
        assert_eq!(spanish.language, "es");
        assert_eq!(spanish.languages.len(), 4);
        for question in &spanish.questions {
            assert_eq!(question.texts.len(), 4, "{}", question.id);
            assert_eq!(Some(&question.text), question.texts.get("es"));
        }
        assert_eq!(list(&rules, "tlh").language, "en");
>>>>>>> issue4-f
    }
}
