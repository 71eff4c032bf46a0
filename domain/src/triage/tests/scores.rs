//! NEWS2, vital signs on their own, and the level that follows.

use super::*;

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
        ..Vitals::default()
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
        ..Vitals::default()
    };
    let floor = adult_floor(&only_pulse);
    assert_eq!(
        (floor.level, floor.news2),
        (2, None),
        "a single 3 counts all the same"
    );
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
    for age_years in [0, 15, 16, 90] {
        let level = |vitals: &Vitals| floor_of(age_years, "", Some(vitals)).level;
        let calm = Vitals {
            heart_rate: None,
            respiratory_rate: None,
            ..normal()
        };
        let conscious = |consciousness| Vitals {
            consciousness: Some(consciousness),
            ..calm.clone()
        };
        assert_eq!(level(&conscious(Consciousness::Unresponsive)), 1);
        assert_eq!(level(&conscious(Consciousness::Pain)), 1);
        assert_eq!(level(&conscious(Consciousness::Voice)), 2);
        assert_eq!(level(&conscious(Consciousness::Confusion)), 2);
        for (percent, expected) in [(79, 1), (80, 2), (91, 2), (92, 5)] {
            let vitals = Vitals {
                oxygen_saturation: Some(percent),
                ..calm.clone()
            };
            assert_eq!(level(&vitals), expected, "{age_years} {percent}");
        }
    }
}

#[test]
fn news2_is_refused_below_16() {
    let fast = Vitals {
        heart_rate: Some(150),
        respiratory_rate: Some(40),
        ..normal()
    };
    let child = floor_of(15, "", Some(&fast));
    assert_eq!((child.news2, child.score, child.level), (None, None, 2));
    assert_eq!(floor_of(16, "", Some(&fast)).news2, Some(6));
}

/// Both scales of saturation, on air and on oxygen.
#[test]
fn scale_2_only_where_a_clinician_said_so() {
    for (percent, air, oxygen) in [
        (83, 3, 3),
        (84, 2, 2),
        (85, 2, 2),
        (86, 1, 1),
        (87, 1, 1),
        (88, 0, 0),
        (92, 0, 0),
        (93, 0, 1),
        (94, 0, 1),
        (95, 0, 2),
        (96, 0, 2),
        (97, 0, 3),
        (100, 0, 3),
    ] {
        for (on_oxygen, expected) in [(false, air), (true, oxygen + 2)] {
            let score = news2(&Vitals {
                oxygen_saturation: Some(percent),
                on_oxygen: Some(on_oxygen),
                oxygen_scale_2: Some(true),
                ..normal()
            });
            assert_eq!(
                (score.total(), score.scale),
                (Some(expected), 2),
                "{percent}"
            );
        }
    }
}
