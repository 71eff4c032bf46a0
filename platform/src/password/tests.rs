use super::*;

const OWN: [&str; 2] = ["Florence Nightingale", "f.nightingale@hospital.example"];

fn wrong(password: &str) -> Vec<String> {
    Policy::default().judge(password, &OWN)
}

#[test]
fn a_good_password_is_taken() {
    for password in [
        "Umbrella-7 under the gravel",
        "k2_Vx9!pQ4wLz",
        "Größer als 3 Äpfel!",
        // a long sentence may name somebody
        "My lamp has 9 wicks, says Nightingale to no one in the ward!",
    ] {
        assert_eq!(wrong(password), Vec::<String>::new(), "{password}");
    }
}

#[test]
fn each_missing_kind_of_character_is_named() {
    for (password, sentence) in [
        ("k2_Vx9!pQ4w", "must have at least 12 characters"),
        ("k2_Vx9!  pQ4", "must have at least 12 characters"),
        (
            "umbrella-7 under the gravel",
            "must have an upper-case letter",
        ),
        (
            "UMBRELLA-7 UNDER THE GRAVEL",
            "must have a lower-case letter",
        ),
        ("Umbrella- under the gravel", "must have a digit"),
        (
            "Umbrella7underthegravelpath",
            "must have a symbol, such as a space or a punctuation mark",
        ),
    ] {
        assert_eq!(wrong(password), [sentence], "{password}");
    }
}

#[test]
fn what_everybody_uses_is_refused_although_its_shape_is_right() {
    for password in [
        "Password1234!",
        "Qwertyuiop1!",
        "P@ssw0rd1234",
        "Aaaaaaaaaa1!",
    ] {
        let wrong = wrong(password);
        assert!(
            wrong.contains(&"is too easy to guess".to_owned()),
            "{password}: {wrong:?}"
        );
        assert!(wrong.len() > 1, "no advice with {password}: {wrong:?}");
        assert!(
            wrong.iter().all(|sentence| !sentence.contains(password)
                && !sentence.ends_with('.')
                && !sentence.starts_with(char::is_uppercase)),
            "{wrong:?}"
        );
    }
}

#[test]
fn ones_own_name_and_address_are_no_password() {
    for password in [
        "Nightingale-1820",
        "F.Nightingale@Hospital.example1",
        "Florence-x9Q!",
    ] {
        let wrong = wrong(password);
        assert!(
            wrong.contains(&"must not contain the person's name or e-mail address".to_owned()),
            "{password}: {wrong:?}"
        );
    }
    assert_eq!(
        Policy::default().judge("Nightingale-1820 k2_Vx9", &[]),
        Vec::<String>::new(),
        "somebody else's name"
    );
}

#[test]
fn judging_is_bounded() {
    for too_long in ["aB3!".repeat(257), "\u{e9}".repeat(129)] {
        assert_eq!(wrong(&too_long), ["must have at most 128 characters"]);
        assert_eq!(Policy::default().score(&too_long, &[]), 0);
    }
    let long = "Umbrella-7 under the gr\u{e4}vel and over hills ".repeat(4);
    for chars in [64, 128] {
        let taken: String = long.chars().take(chars).collect();
        assert_eq!(wrong(&taken), Vec::<String>::new());
    }
}

#[test]
fn what_others_know_is_known_whatever_its_shape() {
    let policy = Policy::default();
    for known in ["Password123!", "Qwertyuiop1!", "password", ""] {
        assert!(policy.is_known(known), "{known}");
    }
    assert!(!policy.is_known("Umbrella-7 under the gravel"));
    // kinds of characters and length are no secret of anybody
    assert!(!policy.is_known("umbrella under gravel"));
    assert!(!policy.is_known(&"umbrella under gravel ".repeat(8)));
}

#[test]
fn a_meter_goes_up_with_strength_and_down_with_ones_own_name() {
    let score = |password: &str, own: &[&str]| Policy::default().score(password, own);
    assert_eq!(score("password", &[]), 0);
    assert_eq!(score("Umbrella-7 under the gravel", &[]), 4);
    let plain = score("Galadriel-Brandybuck", &[]);
    assert!(score("Galadriel-Brandybuck", &["Galadriel Brandybuck"]) < plain);
}

#[test]
fn a_configuration_may_ask_for_more_but_not_for_less() {
    let read = |pairs: &[(&str, &str)]| {
        let mut env = Env::from_pairs(pairs.iter().copied());
        let policy = Policy::read(&mut env);
        env.finish().map(|()| policy)
    };
    let policy = read(&[
        ("MEDIQUE_PASSWORD_CHARS_MIN", "15"),
        ("MEDIQUE_PASSWORD_CLASSES", "digit"),
        ("MEDIQUE_PASSWORD_SCORE_MIN", "4"),
    ])
    .unwrap();
    assert!(policy.judge("umbrella gravel", &[])[0].starts_with("must have a digit"));
    for pair in [
        ("MEDIQUE_PASSWORD_CHARS_MIN", "11"),
        ("MEDIQUE_PASSWORD_SCORE_MIN", "2"),
        ("MEDIQUE_PASSWORD_CLASSES", "upper,emoji"),
    ] {
        assert!(read(&[pair]).is_err(), "{pair:?}");
    }
}
