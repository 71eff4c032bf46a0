use super::*;
use crate::config::Env;
use crate::privacy::MasterKeys;
use base64::engine::general_purpose::STANDARD;

fn keys(current: u8, previous: &[u8]) -> Keys {
    let text = |byte: u8| STANDARD.encode([byte; KEY_LEN]);
    let previous: Vec<_> = previous.iter().map(|byte| text(*byte)).collect();
    let mut env = Env::from_pairs([
        ("MEDIQUE_MASTER_KEY", text(current)),
        ("MEDIQUE_PREVIOUS_MASTER_KEYS", previous.join("\n")),
    ]);
    let keys = Keys::new(MasterKeys::read(&mut env));
    env.finish().unwrap();
    keys
}

fn stored(wrapped: Wrapped) -> StoredKey {
    StoredKey {
        wrapped_key: Some(wrapped.bytes),
        master_key_id: Some(wrapped.master_key_id),
        erased: false,
    }
}

#[test]
fn a_text_is_read_by_the_key_of_its_visit_and_field_only() {
    let (keys, visit, other) = (keys(1, &[]), Uuid::from_u128(1), Uuid::from_u128(2));
    let (key, wrapped) = keys.new_key(visit).unwrap();
    let sealed = key.seal(Field::Hold, "smoking outside").unwrap();
    assert!(DataKey::is_sealed(&sealed) && !sealed.contains("smoking"));
    assert_ne!(sealed, key.seal(Field::Hold, "smoking outside").unwrap());

    let again = keys
        .key_of(visit, stored(wrapped.clone()))
        .unwrap()
        .unwrap();
    assert_eq!(again.open(Field::Hold, &sealed).unwrap(), "smoking outside");
    let wrong = again.open(Field::Notes, &sealed);
    assert_eq!(wrong, Err(PrivacyError::NotAuthentic));
    assert_eq!(
        keys.key_of(other, stored(wrapped)).unwrap_err(),
        PrivacyError::NotAuthentic,
        "a key that was moved to another visit"
    );
    let (others, _) = keys.new_key(visit).unwrap();
    assert_eq!(
        others.open(Field::Hold, &sealed),
        Err(PrivacyError::NotAuthentic)
    );
    let mut changed = sealed.into_bytes();
    changed[10] ^= 1;
    let changed = String::from_utf8(changed).unwrap();
    assert!(again.open(Field::Hold, &changed).is_err());
    assert_eq!(again.open(Field::Hold, "old text").unwrap(), "old text");
}

#[test]
fn a_destroyed_key_says_so_and_a_visit_of_before_has_none() {
    let (keys, visit) = (keys(1, &[]), Uuid::from_u128(1));
    let destroyed = StoredKey {
        erased: true,
        ..StoredKey::default()
    };
    assert_eq!(
        keys.key_of(visit, destroyed).unwrap_err(),
        PrivacyError::Erased
    );
    assert!(keys.key_of(visit, StoredKey::default()).unwrap().is_none());
}

#[test]
fn a_rotation_keeps_what_was_sealed_readable() {
    let (old, visit) = (keys(1, &[]), Uuid::from_u128(1));
    let (key, wrapped) = old.new_key(visit).unwrap();
    let sealed = key.seal(Field::Intake, "name").unwrap();
    let of_facility = old
        .seal_for_facility(visit, Field::DeadLetter, b"raw")
        .unwrap();

    let both = keys(2, &[1]);
    let again = both.wrap_again(visit, &wrapped).unwrap();
    assert_eq!(again.master_key_id, both.current_id());
    assert_ne!(again.master_key_id, wrapped.master_key_id);
    let opened = both.open_for_facility(visit, Field::DeadLetter, &of_facility);
    assert_eq!(opened.unwrap().as_deref(), Some(&b"raw"[..]));
    let foreign = both.open_for_facility(Uuid::from_u128(9), Field::DeadLetter, &of_facility);
    assert_eq!(foreign, Err(PrivacyError::NotAuthentic));

    let new = keys(2, &[]);
    let key = new.key_of(visit, stored(again)).unwrap().unwrap();
    assert_eq!(key.open(Field::Intake, &sealed).unwrap(), "name");
    assert_eq!(
        new.key_of(visit, stored(wrapped.clone())).unwrap_err(),
        PrivacyError::UnknownMasterKey(wrapped.master_key_id)
    );
}

#[test]
fn the_mark_of_a_patient_needs_the_master_key_and_survives_a_rotation() {
    let facility = Uuid::from_u128(7);
    let marks = |keys: Keys, key: &str| keys.patient_marks(facility, key).unwrap();
    let first = marks(keys(1, &[]), "ann 1980-01-02");
    assert_eq!(first, marks(keys(1, &[]), "ann 1980-01-02"));
    assert_ne!(first, marks(keys(1, &[]), "bob 1980-01-02"));
    let rotated = marks(keys(2, &[1]), "ann 1980-01-02");
    assert_eq!((rotated.len(), &rotated[1]), (2, &first[0]));
    assert_ne!(rotated[0], rotated[1]);
    assert!(!first[0].contains("ann"));
    let elsewhere = keys(1, &[]).patient_marks(Uuid::from_u128(8), "ann 1980-01-02");
    assert_ne!(elsewhere.unwrap(), first);
}

#[test]
fn a_weak_master_key_is_named_and_not_quoted() {
    for text in ["c2hvcnQ=", "not base64 at all"] {
        let mut env = Env::from_pairs([("MEDIQUE_MASTER_KEY", text)]);
        MasterKeys::read(&mut env);
        let problems = env.finish().unwrap_err().problems;
        assert_eq!(problems, ["MEDIQUE_MASTER_KEY: must be 32 bytes in base64"]);
    }
}
