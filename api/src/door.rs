//! What stands between the edge and the operations: the bound on bodies, and how bodies are read.

use crate::problem::{ApiCode, FieldProblem, Problem};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use medique_contracts::limits::BODY_BYTES_MAX;
use poem::http::header::CONTENT_LENGTH;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde::de::DeserializeOwned;
use std::time::Duration;

/// Longest time that a body may take to arrive.
const BODY_WAIT_MAX: Duration = Duration::from_secs(10);

/// A JSON body, read in one pass into the operation's own type. An unreadable one is refused with
/// JSON Pointers to what is wrong with it.
#[derive(Debug, Clone)]
pub struct Body<T>(pub T);

impl<'a, T: Type + DeserializeOwned> ApiExtractor<'a> for Body<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType {
                content_type: "application/json",
                schema: T::schema_ref(),
            }],
            // As it is read: none is the same as no fields.
            required: parse::<T>(b"{}").is_err(),
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let content_type = request.content_type();
        if content_type.is_some_and(|text| !is_json(text)) {
            return Err(Problem::new(ApiCode::UnsupportedMediaType).into());
        }
        let bytes = read_bounded(request, body).await?;
        match (content_type, bytes.is_empty()) {
            // No body at all is the same as no fields, which many operations need none of.
            (None, true) => Ok(Self(parse(b"{}")?)),
            (None, false) => Err(Problem::new(ApiCode::UnsupportedMediaType).into()),
            (Some(_), _) => Ok(Self(parse(&bytes)?)),
        }
    }
}

/// `application/json` or `application/<anything>+json`, whatever parameters follow.
fn is_json(content_type: &str) -> bool {
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence
        .strip_prefix("application/")
        .is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
}

/// Reads a body of at most [`BODY_BYTES_MAX`]. The announced length is believed only where it is
/// too large: a body without one, or with a false one, is counted while it arrives.
async fn read_bounded(request: &Request, body: &mut RequestBody) -> Result<Bytes, Problem> {
    let too_large = || Problem::new(ApiCode::BodyTooLarge);
    let announced = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    if announced
        .and_then(|text| text.parse().ok())
        .is_some_and(|bytes: usize| bytes > BODY_BYTES_MAX)
    {
        return Err(too_large());
    }
    let body = body
        .take()
        .map_err(|_| Problem::new(ApiCode::InvalidBody))?;
    let reading = async {
        let mut chunks = body.into_bytes_stream();
        let mut whole = BytesMut::new();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| Problem::new(ApiCode::InvalidBody))?;
            if whole.len() + chunk.len() > BODY_BYTES_MAX {
                return Err(too_large());
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.freeze())
    };
    tokio::time::timeout(BODY_WAIT_MAX, reading)
        .await
        .map_err(|_| Problem::new(ApiCode::RequestTimeout))?
}

/// Reads JSON; only a body that fails is read again to find out where.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|_| explain::<T>(bytes))
}

fn explain<T: DeserializeOwned>(bytes: &[u8]) -> Problem {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let problem = Problem::new(ApiCode::InvalidBody);
    match serde_path_to_error::deserialize::<_, T>(&mut reader) {
        Ok(_) => problem.field("", "there is text after the JSON value"),
        Err(error) => {
            let field = field_problem(error.path(), error.inner());
            problem.field(field.pointer, field.detail)
        }
    }
}

fn field_problem(path: &serde_path_to_error::Path, error: &serde_json::Error) -> FieldProblem {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path.iter() {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => push_token(&mut pointer, key),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    let detail = if error.is_data() {
        data_detail(&error.to_string(), &mut pointer)
    } else {
        None
    };
    let detail = detail.unwrap_or_else(|| {
        if error.is_data() {
            "is not valid".to_owned()
        } else {
            "is not JSON".to_owned()
        }
    });
    FieldProblem { pointer, detail }
}

fn push_token(pointer: &mut String, token: &str) {
    pointer.push('/');
    pointer.push_str(&token.replace('~', "~0").replace('/', "~1"));
}

/// Says what is wrong without quoting what was sent.
fn data_detail(text: &str, pointer: &mut String) -> Option<String> {
    let text = text.rsplit_once(" at line ").map_or(text, |(head, _)| head);
    if let Some(rest) = text.strip_prefix("missing field `") {
        push_token(pointer, rest.trim_end_matches('`'));
        return Some("is required".to_owned());
    }
    if text.starts_with("unknown field ") {
        return Some("is not a field of this request".to_owned());
    }
    if let Some(rest) = text.strip_prefix("duplicate field `") {
        push_token(pointer, rest.trim_end_matches('`'));
        return Some("stands twice".to_owned());
    }
    let (_, expected) = text.rsplit_once(", expected ")?;
    Some(format!("must be {}", plain(expected)))
}

/// What is expected, without the names that our types have.
fn plain(expected: &str) -> &str {
    match expected {
        "u8" | "u16" | "u32" | "u64" => "a whole number in range",
        "i16" | "i32" | "i64" => "an integer in range",
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        text if text.starts_with("struct ") => "an object",
        text if text.starts_with("an array of length ") || text.starts_with("array ") => {
            "a list of the right length"
        }
        text => text,
    }
}

#[cfg(test)]
mod tests;
