use super::*;

fn normal() -> Vitals {
    Vitals {
        respiratory_rate: Some(16),
        oxygen_saturation: Some(98),
        on_oxygen: Some(false),
        systolic_bp: Some(120),
        heart_rate: Some(70),
        temperature_c: Some(37.0),
        consciousness: Some(Consciousness::Alert),
        pain: None,
    }
}

fn adult_floor(vitals: &Vitals) -> Floor {
    floor(&Findings {
        age_years: Some(40),
        vitals: Some(vitals),
    })
}

type Setter = fn(&mut Vitals, u16);
type Scores = &'static [(u16, u8)];

/// Both sides of every cut-off of the RCP chart, temperature in tenths of a degree.
#[test]
fn every_cut_off_of_the_chart() {
    let parameters: [(&str, Setter, Scores); 5] = [
        (
            "respirations",
            |v, n| v.respiratory_rate = Some(n),
            &[
                (0, 3),
                (8, 3),
                (9, 1),
                (11, 1),
                (12, 0),
                (20, 0),
                (21, 2),
                (24, 2),
                (25, 3),
                (100, 3),
            ],
        ),
        (
            "saturation",
            |v, n| v.oxygen_saturation = Some(n),
            &[
                (0, 3),
                (91, 3),
                (92, 2),
                (93, 2),
                (94, 1),
                (95, 1),
                (96, 0),
                (100, 0),
            ],
        ),
        (
            "systolic",
            |v, n| v.systolic_bp = Some(n),
            &[
                (0, 3),
                (90, 3),
                (91, 2),
                (100, 2),
                (101, 1),
                (110, 1),
                (111, 0),
                (219, 0),
                (220, 3),
                (350, 3),
            ],
        ),
        (
            "pulse",
            |v, n| v.heart_rate = Some(n),
            &[
                (0, 3),
                (40, 3),
                (41, 1),
                (50, 1),
                (51, 0),
                (90, 0),
                (91, 1),
                (110, 1),
                (111, 2),
                (130, 2),
                (131, 3),
                (400, 3),
            ],
        ),
        (
            "temperature",
            |v, n| v.temperature_c = Some(f64::from(n) / 10.0),
            &[
                (200, 3),
                (350, 3),
                (351, 1),
                (360, 1),
                (361, 0),
                (380, 0),
                (381, 1),
                (390, 1),
                (391, 2),
                (460, 2),
            ],
        ),
    ];
    for (name, set, cases) in parameters {
        for (value, expected) in cases {
            let mut vitals = normal();
            set(&mut vitals, *value);
            let score = news2(&vitals);
            assert_eq!(score.total(), Some(*expected), "{name} {value}");
            assert_eq!(score.highest, *expected, "{name} {value}");
        }
    }
}

#[test]
fn oxygen_and_consciousness_score() {
    let mut vitals = normal();
    assert_eq!(news2(&vitals).total(), Some(0));
    vitals.on_oxygen = Some(true);
    assert_eq!(news2(&vitals).total(), Some(2));
    for level in Consciousness::ALL {
        let score = news2(&Vitals {
            consciousness: Some(*level),
            ..normal()
        });
        assert_eq!(
            score.total(),
            Some(if *level == Consciousness::Alert { 0 } else { 3 })
        );
    }
}

#[test]
fn the_worst_possible_score_is_20() {
    let vitals = Vitals {
        respiratory_rate: Some(30),
        oxygen_saturation: Some(80),
        on_oxygen: Some(true),
        systolic_bp: Some(70),
        heart_rate: Some(180),
        temperature_c: Some(34.0),
        consciousness: Some(Consciousness::Unresponsive),
        pain: Some(10),
    };
    assert_eq!(news2(&vitals).total(), Some(20));
    assert_eq!(adult_floor(&vitals).level, 1);
}

#[test]
fn a_missing_parameter_makes_the_score_incomplete() {
    let removals: [fn(&mut Vitals); 7] = [
        |v| v.respiratory_rate = None,
        |v| v.oxygen_saturation = None,
        |v| v.on_oxygen = None,
        |v| v.systolic_bp = None,
        |v| v.heart_rate = None,
        |v| v.temperature_c = None,
        |v| v.consciousness = None,
    ];
    for remove in removals {
        let mut vitals = normal();
        remove(&mut vitals);
        assert_eq!(adult_floor(&vitals).news2, None);
    }
    let only_pulse = Vitals {
        heart_rate: Some(140),
        ..empty()
    };
    let floor = adult_floor(&only_pulse);
    assert_eq!(
        (floor.level, floor.news2),
        (3, None),
        "a single 3 counts all the same"
    );
}

