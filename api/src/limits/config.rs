//! `MEDIQUE_RATE_*`.

use medique_platform::config::Env;
use std::num::NonZeroU32;

/// Highest refill per minute and highest burst that can be configured.
const MOST: u32 = 60_000_000;

/// One kind of bucket: what it holds, and what flows in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Refill per minute.
    pub per_minute: NonZeroU32,
    /// What a full bucket holds.
    pub burst: NonZeroU32,
}

impl Rate {
    /// A rate; zeros count as one.
    pub const fn new(per_minute: u32, burst: u32) -> Self {
        Self {
            per_minute: at_least_one(per_minute),
            burst: at_least_one(burst),
        }
    }

    /// Reads `MEDIQUE_RATE_<kind>_PER_MINUTE` and `MEDIQUE_RATE_<kind>_BURST`.
    fn read(env: &mut Env, kind: &str, default: Self) -> Self {
        let names = ["PER_MINUTE", "BURST"].map(|part| format!("MEDIQUE_RATE_{kind}_{part}"));
        let per_minute = env.within(&names[0], default.per_minute.get(), 1..=MOST);
        let burst = env.within(&names[1], default.burst.get(), 1..=MOST);
        Self::new(per_minute, burst)
    }
}

const fn at_least_one(number: u32) -> NonZeroU32 {
    match NonZeroU32::new(number) {
        Some(number) => number,
        None => NonZeroU32::MIN,
    }
}

/// All kinds of buckets.
#[derive(Debug, Clone)]
pub struct RateConfig {
    /// `MEDIQUE_RATE_STAFF_PER_MINUTE`, `MEDIQUE_RATE_STAFF_BURST`: budget of one account, however
    /// many tokens it has: what flows in, and what can be saved up.
    pub staff: Rate,
    /// `MEDIQUE_RATE_PATIENT_PER_MINUTE`, `MEDIQUE_RATE_PATIENT_BURST`: budget of one visit.
    pub patient: Rate,
    /// `MEDIQUE_RATE_ADDRESS_PER_MINUTE`, `MEDIQUE_RATE_ADDRESS_BURST`: budget of one address without
    /// a credential, and for signing in.
    pub address: Rate,
    /// `MEDIQUE_RATE_CHECK_IN_PER_MINUTE`, `MEDIQUE_RATE_CHECK_IN_BURST`: budget of one address for
    /// check-in by link: a waiting room full of phones.
    pub check_in: Rate,
    /// `MEDIQUE_RATE_POSTER_PER_MINUTE`, `MEDIQUE_RATE_POSTER_BURST`: tickets that one poster gives
    /// out.
    pub poster: Rate,
}

impl RateConfig {
    /// Reads `MEDIQUE_RATE_*`.
    pub fn read(env: &mut Env) -> Self {
        Self {
            staff: Rate::read(env, "STAFF", Rate::new(3_000, 500)),
            patient: Rate::read(env, "PATIENT", Rate::new(120, 60)),
            address: Rate::read(env, "ADDRESS", Rate::new(1_200, 200)),
            check_in: Rate::read(env, "CHECK_IN", Rate::new(3_000, 1_500)),
            poster: Rate::read(env, "POSTER", Rate::new(20, 400)),
        }
    }
}
