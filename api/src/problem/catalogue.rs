//! The codes: one table for statuses, titles and the explaining pages. The matches are exhaustive,
//! so a new rejection does not compile without a public entry.

mod rules;

use medique_contracts::RejectionCode;
use poem::http::StatusCode;

/// What the world may know of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Stable code; last segment of the problem type.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Short title.
    pub title: &'static str,
    /// One sentence: what it means.
    pub meaning: &'static str,
    /// One sentence: what the client or its user can do.
    pub advice: &'static str,
}

/// A code of either kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The API itself refuses.
    Api(ApiCode),
    /// A rule of the domain refuses.
    Rule(RejectionCode),
}

impl Code {
    /// Every code, in the order of the catalogue.
    pub fn all() -> impl Iterator<Item = Self> {
        let rules = RejectionCode::ALL.iter().copied().map(Self::Rule);
        ApiCode::ALL.iter().copied().map(Self::Api).chain(rules)
    }

    /// Finds a code by its text.
    pub fn find(text: &str) -> Option<Self> {
        Self::all().find(|code| code.as_str() == text)
    }

    /// The public entry.
    pub const fn entry(self) -> &'static Entry {
        match self {
            Self::Api(code) => code.entry(),
            Self::Rule(code) => rules::entry(code),
        }
    }

    /// The stable text.
    pub const fn as_str(self) -> &'static str {
        self.entry().code
    }

    /// The HTTP status.
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.entry().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<ApiCode> for Code {
    fn from(code: ApiCode) -> Self {
        Self::Api(code)
    }
}

impl From<RejectionCode> for Code {
    fn from(code: RejectionCode) -> Self {
        Self::Rule(code)
    }
}

macro_rules! api_codes {
    ($($variant:ident = $code:literal, $status:literal, $title:literal, $meaning:literal, $advice:literal;)+) => {
        /// Refusals by the API itself.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ApiCode { $(#[doc = $meaning] $variant),+ }

        impl ApiCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The public entry.
            pub const fn entry(self) -> &'static Entry {
                match self {
                    $(Self::$variant => &Entry {
                        code: $code, status: $status, title: $title, meaning: $meaning, advice: $advice,
                    }),+
                }
            }
        }
    };
}

