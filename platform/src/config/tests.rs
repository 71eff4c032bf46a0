use super::*;

fn problems(env: Env) -> Vec<String> {
    env.finish().unwrap_err().problems
}

#[test]
fn all_problems_are_told_at_once_by_the_names_of_their_variables() {
    let mut env = Env::from_pairs([
        ("MEDIQUE_POOL_MAX", "many"),
        ("MEDIQUE_STREAM_REPLICAS", "6"),
        ("MEDIQUE_TYPO", "1"),
        ("MEDIQUE_KEY", "short"),
        ("PATH", "not ours"),
    ]);
    env.parsed("MEDIQUE_POOL_MAX", 16_u32);
    env.within("MEDIQUE_STREAM_REPLICAS", 1_u8, 1..=5);
    env.required("MEDIQUE_PUBLIC_URL");
    env.required_secret("MEDIQUE_NATS_URL");
    env.required_key("MEDIQUE_KEY", 32);
    env.check(
        false,
        "MEDIQUE_LEASE_RENEW_MS: must be at most half the lease",
    );
    let problems = problems(env);
    assert_eq!(
        problems,
        [
            "MEDIQUE_POOL_MAX: invalid digit found in string",
            "MEDIQUE_STREAM_REPLICAS: must be from 1 to 5",
            "MEDIQUE_PUBLIC_URL: must be set",
            "MEDIQUE_NATS_URL or MEDIQUE_NATS_URL_FILE: must be set",
            "MEDIQUE_KEY: must have at least 32 bytes",
            "MEDIQUE_LEASE_RENEW_MS: must be at most half the lease",
            "MEDIQUE_TYPO: no such variable",
        ]
    );
    assert!(!problems.iter().any(|problem| problem.contains("short")));
}

#[test]
fn a_secret_comes_from_its_variable_or_its_file_but_not_both() {
    let file = std::env::temp_dir().join(format!("medique-secret-{}", uuid::Uuid::new_v4()));
    std::fs::write(&file, "from a file\n").unwrap();
    let owner = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&file, owner).unwrap();
    let path = file.to_str().unwrap();
    let mut env = Env::from_pairs([
        ("MEDIQUE_A", "direct"),
        ("MEDIQUE_B_FILE", path),
        ("MEDIQUE_C", "direct"),
        ("MEDIQUE_C_FILE", path),
        ("MEDIQUE_D_FILE", "/nowhere/at/all"),
    ]);
    let exposed = |secret: SecretString| secret.expose_secret().to_owned();
    assert_eq!(
        env.secret("MEDIQUE_A").map(exposed).as_deref(),
        Some("direct")
    );
    assert_eq!(
        env.secret("MEDIQUE_B").map(exposed).as_deref(),
        Some("from a file")
    );
    env.required_secret("MEDIQUE_C");
    env.required_secret("MEDIQUE_D");
    std::fs::remove_file(&file).unwrap();
    let problems = problems(env);
    assert_eq!(
        problems[0],
        "MEDIQUE_C and MEDIQUE_C_FILE: set one of them, not both"
    );
    assert!(problems[1].starts_with("MEDIQUE_D_FILE: "), "{problems:?}");
    assert_eq!(problems.len(), 2);
}

#[test]
fn defaults_hold_for_what_is_not_set_or_empty() {
    let mut env = Env::from_pairs([
        ("MEDIQUE_NATS_URL", "nats://u:p@h:4222"),
        ("MEDIQUE_DATABASE_URL", "postgres://u:p@h/d"),
        ("MEDIQUE_LOG", ""),
    ]);
    let bus = BusConfig::read(&mut env);
    let database = DatabaseConfig::read(&mut env);
    let log = LogConfig::read(&mut env);
    env.finish().unwrap();
    assert_eq!(
        (bus.replicas, bus.duplicate_window),
        (1, Duration::from_secs(900))
    );
    assert_eq!((database.pool_max, log.filter.as_str()), (16, "info"));
    assert!(!format!("{bus:?} {database:?}").contains("u:p"));
}

#[test]
fn a_demand_for_durability_needs_a_way_to_check_it() {
    let mut env = Env::from_pairs([
        ("MEDIQUE_NATS_URL", "nats://h"),
        ("MEDIQUE_REQUIRE_SYNC_ALWAYS", "true"),
    ]);
    BusConfig::read(&mut env);
    let problems = problems(env);
    assert!(
        problems[0].starts_with("MEDIQUE_NATS_MONITOR_URL: "),
        "{problems:?}"
    );
}
