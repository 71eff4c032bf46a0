//! What the stand-in answers when it behaves: the same to the same case, plausible on a screen, and
//! no medicine.

use medique_contracts::commands::Vitals;
use medique_contracts::triage_service::{Case, SuggestAnswer};
use serde_json::Value;

/// Words that make a case more urgent, with the level.
const WORDS: [(&str, u8); 14] = [
    ("unconscious", 1),
    ("not breathing", 1),
    ("cardiac arrest", 1),
    ("chest pain", 2),
    ("short of breath", 2),
    ("stroke", 2),
    ("seizure", 2),
    ("bleeding", 2),
    ("fever", 3),
    ("vomiting", 3),
    ("abdominal", 3),
    ("fracture", 3),
    ("prescription", 5),
    ("certificate", 5),
];
const USUAL: u8 = 4;

/// A suggestion for a case.
pub(crate) fn suggest(case: &Case) -> SuggestAnswer {
    let text = [case.complaint.as_str()]
        .into_iter()
        .chain(case.symptoms.iter().map(String::as_str))
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase();
    let found = WORDS.iter().filter(|(word, _)| text.contains(word));
    let word = found.min_by_key(|(_, level)| *level);
    let of_words = word.map_or(USUAL, |(_, level)| *level);
    let of_vitals = case.vitals.as_ref().map_or(5, level_of);
    let reason = match word {
        Some((word, _)) if of_words <= of_vitals => format!("the text says \"{word}\""),
        _ if of_vitals < USUAL => "a vital sign is out of range".to_owned(),
        _ => "nothing stands out".to_owned(),
    };
    SuggestAnswer {
        level: of_words.min(of_vitals),
        confidence: if word.is_some() { 0.8 } else { 0.5 },
        reasons: vec![
            reason,
            "from the stand-in: not a medical opinion".to_owned(),
        ],
        questions: if case.vitals.is_none() {
            vec!["What are the vital signs?".to_owned()]
        } else {
            Vec::new()
        },
    }
}

fn level_of(vitals: &Vitals) -> u8 {
    let low_oxygen = vitals.oxygen_saturation.is_some_and(|value| value < 92);
    let low_pressure = vitals.systolic_bp.is_some_and(|value| value < 90);
    let fast = vitals.heart_rate.is_some_and(|value| value > 130);
    if low_oxygen || low_pressure || fast {
        2
    } else {
        5
    }
}

/// A report on statistics.
pub(crate) fn report(statistics: &Value) -> String {
    let members = statistics.as_object().map_or(0, serde_json::Map::len);
    format!(
        "Report of the stand-in, made from {members} groups of figures. It has looked at none of them and says nothing about the queues."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(complaint: &str) -> Case {
        Case {
            age_band: None,
            sex: None,
            complaint: complaint.to_owned(),
            symptoms: Vec::new(),
            vitals: None,
        }
    }

    #[test]
    fn the_most_urgent_word_counts() {
        for (complaint, level) in [
            ("Sore throat", 4),
            ("fever, and CHEST PAIN", 2),
            ("needs a prescription", 5),
            ("found unconscious", 1),
        ] {
            assert_eq!(suggest(&case(complaint)).level, level, "{complaint}");
        }
    }
}
