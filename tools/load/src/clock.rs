//! The wall clock, which is Postgres' clock too: everything runs on one machine.

/// Microseconds since 1970.
pub(crate) fn wall_us() -> i64 {
    medique_platform::clock::now().timestamp_micros()
}