fn empty() -> Vitals {
    Vitals {
        respiratory_rate: None,
        oxygen_saturation: None,
        on_oxygen: None,
        systolic_bp: None,
        heart_rate: None,
        temperature_c: None,
        consciousness: None,
        pain: None,
    }
}

#[test]
fn aggregates_set_the_floor() {
    // 2 (respirations) + 2 (oxygen) = 4, + 1 = 5, + 1 = 6, + 1 = 7; no single 3 among them.
    let four = Vitals {
        respiratory_rate: Some(22),
        on_oxygen: Some(true),
        ..normal()
    };
    let five = Vitals {
        heart_rate: Some(100),
        ..four.clone()
    };
    let six = Vitals {
        temperature_c: Some(38.5),
        ..five.clone()
    };
    let seven = Vitals {
        systolic_bp: Some(105),
        ..six.clone()
    };
    let levels = [&four, &five, &six, &seven].map(|vitals| {
        let floor = adult_floor(vitals);
        (floor.news2, floor.level)
    });
    assert_eq!(
        levels,
        [(Some(4), 5), (Some(5), 3), (Some(6), 3), (Some(7), 2)]
    );
    let incomplete = Vitals {
        consciousness: None,
        ..seven
    };
    let floor = adult_floor(&incomplete);
    assert_eq!(
        (floor.news2, floor.level),
        (None, 2),
        "what was measured is a lower bound"
    );
}

#[test]
fn signs_that_count_at_any_age() {
    for age_years in [None, Some(0), Some(15), Some(16), Some(90)] {
        let level = |vitals: &Vitals| {
            floor(&Findings {
                age_years,
                vitals: Some(vitals),
            })
            .level
        };
        assert_eq!(
            level(&Vitals {
                consciousness: Some(Consciousness::Unresponsive),
                ..normal()
            }),
            1
        );
        assert_eq!(
            level(&Vitals {
                consciousness: Some(Consciousness::Voice),
                ..normal()
            }),
            3
        );
        assert_eq!(
            level(&Vitals {
                oxygen_saturation: Some(91),
                ..normal()
            }),
            3
        );
        assert_eq!(
            level(&Vitals {
                oxygen_saturation: Some(92),
                ..normal()
            }),
            5
        );
    }
}

#[test]
fn news2_is_refused_below_16() {
    let fast = Vitals {
        heart_rate: Some(150),
        respiratory_rate: Some(40),
        ..normal()
    };
    let child = floor(&Findings {
        age_years: Some(15),
        vitals: Some(&fast),
    });
    assert_eq!((child.level, child.news2), (5, None));
    let grown = floor(&Findings {
        age_years: Some(16),
        vitals: Some(&fast),
    });
    assert_eq!((grown.level, grown.news2), (3, Some(6)));
}

#[test]
fn a_partial_set_does_not_hide_what_was_alarming() {
    let alarming = Vitals {
        oxygen_saturation: Some(85),
        ..normal()
    };
    let merged = merge_vitals(
        Some(&alarming),
        &Vitals {
            pain: Some(2),
            ..empty()
        },
    );
    assert_eq!(merged.oxygen_saturation, Some(85));
    assert_eq!(merged.pain, Some(2));
    assert_eq!(
        merge_vitals(Some(&alarming), &normal()).oxygen_saturation,
        Some(98)
    );
}

#[test]
fn only_an_override_stands_above_the_floor() {
    let floor = Floor {
        level: 2,
        rules_version: RULES_VERSION,
        fired: Vec::new(),
        news2: None,
    };
    let clinician = |level, overrides_floor| ClinicianLevel {
        level,
        overrides_floor,
        ..ClinicianLevel::default()
    };
    assert_eq!(effective_level(&floor, None, 4), 2);
    assert_eq!(effective_level(&floor, None, 1), 1);
    assert_eq!(effective_level(&floor, Some(&clinician(4, false)), 5), 2);
    assert_eq!(effective_level(&floor, Some(&clinician(1, false)), 5), 1);
    assert_eq!(effective_level(&floor, Some(&clinician(4, true)), 5), 4);
}
