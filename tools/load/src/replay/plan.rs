//! Who comes when, what is found, and how it ends: the records as one day.

use std::collections::HashMap;
use std::time::Duration;

use chrono::Timelike;
use medique_contracts::commands::Vitals;
use medique_contracts::vocabulary::{ArrivalMode, Sex};

use super::convert::{self, Notes};
use super::records::{Records, StayRow, TriageRow};

/// Made up: the records hold adults and no ages, and a check-in needs one. An age at which no rule of
/// the safety floor looks twice.
pub(crate) const AGE_YEARS: u16 = 40;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How a stay ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Care is finished: home, a ward, another hospital.
    Completes,
    /// The patient goes before that.
    Leaves,
}

/// One stay, on a day that begins with the first arrival.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stay {
    /// Made up from a number; the records have no names.
    pub(crate) name: String,
    pub(crate) sex: Sex,
    pub(crate) arrival_mode: Option<ArrivalMode>,
    pub(crate) complaint: String,
    pub(crate) arrives: Duration,
    /// Not before the arrival.
    pub(crate) ends: Duration,
    pub(crate) ending: Ending,
    pub(crate) triage: Option<Vitals>,
    /// Emergency Severity Index, 1 (worst) to 5.
    pub(crate) level: Option<u8>,
    /// Later vital signs in the order in which they were found.
    pub(crate) vitals: Vec<(Duration, Vitals)>,
}

/// The whole day.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// In the order of arrival.
    pub(crate) stays: Vec<Stay>,
    /// What of the records was not used as written.
    pub(crate) notes: Notes,
}

impl Plan {
    /// Lays the stays over each other by hour of day: dates were shifted per patient and say nothing.
    pub(crate) fn make(records: Records, limit: Option<u32>) -> Self {
        let mut notes = Notes::default();
        let mut rows = records.stays;
        rows.sort_by(|one, other| {
            of_day(one)
                .cmp(&of_day(other))
                .then_with(|| one.stay_id.cmp(&other.stay_id))
        });
        rows.truncate(limit.map_or(usize::MAX, |limit| limit as usize));
        let first = rows.first().map(of_day).unwrap_or_default();
        let triage: HashMap<&str, &TriageRow> = records
            .triage
            .iter()
            .map(|row| (row.stay_id.as_str(), row))
            .collect();
        let mut stays: Vec<Stay> = rows
            .iter()
            .map(|row| {
                stay(
                    row,
                    first,
                    triage.get(row.stay_id.as_str()).copied(),
                    &mut notes,
                )
            })
            .collect();
        let places: HashMap<&str, usize> = rows
            .iter()
            .enumerate()
            .map(|(place, row)| (row.stay_id.as_str(), place))
            .collect();
        for row in &records.vitals {
            if let Some(&place) = places.get(row.stay_id.as_str())
                && let Some(vitals) = convert::vitals(&row.signs, &mut notes)
            {
                let since = (row.charttime - rows[place].intime)
                    .to_std()
                    .unwrap_or_default();
                let stay = &mut stays[place];
                let at = stay.arrives + since;
                if at > stay.ends {
                    notes.add("vital signs after the recorded end, taken at the end");
                }
                stay.vitals.push((at.min(stay.ends), vitals));
            }
        }
        for stay in &mut stays {
            stay.vitals.sort_by_key(|(at, _)| *at);
        }
        Self { stays, notes }
    }

    /// From the first arrival to the last, at least an hour.
    pub(crate) fn span(&self) -> Duration {
        let last = self
            .stays
            .last()
            .map(|stay| stay.arrives)
            .unwrap_or_default();
        last.max(Duration::from_secs(3_600))
    }
}

