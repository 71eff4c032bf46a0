//! What the person at the terminal sees and sends.

pub(crate) mod interrupt;
pub(crate) mod progress;
pub(crate) mod tail;
