//! What is known of a person, encrypted at rest.
//!
//! Each visit has a data key of its own ([`DataKey`], AES-256-GCM). It seals every text that could
//! tell who somebody is or why they came, and stands in the table `visit_key`, wrapped by a master
//! key ([`KeyService`]). To erase a person is to destroy that one row's key: what the audit trail,
//! the notes and the backups of the tables hold stays as bytes that nobody can read.
//!
//! Sealed text begins with its format, so that rows of before are still read:
//!
//! | begins with | sealed by |
//! |---|---|
//! | `v1.` | the data key of the visit |
//! | `f1.<master key>.` | a key of the facility, derived from the master key: for what belongs to no visit |
//! | anything else | nothing: written by a build before migration 0012 |

mod data_key;
mod error;
mod keys;
mod master;

pub use data_key::{DataKey, Field};
pub use error::PrivacyError;
pub use keys::{Keys, StoredKey};
pub use master::{KeyService, MasterKeys, Wrapped};
