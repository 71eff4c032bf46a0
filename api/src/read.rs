//! What is, as workers recorded it: one noun per file.
//!
//! Reads are single statements on Postgres, bounded by a limit and continued by an opaque cursor,
//! and never stored by anybody on the way. Who sees what:
//!
//! | read | who | shows |
//! |---|---|---|
//! | [`visits`] | staff of the department, the patient | the fields that [`fields`] has for the role |
//! | [`export`] | admins | everything that is held about a person |
//! | [`queue`] | staff of the department | names, in the order of calling |
//! | [`board`] | boards and staff of the department | token, room, state |
//! | [`patient`] | the patient | the own visit |
//! | [`departments`], [`rooms`], [`doctors`] | staff, in granted departments | settings, status |
//! | [`facility`] | everybody with a credential | name, time zone |
//! | [`quality`], [`insights`] | admins, for granted departments | figures, of nobody in particular |
//! | [`audit`], [`audit_verification`], [`dead_letters`] | admins | who did what; whether that is whole; messages put aside |
//!
//! What shows personal data of one person is written down first: [`reads`].

pub mod access;
pub mod audit;
pub mod audit_verification;
pub mod board;
pub mod cursor;
pub mod dead_letters;
pub mod departments;
pub mod doctors;
pub mod export;
pub mod facility;
pub mod fields;
pub mod insights;
pub mod page;
pub mod patient;
pub mod period;
pub mod places;
pub mod quality;
pub mod queue;
pub mod reads;
pub mod rooms;
pub mod sealed;
pub mod statistics;
pub mod time;
pub mod visits;

/// Every read, for the API description.
pub type Reads = (
    visits::VisitsApi,
    export::ExportApi,
    queue::QueueApi,
    board::BoardApi,
    patient::PatientApi,
    departments::DepartmentsApi,
    rooms::RoomsApi,
    doctors::DoctorsApi,
    (audit::AuditApi, audit_verification::AuditVerificationApi),
    dead_letters::DeadLettersApi,
    quality::QualityApi,
    insights::InsightsApi,
    facility::FacilityApi,
);

/// Every read.
pub const READS: Reads = (
    visits::VisitsApi,
    export::ExportApi,
    queue::QueueApi,
    board::BoardApi,
    patient::PatientApi,
    departments::DepartmentsApi,
    rooms::RoomsApi,
    doctors::DoctorsApi,
    (audit::AuditApi, audit_verification::AuditVerificationApi),
    dead_letters::DeadLettersApi,
    quality::QualityApi,
    insights::InsightsApi,
    facility::FacilityApi,
);
