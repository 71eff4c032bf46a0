//! The file of rules: what is compiled in is sound, and what is wrong is refused by name.

use super::*;

const BUILT_IN: &str = include_str!("../../../rules/triage-v2.json");

fn refused(change: impl FnOnce(&mut serde_json::Value)) -> String {
    let mut file: serde_json::Value = serde_json::from_str(BUILT_IN).expect("JSON");
    change(&mut file);
    Rules::parse(&file.to_string())
        .expect_err("a file with a mistake")
        .to_string()
}

#[test]
fn the_built_in_rules_are_sound() {
    match Rules::parse(BUILT_IN) {
        Ok(rules) => {
            assert_eq!((rules.version(), rules.languages().len()), (2, 5));
            assert!(rules.rules().iter().all(|rule| !rule.source.is_empty()));
        }
        Err(RulesError(all)) => assert_eq!(all, Vec::<String>::new()),
    }
}

#[test]
fn mistakes_are_named() {
    for (expected, error) in [
        (
            "unknown field",
            refused(|file| file["rules"][0]["levle"] = 1.into()),
        ),
        (
            "stands twice",
            refused(|file| file["rules"][1]["id"] = file["rules"][0]["id"].clone()),
        ),
        (
            "stands twice",
            refused(|file| file["terms"][1]["id"] = file["terms"][0]["id"].clone()),
        ),
        (
            "between 1 and 5",
            refused(|file| file["rules"][0]["level"] = 0.into()),
        ),
        (
            "no term `nothing`",
            refused(|file| file["rules"][0]["any"] = vec!["nothing"].into()),
        ),
        (
            "is not a vital sign",
            refused(|file| file["rules"][0]["signs"] = vec![vec!["mood < 1"]].into()),
        ),
        (
            "always fire",
            refused(|file| file["rules"][0]["signs"] = serde_json::json!([])),
        ),
        (
            "no source",
            refused(|file| file["rules"][0]["source"] = "hearsay".into()),
        ),
        (
            "no English text",
            refused(|file| file["rules"][0]["reason"] = serde_json::json!({ "es": "x" })),
        ),
        (
            "stands for nothing",
            refused(|file| file["terms"][0]["patterns"]["en"][0] = "".into()),
        ),
        (
            "too many words",
            refused(|file| file["terms"][0]["patterns"]["en"][0] = "a*".into()),
        ),
        (
            "plain lower case",
            refused(|file| file["terms"][0]["patterns"]["en"][0] = "Chest".into()),
        ),
        (
            "does not match",
            refused(|file| file["terms"][0]["patterns"]["en"][0] = "(chest".into()),
        ),
        (
            "no cues in language",
            refused(|file| file["terms"][0]["patterns"]["xx"] = vec!["x"].into()),
        ),
        ("version", refused(|file| file["version"] = 0.into())),
        (
            "youngest age",
            refused(|file| file["rules"][0]["age"] = serde_json::json!([9, 3])),
        ),
    ] {
        assert!(error.contains(expected), "{expected}: {error}");
    }
    assert!(Rules::parse("{").is_err());
}

/// Rows of version 1 have neither `rules` nor `score`.
#[test]
fn floors_of_older_versions_are_read() {
    let old = r#"{"level":3,"rules_version":1,"fired":["news2.single_3"],"news2":null}"#;
    let floor: Floor = serde_json::from_str(old).expect("an old row");
    assert_eq!((floor.level, floor.rules.len(), floor.score), (3, 0, None));
    let now = floor_of(50, "chest pain", Some(&normal()));
    let text = serde_json::to_string(&now).expect("JSON");
    assert_eq!(
        serde_json::from_str::<Floor>(&text).expect("reads back"),
        now
    );
}
