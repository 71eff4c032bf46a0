//! What kiosks and phones ask before a check-in.

use super::Group;
use crate::app::Shared;
use crate::problem::Problem;
use medique_domain::triage::{Rules, text_in};
use poem::web::Data;
use poem_openapi::param::Query;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};
use std::collections::BTreeMap;

/// The structured questions of the triage rules.
#[derive(Debug, Object)]
pub struct QuestionList {
    /// Version of the rules that the questions belong to.
    pub rules_version: u32,
    /// Language of `text`: the one that was asked for, or the nearest that there is.
    pub language: String,
    /// Languages that there are texts in, English first.
    pub languages: Vec<String>,
    /// The questions, in the order in which they are best asked.
    pub questions: Vec<QuestionView>,
}

/// A question that is answered with yes or no.
#[derive(Debug, Object)]
pub struct QuestionView {
    /// Name of the question, for `answers` of a check-in.
    pub id: String,
    /// The question in the language of the list.
    pub text: String,
    /// The question by language.
    pub texts: BTreeMap<String, String>,
}

/// What to ask.
pub struct QuestionsApi;

#[OpenApi(prefix_path = "/api/v1", tag = "Group::CheckIn")]
impl QuestionsApi {
    /// The structured questions for a check-in
    ///
    /// Open to anybody: they are the same for everyone, and say nothing about anyone. Send what was
    /// answered as `answers`: a yes always counts, a no silences what the complaint says about the
    /// same thing, and nothing that was measured.
    #[oai(
        path = "/triage/questions",
        method = "get",
        operation_id = "triage_questions"
    )]
    async fn questions(
        &self,
        Data(app): Data<&Shared>,
        /// Language tag of `text`, such as `es` or `ar`; English without one.
        #[oai(validator(max_length = 35))]
        lang: Query<Option<String>>,
    ) -> Result<Json<QuestionList>, Problem> {
        let wanted = lang.0.as_deref().unwrap_or("en");
        Ok(Json(list(&app.config.rules, wanted)))
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
    use std::collections::BTreeSet;

    #[test]
    fn every_question_has_a_text_in_every_language() {
        let rules = Rules::default();
        let spanish = list(&rules, "es-MX");
        assert_eq!(spanish.language, "es");
        let languages: BTreeSet<_> = spanish.languages.iter().map(String::as_str).collect();
        assert_eq!(languages, ["ar", "en", "es", "fr", "hi"].into());
        for question in &spanish.questions {
            let texts = question.texts.keys().map(String::as_str).collect();
            assert_eq!(languages, texts, "{}", question.id);
            assert_eq!(Some(&question.text), question.texts.get("es"));
        }
        assert_eq!(list(&rules, "tlh").language, "en");
    }
}
