//! Errors that are not ours: what the framework says about a request becomes a [`Problem`].

use super::{ApiCode, Problem};
use poem::error::{MethodNotAllowedError, NotFoundError};
use poem::http::StatusCode;
use poem_openapi::error::{ContentTypeError, ParseParamError, ParsePathError};

/// Turns any error of the framework into a problem; ours pass unchanged.
pub fn problem_of(error: poem::Error) -> Problem {
    let error = match error.downcast::<Problem>() {
        Ok(problem) => return problem,
        Err(error) => error,
    };
    if error.is::<NotFoundError>() {
        return Problem::new(ApiCode::NotFound);
    }
    if error.is::<MethodNotAllowedError>() {
        return Problem::new(ApiCode::MethodNotAllowed);
    }
    if error.is::<ContentTypeError>() {
        return Problem::new(ApiCode::UnsupportedMediaType);
    }
    if let Some(error) = error.downcast_ref::<ParseParamError>() {
        return parameter(error.name);
    }
    if let Some(error) = error.downcast_ref::<ParsePathError>() {
        return parameter(error.name);
    }
    by_status(&error)
}

/// The framework numbers the parameters of a path instead of naming them.
fn parameter(name: &str) -> Problem {
    let numbered = name
        .strip_prefix("param")
        .is_some_and(|rest| rest.parse::<u8>().is_ok());
    let problem = Problem::new(ApiCode::InvalidParameter);
    if numbered {
        problem.detail("an id in the path is not a UUID")
    } else {
        problem.detail(format!("the parameter `{name}` is not valid"))
    }
}

fn by_status(error: &poem::Error) -> Problem {
    let code = match error.status() {
        StatusCode::UNAUTHORIZED => ApiCode::Unauthenticated,
        StatusCode::NOT_FOUND => ApiCode::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => ApiCode::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => ApiCode::BodyTooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ApiCode::UnsupportedMediaType,
        status if status.is_client_error() => ApiCode::InvalidRequest,
        status => {
            tracing::error!(%error, %status, "request failed inside the framework");
            ApiCode::InternalError
        }
    };
    Problem::new(code)
}
