//! The rules of the queue, held against tables and invariants that are written down a second time
//! here, independently of the code.

mod advice;
mod ageing;
mod check_in;
mod consultation;
mod erase;
mod fixture;
mod hospital;
mod invariants;
mod loader;
mod queue;
mod random;
mod table;
mod transfer;
mod triage;
mod undo;
mod words;