fn stay(row: &StayRow, first: Duration, triage: Option<&TriageRow>, notes: &mut Notes) -> Stay {
    let arrives = of_day(row).saturating_sub(first);
    // More than a day is not played: everybody is to be gone when the day has passed.
    let length = (row.outtime - row.intime)
        .to_std()
        .unwrap_or_default()
        .min(DAY);
    let level = triage
        .and_then(|row| row.acuity)
        .map(f64::round)
        .filter(|level| (1.0..=5.0).contains(level));
    if level.is_none() {
        notes.add("stays without an acuity level");
    }
    notes.add("ages not recorded, checked in as 40 years");
    let complaint = triage.map_or("", |row| row.chiefcomplaint.trim());
    Stay {
        name: format!("Patient {}", row.subject_id),
        sex: match row.gender.as_str() {
            "F" => Sex::Female,
            "M" => Sex::Male,
            _ => Sex::Unknown,
        },
        arrival_mode: match row.arrival_transport.as_str() {
            "WALK IN" => Some(ArrivalMode::WalkIn),
            "AMBULANCE" => Some(ArrivalMode::Ambulance),
            "HELICOPTER" => Some(ArrivalMode::Helicopter),
            "OTHER" => Some(ArrivalMode::Other),
            _ => None,
        },
        complaint: if complaint.is_empty() {
            "not recorded"
        } else {
            complaint
        }
        .to_owned(),
        arrives,
        ends: arrives + length,
        ending: match row.disposition.as_str() {
            "LEFT WITHOUT BEING SEEN" | "ELOPED" | "LEFT AGAINST MEDICAL ADVICE" => Ending::Leaves,
            _ => Ending::Completes,
        },
        triage: triage.and_then(|row| convert::vitals(&row.signs, notes)),
        level: level.map(|level| level as u8),
        vitals: Vec::new(),
    }
}

/// Time of day of the arrival.
fn of_day(row: &StayRow) -> Duration {
    Duration::from_secs(u64::from(row.intime.num_seconds_from_midnight()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::records::{SignsRow, VitalsRow};
    use chrono::{NaiveDate, NaiveDateTime};

    fn at(year: i32, hour: u32, minute: u32) -> NaiveDateTime {
        NaiveDate::from_ymd_opt(year, 1, 1)
            .and_then(|day| day.and_hms_opt(hour, minute, 0))
            .expect("an instant")
    }

    fn row(id: &str, year: i32, hour: u32, disposition: &str) -> StayRow {
        StayRow {
            subject_id: id.to_owned(),
            stay_id: id.to_owned(),
            intime: at(year, hour, 0),
            outtime: at(year, hour, 30),
            gender: "F".to_owned(),
            arrival_transport: "WALK IN".to_owned(),
            disposition: disposition.to_owned(),
        }
    }

    fn minutes(minutes: u64) -> Duration {
        Duration::from_secs(60 * minutes)
    }

    #[test]
    fn stays_arrive_by_hour_of_day_whatever_the_year() {
        let stays = vec![
            row("a", 2199, 9, "HOME"),
            row("b", 2110, 11, "ELOPED"),
            row("c", 2150, 8, "ADMITTED"),
        ];
        let plan = Plan::make(
            Records {
                stays,
                ..Records::default()
            },
            None,
        );
        let order: Vec<(&str, Duration)> = plan
            .stays
            .iter()
            .map(|stay| (stay.name.as_str(), stay.arrives))
            .collect();
        assert_eq!(
            order,
            [
                ("Patient c", minutes(0)),
                ("Patient a", minutes(60)),
                ("Patient b", minutes(180))
            ]
        );
        assert_eq!(plan.stays[2].ending, Ending::Leaves);
        assert_eq!(plan.stays[0].ends, minutes(30));
        assert_eq!(plan.notes.0["stays without an acuity level"], 3);
    }

    #[test]
    fn later_vital_signs_stay_within_the_stay_and_in_order() {
        let signs = |heartrate| SignsRow {
            heartrate: Some(heartrate),
            ..SignsRow::default()
        };
        let vitals = |minute, heartrate| VitalsRow {
            stay_id: "a".to_owned(),
            charttime: at(2150, 8, minute),
            signs: signs(heartrate),
        };
        let records = Records {
            stays: vec![row("a", 2150, 8, "HOME")],
            vitals: vec![vitals(45, 90.0), vitals(10, 80.0)],
            ..Records::default()
        };
        let plan = Plan::make(records, None);
        let found: Vec<(Duration, Option<u16>)> = plan.stays[0]
            .vitals
            .iter()
            .map(|(at, vitals)| (*at, vitals.heart_rate))
            .collect();
        assert_eq!(found, [(minutes(10), Some(80)), (minutes(30), Some(90))]);
    }

    #[test]
    fn the_limit_takes_the_first_arrivals() {
        let stays = vec![row("a", 2150, 9, "HOME"), row("b", 2150, 8, "HOME")];
        let plan = Plan::make(
            Records {
                stays,
                ..Records::default()
            },
            Some(1),
        );
        assert_eq!(
            plan.stays
                .iter()
                .map(|stay| stay.name.as_str())
                .collect::<Vec<_>>(),
            ["Patient b"]
        );
    }
}
