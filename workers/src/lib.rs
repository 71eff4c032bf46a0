//! Decides and records: the only writer of the business tables.
//!
//! Numbers refer to the path in docs/ARCHITECTURE.md.
//!
//! - [`ownership`]: which partitions this process holds, renewed and rebalanced by leases.
//! - [`reader`] ④: reads a partition in order, from the database's cursor.
//! - [`lane`] ⑤ ⑥: folds what was read and writes it in one fenced transaction.
//! - [`relay`] ⑦: publishes the outbox.
//! - [`audit`]: signs and checks the audit trail.
//! - [`mailer`]: sends mails to staff.
//! - [`scheduler`]: what time alone causes (unconfirmed scans, trimming, the daily signed root).
//! - [`triage`]: what the adviser is asked, and its answer as a command.
//! - [`admin`]: the operator's command line.

pub mod admin;
pub mod audit;
pub mod config;
pub mod health;
mod lag;
pub mod lane;
mod log_check;
pub mod mailer;
pub mod ownership;
pub mod reader;
pub mod relay;
pub mod scheduler;
pub mod serve;
pub mod triage;
