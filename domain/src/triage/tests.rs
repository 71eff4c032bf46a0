use super::*;
#[test]
fn the_built_in_rules_are_sound() {
    match Rules::parse(include_str!("../../rules/triage-v2.json")) {
        Ok(rules) => assert_eq!(rules.version(), 2),
        Err(RulesError(all)) => panic!("{}", all.join("\n")),
    }
}
