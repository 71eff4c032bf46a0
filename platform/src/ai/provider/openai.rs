//! OpenAI-compatible chat completions with a strict JSON schema, as local servers offer them too
//! (llama.cpp, vLLM, Ollama). Only what all of them know is sent: no sampling parameters, and in the
//! schema no keyword that some refuse; bounds are said in words and checked by us.

use super::{Provider, Question, Unusable, below};
use crate::ai::prompt;
use bytes::Bytes;
use medique_contracts::triage_service::Case;
use reqwest::Url;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug)]
pub(super) struct OpenAi {
    url: Url,
    model: String,
}

impl OpenAi {
    pub(super) fn new(base: &Url, model: &str) -> Self {
        Self {
            url: below(base, "/chat/completions"),
            model: model.to_owned(),
        }
    }

    fn question(&self, system: &str, data: &str, name: &str, schema: &Value) -> Question {
        let body = json!({
            "model": self.model,
            "stream": false,
            "messages": [
                { "role": "system", "content": system },
                { "role": "user", "content": data },
            ],
            "response_format": {
                "type": "json_schema",
                "json_schema": { "name": name, "strict": true, "schema": schema },
            },
        });
        Question::new(&self.url, &body)
    }
}

impl Provider for OpenAi {
    fn suggest(&self, case: &Case) -> Question {
        let strings = |about: &str| json!({ "type": "array", "description": about, "items": { "type": "string" } });
        let schema = json!({
            "type": "object",
            "properties": {
                "level": { "type": "integer", "enum": [1, 2, 3, 4, 5], "description": "1 is the most urgent" },
                "confidence": { "type": "number", "description": "0 to 1" },
                "reasons": strings("at most 3, each at most 200 characters"),
                "questions": strings("at most 3, each at most 200 characters"),
            },
            "required": ["level", "confidence", "reasons", "questions"],
            "additionalProperties": false,
        });
        let data = prompt::case(case);
        self.question(prompt::SUGGEST, &data, "triage_suggestion", &schema)
    }

    fn report(&self, statistics: &Value) -> Question {
        let schema = json!({
            "type": "object",
            "properties": { "text": { "type": "string" } },
            "required": ["text"],
            "additionalProperties": false,
        });
        let data = prompt::statistics(statistics);
        self.question(prompt::REPORT, &data, "operations_report", &schema)
    }

    fn unwrap(&self, body: Bytes) -> Result<Bytes, Unusable> {
        let response: Response = serde_json::from_slice(&body).map_err(|_| Unusable::Shape)?;
        let choice = response.choices.into_iter().next().ok_or(Unusable::Shape)?;
        if choice.message.refusal.is_some() {
            return Err(Unusable::Declined);
        }
        match choice.finish_reason.as_deref() {
            // not every local server says why it ended
            None | Some("stop") => {}
            Some("content_filter") => return Err(Unusable::Declined),
            Some(_) => return Err(Unusable::Shape),
        }
        choice
            .message
            .content
            .map(Bytes::from)
            .ok_or(Unusable::Shape)
    }
}

#[derive(Deserialize)]
struct Response {
    #[serde(default)]
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    content: Option<String>,
    refusal: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn openai() -> OpenAi {
        OpenAi::new(&"http://127.0.0.1:8080/v1".parse().unwrap(), "local")
    }

    fn unwrap(choice: &Value) -> Result<Bytes, Unusable> {
        let response = json!({ "id": "1", "object": "chat.completion", "choices": [choice] });
        openai().unwrap(response.to_string().into())
    }

    #[test]
    fn the_content_of_the_message_is_the_answer() {
        let said = json!({ "role": "assistant", "content": "{}" });
        for reason in [json!("stop"), json!(null)] {
            let choice = json!({ "index": 0, "message": said, "finish_reason": reason });
            assert_eq!(unwrap(&choice), Ok("{}".into()));
        }
    }

    #[test]
    fn what_is_refused_or_cut_is_told_apart() {
        let of = |content: Value, refusal: Value, reason: &str| {
            unwrap(
                &json!({ "message": { "content": content, "refusal": refusal }, "finish_reason": reason }),
            )
        };
        assert_eq!(
            of(json!(null), json!("no"), "stop"),
            Err(Unusable::Declined)
        );
        assert_eq!(of(json!("{"), json!(null), "length"), Err(Unusable::Shape));
        assert_eq!(
            of(json!("{}"), json!(null), "content_filter"),
            Err(Unusable::Declined)
        );
        assert_eq!(
            of(json!(null), json!(null), "tool_calls"),
            Err(Unusable::Shape)
        );
        assert_eq!(openai().unwrap("{}".into()), Err(Unusable::Shape));
    }

    #[test]
    fn the_schema_is_closed_and_strict() {
        let question = openai().report(&json!({}));
        assert_eq!(
            question.url.as_str(),
            "http://127.0.0.1:8080/v1/chat/completions"
        );
        let body: Value = serde_json::from_slice(&question.body).unwrap();
        let format = &body["response_format"]["json_schema"];
        assert_eq!(
            (&format["strict"], &format["schema"]["additionalProperties"]),
            (&json!(true), &json!(false))
        );
    }
}
