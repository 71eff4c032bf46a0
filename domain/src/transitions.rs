//! Which command leads from which state to which.
