//! What a request costs, and who pays for it. Judged by method and path before anything is routed.

use poem::http::Method;

/// Who pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payer {
    /// Nobody: a health check is never refused.
    Nobody,
    /// The credential; the address when there is none that is valid.
    Caller,
    /// The address, whatever credential comes with it: guessing is not cheaper for who has one.
    Address,
    /// The address, from the budget of the waiting room.
    Door,
}

/// What a request costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    /// Who pays.
    pub payer: Payer,
    /// How much.
    pub cost: u32,
}

/// A read of one thing or of one page.
const READ: u32 = 1;
/// A command or a change: it is stored, decided and published.
const WRITE: u32 = 2;
/// What takes many rows, renders pictures, or stays open.
const HEAVY: u32 = 5;
/// Proving an identity: a password takes tens of milliseconds of a core.
const PROOF: u32 = 10;

/// The charge for a request.
pub fn charge(method: &Method, path: &str) -> Charge {
    let is_read = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    let (payer, cost) = match path.strip_prefix("/api/v1") {
        _ if path.starts_with("/health/") || path == "/api/health" => (Payer::Nobody, 0),
        Some(rest) if rest.starts_with("/checkin") => (Payer::Door, READ),
        // These carry a long random token: nothing to guess, nothing to compute.
        Some("/auth/refresh" | "/auth/logout") => (Payer::Address, WRITE),
        // For a meter: asked several times for one password, and far cheaper than a hash.
        Some("/auth/password/judge") => (Payer::Address, HEAVY),
        Some(rest) if rest.starts_with("/auth/") && !is_read => (Payer::Address, PROOF),
        Some(rest) if is_read && is_heavy(rest) => (Payer::Caller, HEAVY),
        Some("/admin/insights") => (Payer::Caller, HEAVY),
        None if path.starts_with("/docs/") => (Payer::Caller, HEAVY),
        _ if is_read => (Payer::Caller, READ),
        _ => (Payer::Caller, WRITE),
    };
    Charge { payer, cost }
}

fn is_heavy(path: &str) -> bool {
    path.ends_with("/events")
        || path.ends_with("/poster.png")
        || path.ends_with("/export")
        || path.starts_with("/audit")
        || path.starts_with("/admin/triage/quality")
}
