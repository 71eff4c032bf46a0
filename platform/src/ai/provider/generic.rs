//! Our own contract, `contracts/triage-service.openapi.json`: question and answer as they are.

use super::{Provider, Question, Unusable, below};
use bytes::Bytes;
use medique_contracts::triage_service::{Case, REPORT_PATH, SUGGEST_PATH};
use reqwest::Url;
use serde_json::{Value, json};

#[derive(Debug)]
pub(super) struct Generic {
    suggest: Url,
    report: Url,
}

impl Generic {
    pub(super) fn new(base: &Url) -> Self {
        Self {
            suggest: below(base, SUGGEST_PATH),
            report: below(base, REPORT_PATH),
        }
    }
}

impl Provider for Generic {
    fn suggest(&self, case: &Case) -> Question {
        Question::new(&self.suggest, &json!({ "case": case }))
    }

    fn report(&self, statistics: &Value) -> Question {
        Question::new(&self.report, &json!({ "statistics": statistics }))
    }

    fn unwrap(&self, body: Bytes) -> Result<Bytes, Unusable> {
        Ok(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use medique_contracts::triage_service::{AgeBand, ReportRequest, SuggestRequest};

    #[test]
    fn questions_are_those_of_the_contract() {
        let generic = Generic::new(&"http://h".parse().unwrap());
        let case = Case {
            age_band: Some(AgeBand::Infant),
            sex: None,
            complaint: "cough".to_owned(),
            symptoms: Vec::new(),
            vitals: None,
        };
        let sent = generic.suggest(&case);
        let read: SuggestRequest = serde_json::from_slice(&sent.body).unwrap();
        assert_eq!(read.case, case);
        assert_eq!(sent.hash(), generic.suggest(&case).hash());
        let report = generic.report(&json!({ "waiting": 3 }));
        let read: ReportRequest = serde_json::from_slice(&report.body).unwrap();
        assert_eq!(read.statistics["waiting"], 3);
    }
}
