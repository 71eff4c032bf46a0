//! When a rule fires.

use super::{Rule, Signs, TermSet};
use crate::triage::Findings;
use medique_contracts::vocabulary::Sex;

impl Rule {
    /// Whether the rule demands its level of this patient.
    pub(in crate::triage) fn fires(
        &self,
        terms: &TermSet,
        signs: Signs<'_>,
        findings: &Findings<'_>,
    ) -> bool {
        (self.any.is_empty() || self.any.meets(terms))
            && self.all.iter().all(|group| group.meets(terms))
            && self.is_about(findings)
            && self
                .signs
                .iter()
                .all(|tests| tests.iter().any(|test| test.holds(signs)))
    }

    /// Whether the rule is about a patient of that age and sex. What is not known excludes nobody.
    fn is_about(&self, findings: &Findings<'_>) -> bool {
        let days = findings.age_days.or_else(|| match findings.age_years {
            Some(years) if years > 0 => Some(u32::from(years) * 365),
            _ => None,
        });
        within(findings.age_years, self.age_years)
            && within(days, self.age_days)
            && (self.sex.is_none_or(|sex| match findings.sex {
                Some(known @ (Sex::Female | Sex::Male)) => known == sex,
                Some(Sex::Other | Sex::Unknown) | None => true,
            }))
    }
}

fn within<T: PartialOrd>(value: Option<T>, (least, most): (Option<T>, Option<T>)) -> bool {
    value.is_none_or(|value| {
        least.is_none_or(|least| value >= least) && most.is_none_or(|most| value <= most)
    })
}
