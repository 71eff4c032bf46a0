//! Gemini's `generateContent` with a response schema (REST, `v1beta`).

use super::{Provider, Question, Unusable, below};
use crate::ai::prompt;
use bytes::Bytes;
use medique_contracts::triage_service::{Case, ITEMS_MAX};
use reqwest::Url;
use reqwest::header::HeaderName;
use serde::Deserialize;
use serde_json::{Value, json};

/// Tokens of an answer, thoughts included: many times what the shape needs.
const TOKENS_MAX: u32 = 4096;

#[derive(Debug)]
pub(super) struct Gemini {
    url: Url,
}

impl Gemini {
    pub(super) fn new(base: &Url, model: &str) -> Self {
        Self {
            url: below(base, &format!("/models/{model}:generateContent")),
        }
    }

    fn question(&self, system: &str, data: &str, schema: &Value) -> Question {
        let body = json!({
            "systemInstruction": { "parts": [{ "text": system }] },
            "contents": [{ "role": "user", "parts": [{ "text": data }] }],
            "generationConfig": {
                "temperature": 0,
                "candidateCount": 1,
                "maxOutputTokens": TOKENS_MAX,
                "responseMimeType": "application/json",
                "responseSchema": schema,
            },
        });
        Question::new(&self.url, &body)
    }
}

impl Provider for Gemini {
    fn suggest(&self, case: &Case) -> Question {
        let strings =
            json!({ "type": "ARRAY", "maxItems": ITEMS_MAX, "items": { "type": "STRING" } });
        let schema = json!({
            "type": "OBJECT",
            "properties": {
                "level": { "type": "INTEGER", "minimum": 1, "maximum": 5 },
                "confidence": { "type": "NUMBER", "minimum": 0, "maximum": 1 },
                "reasons": strings,
                "questions": strings,
            },
            "required": ["level", "confidence", "reasons", "questions"],
        });
        self.question(prompt::SUGGEST, &prompt::case(case), &schema)
    }

    fn report(&self, statistics: &Value) -> Question {
        let schema = json!({
            "type": "OBJECT",
            "properties": { "text": { "type": "STRING" } },
            "required": ["text"],
        });
        self.question(prompt::REPORT, &prompt::statistics(statistics), &schema)
    }

    fn unwrap(&self, body: Bytes) -> Result<Bytes, Unusable> {
        let response: Response = serde_json::from_slice(&body).map_err(|_| Unusable::Shape)?;
        if response
            .prompt_feedback
            .is_some_and(|feedback| feedback.block_reason.is_some())
        {
            return Err(Unusable::Declined);
        }
        let candidate = response
            .candidates
            .into_iter()
            .next()
            .ok_or(Unusable::Shape)?;
        match candidate.finish_reason.as_deref() {
            Some("STOP") => {}
            Some("SAFETY" | "RECITATION" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII") => {
                return Err(Unusable::Declined);
            }
            _ => return Err(Unusable::Shape),
        }
        let parts = candidate
            .content
            .map(|content| content.parts)
            .unwrap_or_default();
        let said = parts.into_iter().filter(|part| !part.thought);
        let text: String = said.filter_map(|part| part.text).collect();
        Ok(text.into())
    }

    fn key_header(&self) -> (HeaderName, &'static str) {
        // in the address, where others put it, it would stand in logs
        (HeaderName::from_static("x-goog-api-key"), "")
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    #[serde(default)]
    candidates: Vec<Candidate>,
    prompt_feedback: Option<Feedback>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    block_reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    content: Option<Content>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Content {
    #[serde(default)]
    parts: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    text: Option<String>,
    #[serde(default)]
    thought: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unwrap(response: &Value) -> Result<Bytes, Unusable> {
        let gemini = Gemini::new(&"https://h/v1beta".parse().unwrap(), "gemini-x");
        gemini.unwrap(response.to_string().into())
    }

    #[test]
    fn the_answer_is_what_was_said_and_not_what_was_thought() {
        let parts =
            json!([{ "text": "hm", "thought": true }, { "text": "{\"a\"" }, { "text": ":1}" }]);
        let response = json!({
            "candidates": [{ "content": { "role": "model", "parts": parts }, "finishReason": "STOP", "index": 0 }],
            "usageMetadata": {}, "modelVersion": "gemini-x",
        });
        assert_eq!(unwrap(&response), Ok("{\"a\":1}".into()));
    }

    #[test]
    fn what_is_blocked_or_cut_is_told_apart() {
        for (response, why) in [
            (
                json!({ "promptFeedback": { "blockReason": "SAFETY" } }),
                Unusable::Declined,
            ),
            (
                json!({ "candidates": [{ "finishReason": "SAFETY" }] }),
                Unusable::Declined,
            ),
            (
                json!({ "candidates": [{ "finishReason": "MAX_TOKENS", "content": { "parts": [{ "text": "{" }] } }] }),
                Unusable::Shape,
            ),
            (json!({ "candidates": [] }), Unusable::Shape),
            (json!([]), Unusable::Shape),
        ] {
            assert_eq!(unwrap(&response), Err(why), "{response}");
        }
    }

    #[test]
    fn the_question_names_model_and_schema_and_keeps_data_apart() {
        let gemini = Gemini::new(&"https://h/v1beta".parse().unwrap(), "gemini-x");
        let question = gemini.report(&json!({ "waiting": 3 }));
        assert_eq!(
            question.url.as_str(),
            "https://h/v1beta/models/gemini-x:generateContent"
        );
        let body: Value = serde_json::from_slice(&question.body).unwrap();
        assert_eq!(
            body["generationConfig"]["responseSchema"]["required"][0],
            "text"
        );
        let data = body["contents"][0]["parts"][0]["text"].as_str().unwrap();
        assert!(
            data.starts_with("<statistics>") && data.contains("\"waiting\":3"),
            "{data}"
        );
        let system = body["systemInstruction"]["parts"][0]["text"]
            .as_str()
            .unwrap();
        assert!(!system.contains("waiting\":3"));
    }
}
