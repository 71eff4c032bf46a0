//! The three protocols: what was asked, and how the answer is wrapped.

use crate::judge;
use medique_contracts::triage_service::{Case, REPORT_PATH, SUGGEST_PATH};
use serde_json::{Value, json};

/// How an answer is wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Generic,
    Gemini,
    OpenAi,
}

/// What was asked.
#[derive(Debug, PartialEq)]
pub(crate) enum Question {
    Suggest(Box<Case>),
    Report(Value),
}

impl Protocol {
    /// By the path of a request; none for one that asks nothing.
    pub(crate) fn of(path: &str) -> Option<Self> {
        if path.ends_with(SUGGEST_PATH) || path.ends_with(REPORT_PATH) {
            Some(Self::Generic)
        } else if path.ends_with(":generateContent") {
            Some(Self::Gemini)
        } else if path.ends_with("/chat/completions") {
            Some(Self::OpenAi)
        } else {
            None
        }
    }

    /// Reads a question; none when it is not one.
    pub(crate) fn read(self, body: &str) -> Option<Question> {
        let body: Value = serde_json::from_str(body).ok()?;
        let data = match self {
            Self::Generic => {
                return match (body.get("case"), body.get("statistics")) {
                    (Some(case), None) => {
                        let case = serde_json::from_value(case.clone()).ok()?;
                        Some(Question::Suggest(Box::new(case)))
                    }
                    (None, Some(statistics)) => Some(Question::Report(statistics.clone())),
                    _ => None,
                };
            }
            Self::Gemini => body.pointer("/contents/0/parts/0/text")?.as_str()?,
            Self::OpenAi => body.pointer("/messages/1/content")?.as_str()?,
        };
        if let Some(case) = inside(data, "case") {
            let case = serde_json::from_str(case).ok()?;
            return Some(Question::Suggest(Box::new(case)));
        }
        let statistics = serde_json::from_str(inside(data, "statistics")?).ok()?;
        Some(Question::Report(statistics))
    }

    /// The body of a response that gives `answer`.
    pub(crate) fn wrap(self, answer: &Value) -> String {
        let text = answer.to_string();
        let body = match self {
            Self::Generic => return text,
            Self::Gemini => json!({
                "candidates": [{
                    "content": { "role": "model", "parts": [{ "text": text }] },
                    "finishReason": "STOP",
                    "index": 0,
                }],
                "usageMetadata": { "promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2 },
                "modelVersion": "stand-in",
            }),
            Self::OpenAi => json!({
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "created": 0,
                "model": "stand-in",
                "choices": [{
                    "index": 0,
                    "message": { "role": "assistant", "content": text, "refusal": null },
                    "finish_reason": "stop",
                }],
                "usage": { "prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2 },
            }),
        };
        body.to_string()
    }
}

impl Question {
    /// What a service that behaves says.
    pub(crate) fn answer(&self) -> Value {
        match self {
            Self::Suggest(case) => json!(judge::suggest(case)),
            Self::Report(statistics) => json!({ "text": judge::report(statistics) }),
        }
    }
}

/// What stands between the marks.
fn inside<'a>(data: &'a str, mark: &str) -> Option<&'a str> {
    let rest = data.strip_prefix(&format!("<{mark}>"))?;
    rest.strip_suffix(&format!("</{mark}>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_are_known_by_their_paths() {
        for (path, protocol) in [
            ("/v1/suggest", Some(Protocol::Generic)),
            ("/below/v1/report", Some(Protocol::Generic)),
            ("/v1beta/models/m:generateContent", Some(Protocol::Gemini)),
            ("/v1/chat/completions", Some(Protocol::OpenAi)),
            ("/", None),
        ] {
            assert_eq!(Protocol::of(path), protocol, "{path}");
        }
    }

    #[test]
    fn the_same_question_is_read_out_of_each() {
        let case = json!({ "age_band": "40-59", "sex": null, "complaint": "cough", "symptoms": [], "vitals": null });
        let data = format!("<case>\n{case}\n</case>");
        let gemini = json!({ "contents": [{ "role": "user", "parts": [{ "text": data }] }] });
        let openai = json!({ "messages": [{ "content": "do" }, { "content": data }] });
        let read = [
            Protocol::Generic.read(&json!({ "case": case }).to_string()),
            Protocol::Gemini.read(&gemini.to_string()),
            Protocol::OpenAi.read(&openai.to_string()),
        ];
        assert!(matches!(&read[0], Some(Question::Suggest(case)) if case.complaint == "cough"));
        assert_eq!(read[0], read[1]);
        assert_eq!(read[1], read[2]);
        assert_eq!(Protocol::Generic.read(r#"{"case":{"name":"Ada"}}"#), None);
    }
}
