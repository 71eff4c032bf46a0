//! The operations: one noun per file.

pub mod account;
pub mod auth;
pub mod checkin;
pub mod commands;
pub mod dead_letters;
pub mod departments;
pub mod docs;
pub mod doctors;
pub mod facilities;
pub mod health;
pub mod intake;
pub mod keys;
pub mod links;
pub mod problems;
pub mod questions;
pub mod rooms;
pub mod second_factor;
pub mod sessions;
pub mod staff;
pub mod triage;
pub mod visits;

use poem_openapi::Tags;

/// Groups of operations in the API description.
#[derive(Tags)]
pub enum Group {
    /// Signing in.
    Identity,
    /// Is it alive?
    Health,
    /// Patients arrive.
    #[oai(rename = "Check-in")]
    CheckIn,
    /// Commands on a visit.
    Visits,
    /// What became of a command.
    Commands,
    /// Departments, rooms, doctors, facilities.
    Hospital,
    /// The adviser: its switch and its quality.
    Triage,
    /// What is.
    Reads,
    /// What happens.
    Live,
}

/// Who may come in, for the API description.
pub type Identity = (
    auth::AuthApi,
    account::AccountApi,
    second_factor::SecondFactorApi,
    sessions::SessionsApi,
    sessions::own::OwnSessionsApi,
    sessions::staff::StaffSessionsApi,
    staff::StaffApi,
    keys::KeysApi,
);

/// Who may come in.
pub const IDENTITY: Identity = (
    auth::AuthApi,
    account::AccountApi,
    second_factor::SecondFactorApi,
    sessions::SessionsApi,
    sessions::own::OwnSessionsApi,
    sessions::staff::StaffSessionsApi,
    staff::StaffApi,
    keys::KeysApi,
);
