//! The three files as they are, row by row.

use std::fs::File;
use std::path::Path;

use anyhow::{Context, Result};
use chrono::NaiveDateTime;
use flate2::read::GzDecoder;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use crate::cli::Unusable;

/// A row of `edstays`: one stay.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct StayRow {
    pub(crate) subject_id: String,
    pub(crate) stay_id: String,
    #[serde(deserialize_with = "instant")]
    pub(crate) intime: NaiveDateTime,
    #[serde(deserialize_with = "instant")]
    pub(crate) outtime: NaiveDateTime,
    pub(crate) gender: String,
    pub(crate) arrival_transport: String,
    pub(crate) disposition: String,
}

/// The vital signs of a row, as written: degrees Fahrenheit, per minute, percent, mmHg.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct SignsRow {
    pub(crate) temperature: Option<f64>,
    pub(crate) heartrate: Option<f64>,
    pub(crate) resprate: Option<f64>,
    pub(crate) o2sat: Option<f64>,
    pub(crate) sbp: Option<f64>,
    /// Anything from a number to words.
    pub(crate) pain: String,
}

/// A row of `triage`: what was found on arrival.
#[derive(Debug, Clone)]
pub(crate) struct TriageRow {
    pub(crate) stay_id: String,
    pub(crate) signs: SignsRow,
    /// Emergency Severity Index, 1 (worst) to 5.
    pub(crate) acuity: Option<f64>,
    pub(crate) chiefcomplaint: String,
}

/// A row of `vitalsign`: found later.
#[derive(Debug, Clone)]
pub(crate) struct VitalsRow {
    pub(crate) stay_id: String,
    pub(crate) charttime: NaiveDateTime,
    pub(crate) signs: SignsRow,
}

/// All rows.
#[derive(Debug, Default)]
pub(crate) struct Records {
    pub(crate) stays: Vec<StayRow>,
    pub(crate) triage: Vec<TriageRow>,
    pub(crate) vitals: Vec<VitalsRow>,
}

/// Reads `edstays`, `triage` and `vitalsign` from a folder.
pub(crate) fn read(dir: &Path) -> Result<Records> {
    let rows = |name: &str| -> Result<_> {
        let path = dir.join(format!("{name}.csv.gz"));
        let file =
            File::open(&path).map_err(|_| Unusable(format!("{} is not there", path.display())))?;
        Ok((csv::Reader::from_reader(GzDecoder::new(file)), path))
    };
    let (stays, path) = rows("edstays")?;
    let stays = parse(stays).with_context(|| format!("cannot read {}", path.display()))?;
    let (triage, path) = rows("triage")?;
    let triage: Vec<TriageColumns> =
        parse(triage).with_context(|| format!("cannot read {}", path.display()))?;
    let (vitals, path) = rows("vitalsign")?;
    let vitals: Vec<VitalsColumns> =
        parse(vitals).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Records {
        stays,
        triage: triage.into_iter().map(TriageRow::from).collect(),
        vitals: vitals.into_iter().map(VitalsRow::from).collect(),
    })
}

fn parse<T: DeserializeOwned>(
    mut reader: csv::Reader<impl std::io::Read>,
) -> Result<Vec<T>, csv::Error> {
    reader.deserialize().collect()
}

// The csv crate guesses types where structs are flattened into each other, so columns are listed flat.

#[derive(Deserialize)]
struct TriageColumns {
    stay_id: String,
    temperature: Option<f64>,
    heartrate: Option<f64>,
    resprate: Option<f64>,
    o2sat: Option<f64>,
    sbp: Option<f64>,
    pain: String,
    acuity: Option<f64>,
    chiefcomplaint: String,
}

#[derive(Deserialize)]
struct VitalsColumns {
    stay_id: String,
    #[serde(deserialize_with = "instant")]
    charttime: NaiveDateTime,
    temperature: Option<f64>,
    heartrate: Option<f64>,
    resprate: Option<f64>,
    o2sat: Option<f64>,
    sbp: Option<f64>,
    pain: String,
}

impl From<TriageColumns> for TriageRow {
    fn from(row: TriageColumns) -> Self {
        let TriageColumns {
            stay_id,
            temperature,
            heartrate,
            resprate,
            o2sat,
            sbp,
            pain,
            acuity,
            chiefcomplaint,
        } = row;
        let signs = SignsRow {
            temperature,
            heartrate,
            resprate,
            o2sat,
            sbp,
            pain,
        };
        Self {
            stay_id,
            signs,
            acuity,
            chiefcomplaint,
        }
    }
}

impl From<VitalsColumns> for VitalsRow {
    fn from(row: VitalsColumns) -> Self {
        let VitalsColumns {
            stay_id,
            charttime,
            temperature,
            heartrate,
            resprate,
            o2sat,
            sbp,
            pain,
        } = row;
        let signs = SignsRow {
            temperature,
            heartrate,
            resprate,
            o2sat,
            sbp,
            pain,
        };
        Self {
            stay_id,
            charttime,
            signs,
        }
    }
}

fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDateTime, D::Error> {
    let text = String::deserialize(deserializer)?;
    NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S").map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_is_missing_and_columns_that_we_do_not_use_are_passed_over() {
        let text = "subject_id,stay_id,temperature,heartrate,resprate,o2sat,sbp,dbp,pain,acuity,chiefcomplaint\n\
                    1,2,98.6,,18.0,,120,80,ok,3.0,\"Made up, for a test\"\n";
        let rows: Vec<TriageColumns> =
            parse(csv::Reader::from_reader(text.as_bytes())).expect("rows");
        let row = TriageRow::from(rows.into_iter().next().expect("a row"));
        assert_eq!(
            (row.signs.temperature, row.signs.heartrate),
            (Some(98.6), None)
        );
        assert_eq!(
            (row.acuity, row.chiefcomplaint.as_str()),
            (Some(3.0), "Made up, for a test")
        );
    }

    #[test]
    fn times_are_read_and_nonsense_is_an_error() {
        let header = "subject_id,stay_id,intime,outtime,gender,arrival_transport,disposition\n";
        let good = format!("{header}1,2,2150-01-02 03:04:05,2150-01-02 04:00:00,F,WALK IN,HOME\n");
        let rows: Vec<StayRow> = parse(csv::Reader::from_reader(good.as_bytes())).expect("rows");
        assert_eq!((rows[0].outtime - rows[0].intime).num_minutes(), 55);
        let bad = format!("{header}1,2,noon,later,F,WALK IN,HOME\n");
        assert!(parse::<StayRow>(csv::Reader::from_reader(bad.as_bytes())).is_err());
    }
}
