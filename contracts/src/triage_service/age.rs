//! Age as far as it leaves the system.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

crate::words!(
    /// An age in completed years, as a band: wide enough to hide who it is, narrow enough to judge
    /// vital signs of children by.
    AgeBand {
        /// Not yet one year old.
        Infant = "0",
        /// One or two years.
        Toddler = "1-2",
        /// Three to five years.
        Preschool = "3-5",
        /// Six to eleven years.
        School = "6-11",
        /// Twelve to seventeen years.
        Adolescent = "12-17",
        /// Eighteen to thirty-nine years.
        YoungAdult = "18-39",
        /// Forty to fifty-nine years.
        Adult = "40-59",
        /// Sixty to seventy-four years.
        Older = "60-74",
        /// Seventy-five years or more.
        Old = "75+",
    }
);

impl AgeBand {
    /// The band of an age in completed years.
    pub const fn of_years(years: u16) -> Self {
        match years {
            0 => Self::Infant,
            1..=2 => Self::Toddler,
            3..=5 => Self::Preschool,
            6..=11 => Self::School,
            12..=17 => Self::Adolescent,
            18..=39 => Self::YoungAdult,
            40..=59 => Self::Adult,
            60..=74 => Self::Older,
            75.. => Self::Old,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_age_has_a_band_and_the_borders_are_where_they_say() {
        for (years, band) in [
            (0, "0"),
            (1, "1-2"),
            (2, "1-2"),
            (3, "3-5"),
            (5, "3-5"),
            (6, "6-11"),
            (11, "6-11"),
            (12, "12-17"),
            (17, "12-17"),
            (18, "18-39"),
            (39, "18-39"),
            (40, "40-59"),
            (59, "40-59"),
            (60, "60-74"),
            (74, "60-74"),
            (75, "75+"),
            (130, "75+"),
        ] {
            assert_eq!(AgeBand::of_years(years).as_str(), band, "{years}");
        }
    }
}
