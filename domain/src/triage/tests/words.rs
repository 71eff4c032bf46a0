//! How patients and clinicians write.

use super::*;

#[test]
fn abbreviations_are_read() {
    for urgent in [
        "CP",
        "C/P since 2 hrs",
        "SOB at rest, severe SOB",
        "AMS",
        "CVA",
        "r/o MI",
        "TIA",
        "OD",
        "DI",
        "GI bleed, age 70",
        "Lt. side weakness",
        "Rt hemiparesis",
        "s/p fall from height",
        "s/p OD",
        "GSW",
        "SAH",
        "post CPR",
        "UGI bleeding",
        "LOC, hit head",
        "hypoglycemia",
        "abd. pain & LOC",
        "pedestrian TA",
    ] {
        assert!(level_at(70, urgent) <= 2, "{urgent}");
    }
    for noticed in ["SOB", "DOE", "Sz", "MVA", "LOC", "RLQ pain"] {
        assert!(level(noticed) <= 3, "{noticed}");
    }
    for harmless in [
        "sore throat",
        "ankle sprain",
        "LBP",
        "N/V",
        "finger laceration",
        "copy",
        "?",
        "",
        "rt. ear pain",
    ] {
        assert_eq!(level(harmless), 5, "{harmless}");
    }
}

#[test]
fn order_punctuation_and_case_do_not_matter() {
    for same in [
        "chest pain",
        "CHEST PAIN",
        "Pain, chest",
        "pain in the chest",
        "Chest  pain!!",
        "chest-pain",
        "chestpain",
        "c.p.",
        "Chést pâin",
        "pain (chest)",
        "discomfort, left chest",
        "tightness across my chest",
        "ＣＨＥＳＴ ＰＡＩＮ",
    ] {
        assert_eq!(level(same), 2, "{same}");
    }
}

#[test]
fn spelling_mistakes_are_forgiven_in_long_words_only() {
    for misspelt in [
        "chest presure",
        "unconcious",
        "hemiparesys",
        "siezure",
        "palpitatoins and syncopy",
        "overdoze of pills",
        "slured speech",
    ] {
        assert!(level(misspelt) <= 3, "{misspelt}");
    }
    for another in [
        "blurred",
        "prison visit",
        "strike on the hand",
        "breeding dogs",
        "coat pain",
    ] {
        assert_eq!(level(another), 5, "{another}");
    }
}

#[test]
fn what_is_denied_does_not_count() {
    for denied in [
        "cough, no chest pain",
        "denies chest pain",
        "denies chest pain and dyspnea",
        "no chest pain or shortness of breath",
        "cough without dyspnea",
        "chest pain: no",
        "chest pain (-)",
        "cough, -chest pain",
        "w/o syncope",
        "no fever, no chest pain",
        "not having any chest pain",
        "doesn't have chest pain",
        "no sudden severe chest pain",
        "negative for chest pain",
        "no h/o seizure",
    ] {
        assert_eq!(level(denied), 5, "{denied}");
    }
}

#[test]
fn a_denial_reaches_no_further_than_it_says() {
    for present in [
        "no fever, chest pain",
        "no fever but chest pain",
        "no idea why, chest pain",
        "chest pain, no relief",
        "no relief of chest pain",
        "chest pain not relieved by rest",
        "not only chest pain",
        "no rash chest pain",
        "no emergency chest pain",
        "does not deny chest pain",
        "never had such chest pain",
        "no one believes my chest pain",
        "chest pain no radiation",
        "abdominal pain, no chest tightness, now chest pain",
    ] {
        assert_eq!(level(present), 2, "{present}");
    }
    assert_eq!(level("cannot breathe"), 2);
    assert_eq!(level("no pulse"), 1);
    assert_eq!(level("not breathing"), 1);
}

#[test]
fn the_past_does_not_count_but_what_came_back_does() {
    for past in [
        "chest pain last year",
        "history of stroke",
        "h/o MI",
        "PMH: stroke, MI",
        "s/p CVA",
        "stroke 3 years ago",
        "seizure in 2015",
        "knee pain, previous stroke",
    ] {
        assert_eq!(level(past), 5, "{past}");
    }
    for present in [
        "history of stroke, chest pain",
        "chest pain last year, and again today",
        "h/o MI with chest pain",
        "chest pain for 2 days",
        "previously healthy, chest pain",
        "chest pain since last year",
        "chest pain 2 hours ago",
        "s/p overdose",
        "history of chest pain since this morning",
    ] {
        assert_eq!(level(present), 2, "{present}");
    }
}

#[test]
fn what_happened_to_others_does_not_count() {
    for other in [
        "my father had a heart attack",
        "family history of stroke",
        "my uncle died of a heart attack",
        "worried, my brother had chest pain",
    ] {
        assert_eq!(level(other), 5, "{other}");
    }
    for own in [
        "wife says he has chest pain",
        "my son has a seizure",
        "my father has chest pain",
        "my mother reports chest pain",
        "my wife had an overdose",
    ] {
        assert!(level(own) <= 2, "{own}");
    }
    assert_eq!(
        level_at(80, "my father had a stroke"),
        2,
        "a child who brings a parent"
    );
}

#[test]
fn age_and_company_change_what_a_symptom_demands() {
    assert_eq!(level_at(22, "chest pain"), 3);
    assert_eq!(level_at(22, "chest pain, radiating to left arm"), 2);
    assert_eq!(level_at(30, "chest pain"), 2);
    assert_eq!(level_at(20, "fainted"), 3);
    assert_eq!(level_at(75, "fainted"), 2);
    assert_eq!(level_at(40, "headache"), 5);
    for worse in [
        "worst headache of my life",
        "sudden headache",
        "headache and vomiting",
        "headache, slurred speech",
    ] {
        assert_eq!(level_at(40, worse), 2, "{worse}");
    }
    assert_eq!(level_at(40, "fever"), 5);
    assert_eq!(level_at(40, "fever after chemotherapy"), 2);
    assert_eq!(level_at(55, "abdominal pain"), 3);
    let low = Vitals {
        systolic_bp: Some(95),
        heart_rate: Some(115),
        ..normal()
    };
    assert_eq!(floor_of(55, "abdominal pain", Some(&low)).level, 2);
    let hurts = Vitals {
        pain: Some(9),
        ..normal()
    };
    assert_eq!(floor_of(40, "headache", Some(&hurts)).level, 2);
    assert_eq!(floor_of(40, "knee pain", Some(&hurts)).level, 3);
    assert_eq!(floor_of(80, "fell, hip pain", Some(&hurts)).level, 2);
    assert_eq!(
        floor_of(40, "seizure", Some(&normal())).level,
        3,
        "alert again"
    );
}

/// Work is bounded whatever stands in the text.
#[test]
fn hostile_texts_end() {
    for text in [
        "no ".repeat(700),
        "chest ".repeat(400),
        "pain no chest ".repeat(150),
        "a".repeat(2000),
        "(((((".repeat(400),
        "-".repeat(2000),
        "s.o.b.".repeat(300),
        "غ".repeat(1000),
    ] {
        let symptoms = vec![text.chars().take(80).collect::<String>(); 20];
        let findings = Findings {
            age_years: Some(50),
            complaint: &text,
            symptoms: &symptoms,
            ..Findings::default()
        };
        floor(&Rules::default(), &findings);
    }
}