api_codes! {
    InvalidRequest = "invalid_request", 400, "Invalid request",
        "the request is not well-formed HTTP for this operation",
        "compare the request with the API description at /docs";
    InvalidBody = "invalid_body", 400, "Invalid body",
        "the body is not JSON of the shape that the operation takes",
        "correct the fields that `errors` points to";
    InvalidParameter = "invalid_parameter", 400, "Invalid parameter",
        "a parameter in the path, the query or a header cannot be read",
        "correct the parameter that `detail` names";
    IdempotencyKeyRequired = "idempotency_key_required", 400, "Idempotency key required",
        "a command needs the header Idempotency-Key",
        "send a fresh random key with each new intent, and the same key with each repetition of it";
    IdempotencyKeyInvalid = "idempotency_key_invalid", 400, "Idempotency key invalid",
        "an idempotency key is 1 to 128 visible ASCII characters",
        "send a UUID, for example";
    Unauthenticated = "unauthenticated", 401, "Not signed in",
        "the request carries no access token, or one that is not valid or not valid any more",
        "sign in again and repeat the request with the new token";
    InvalidCredentials = "invalid_credentials", 401, "Sign-in failed",
        "e-mail address and password do not belong to an active account",
        "check both; an administrator can set a new password";
    SecondFactorRequired = "second_factor_required", 401, "Second factor needed",
        "the password is right; the account also asks for its second factor",
        "send `challenge_token` with a code to POST /auth/login/second-factor";
    SecondFactorEnrolmentRequired = "second_factor_enrolment_required", 401, "Second factor to be set up",
        "the password is right; the role needs a second factor, and the account has none yet",
        "send `challenge_token` to POST /auth/login/second-factor/enrol, then a code to POST /auth/login/second-factor";
    SecondFactorInvalid = "second_factor_invalid", 401, "Wrong code",
        "the code is wrong, too old, or was used before",
        "wait for the next code of the authenticator, or use a recovery code";
    PasswordChangeRequired = "password_change_required", 401, "Password to be replaced",
        "the password is right; a program made it, so its owner has to choose another one first",
        "send `challenge_token` as `token` with a new password to POST /auth/password/reset, then sign in with that";
    PasswordResetRequired = "password_reset_required", 403, "Password known to others",
        "the password is right, but known to others: it opens nothing any more",
        "set a new one with the link that was mailed to the account's address";
    ReauthenticationRequired = "reauthentication_required", 403, "Password needed again",
        "this needs a proof of who asks that is younger than the session",
        "send the password to POST /auth/reauthenticate, then repeat the request";
    InvalidAccountToken = "invalid_account_token", 401, "Link not valid any more",
        "the token is damaged, expired or used",
        "ask for a new link, or sign in again";
    InvalidSession = "invalid_session", 401, "Session over",
        "the refresh token is not valid, was used before, or its session has ended",
        "sign in again";
    CsrfRefused = "csrf_refused", 403, "Not from a page of ours",
        "a write that a cookie authenticates must come from a page of this server and repeat the CSRF token",
        "send the header X-CSRF-Token with the value of the cookie __Host-medique-csrf";
    InvalidLink = "invalid_link", 401, "Link not valid",
        "the check-in link is damaged or forged",
        "scan the code again, or check in at the reception desk";
    NotFound = "not_found", 404, "Nothing here",
        "there is no such resource",
        "check the address";
    UnknownSession = "unknown_session", 404, "Unknown session",
        "there is no such session, or it has ended",
        "list the sessions again";
    UnknownStaff = "unknown_staff", 404, "Unknown account",
        "there is no such account in this facility",
        "check the id";
    UnknownCommand = "unknown_command", 404, "Unknown command",
        "no such command was ever accepted, or it belongs to somebody else",
        "repeat the command with its idempotency key: it takes effect at most once";
    EmailTaken = "email_taken", 409, "Address taken",
        "there is an account with this e-mail address",
        "look for it in the list of staff; an invitation that was not accepted can be sent again";
    NotInvited = "not_invited", 409, "No open invitation",
        "the account's owner has accepted an invitation already",
        "its owner can ask for a new password";
    LastAdmin = "last_admin", 409, "Last administrator",
        "without this account nobody could administer the facility",
        "give another account the role first";
    NoSecondFactor = "no_second_factor", 409, "No second factor",
        "the account has no second factor, or none that waits for its first code",
        "set one up first";
    NotRedrivable = "not_redrivable", 409, "Cannot be sent again",
        "the message was given up, is no command, or the person whom it is about was erased",
        "do by hand what it asked for, if that is still wanted";
    MethodNotAllowed = "method_not_allowed", 405, "Method not allowed",
        "the resource does not know this method",
        "use a method that the header Allow names";
    RequestTimeout = "request_timeout", 408, "Request too slow",
        "the body did not arrive in time",
        "repeat the request with the same idempotency key";
    BodyTooLarge = "body_too_large", 413, "Body too large",
        "a request body may have 64 KiB",
        "send less";
    UnsupportedMediaType = "unsupported_media_type", 415, "Unsupported media type",
        "a request body must be JSON",
        "send the header Content-Type: application/json";
    TicketRequired = "ticket_required", 422, "Ticket required",
        "the code on a poster checks nobody in by itself",
        "draw a ticket with POST /api/v1/checkin/tickets and check in with that";
    IdempotencyKeyReused = "idempotency_key_reused", 422, "Idempotency key reused",
        "the key was used before for another request, which stands; this one had no effect",
        "send a fresh key with each new intent";
    WeakPassword = "weak_password", 422, "Password refused",
        "the password does not meet the rules",
        "choose another one; `errors` says what is missing";
    DeadLettered = "dead_lettered", 422, "Put aside",
        "the command was accepted but could not be processed; an administrator decides on it",
        "do not repeat it; ask an administrator, quoting the trace id";
    TooManyRequests = "too_many_requests", 429, "Too many requests",
        "there are more attempts at the moment than the server takes on",
        "wait for the time in Retry-After";
    InternalError = "internal_error", 500, "Internal error",
        "something failed that should not",
        "repeat commands with the same idempotency key; report the trace id when it stays";
    NotAccepted = "not_accepted", 503, "Not accepted",
        "the command was not accepted and has no effect",
        "repeat it with the same idempotency key after the time in Retry-After";
    QueueFull = "queue_full", 503, "Queue full",
        "more commands wait than are worked off; this one was not accepted and has no effect",
        "repeat it with the same idempotency key after the time in Retry-After";
    OutcomeUnknown = "outcome_unknown", 503, "Outcome unknown",
        "no answer came in time: the command may or may not have been accepted",
        "repeat it with the same idempotency key: it takes effect at most once";
    DatabaseUnavailable = "database_unavailable", 503, "Database unavailable",
        "the database does not answer; the request has no effect",
        "repeat it with the same idempotency key after the time in Retry-After";
    IssuerUnavailable = "issuer_unavailable", 503, "Sign-in service unavailable",
        "the external issuer of the token does not answer, so the token cannot be verified",
        "repeat the request after the time in Retry-After, or sign in here";
    NotReady = "not_ready", 503, "Not ready",
        "this replica does not take requests at the moment",
        "use another replica, or wait";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_code_has_one_entry_with_an_error_status() {
        let mut seen = HashSet::new();
        for code in Code::all() {
            let entry = code.entry();
            assert!(seen.insert(entry.code), "{} stands twice", entry.code);
            assert!((400..600).contains(&entry.status), "{}", entry.code);
            assert!(
                !entry.meaning.is_empty() && !entry.advice.is_empty(),
                "{}",
                entry.code
            );
            assert_eq!(Code::find(entry.code), Some(code));
        }
    }

    #[test]
    fn rejections_keep_their_code_and_follow_the_status_rule() {
        for &code in RejectionCode::ALL {
            let entry = Code::Rule(code).entry();
            assert_eq!(entry.code, code.as_str());
            let expected = match entry.code {
                "invalid_field" => 400,
                "forbidden" => 403,
                "version_conflict" => 409,
                text if text.starts_with("already_") => 409,
                text if text.starts_with("unknown_") => 404,
                _ => 422,
            };
            assert_eq!(entry.status, expected, "{}", entry.code);
        }
    }
}
