use super::*;

fn key(fill: u8) -> BackupKey {
    BackupKey(hmac::Key::new(hmac::HMAC_SHA256, &[fill; KEY_LEN]))
}

fn folder() -> PathBuf {
    let path = std::env::temp_dir().join(format!("medique-vault-{}", uuid::Uuid::new_v4()));
    fs::create_dir(&path).unwrap();
    path
}

fn sealed(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut sealer = Sealer::new(&key(1), &mut out).unwrap();
    sealer.write_all(bytes).unwrap();
    sealer.finish().unwrap();
    out
}

fn opened(sealed: &[u8], key: &BackupKey) -> Result<Vec<u8>, VaultError> {
    let mut out = Vec::new();
    copy(&mut Opener::new(key, sealed)?, &mut out).map(|_| out)
}

#[test]
fn every_length_around_a_frame_comes_back() {
    for length in [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000] {
        let bytes: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
        assert_eq!(opened(&sealed(&bytes), &key(1)).unwrap(), bytes, "{length}");
    }
}

#[test]
fn nothing_else_is_opened() {
    let bytes = vec![7; 200_000];
    let whole = sealed(&bytes);
    let frame = 65_536 + 16;
    let mut swapped = whole.clone();
    let (first, second) = swapped[40..].split_at_mut(frame);
    first.swap_with_slice(&mut second[..frame]);
    let mut flipped = whole.clone();
    flipped[100_000] ^= 1;
    for (what, broken) in [
        ("cut at a frame", whole[..40 + frame].to_vec()),
        ("cut within a frame", whole[..whole.len() - 1].to_vec()),
        ("cut to its head", whole[..40].to_vec()),
        ("empty", Vec::new()),
        ("swapped frames", swapped),
        ("a flipped bit", flipped),
        ("lengthened", [whole.clone(), vec![0; 20]].concat()),
    ] {
        let result = opened(&broken, &key(1));
        assert!(matches!(result, Err(VaultError::NotAuthentic)), "{what}");
    }
    assert!(opened(&whole, &key(2)).is_err(), "another key");
}

#[test]
fn a_file_never_replaces_another_and_may_be_archived_twice() {
    let folder = folder();
    let file = folder.join("000000010000000000000001");
    let first = key(1).seal(&mut &b"segment"[..], &file).unwrap();
    assert_eq!(first.bytes, 7);
    assert_eq!(key(1).seal(&mut &b"segment"[..], &file).unwrap(), first);
    let other = key(1).seal(&mut &b"another"[..], &file);
    assert!(matches!(other, Err(VaultError::Exists(_))));
    assert_eq!(key(1).verify(&file).unwrap(), first);
    let copy = folder.join("opened");
    assert_eq!(key(1).open_to(&file, &copy).unwrap(), first);
    assert_eq!(fs::read(&copy).unwrap(), b"segment");
    assert!(key(2).open_to(&file, &folder.join("not")).is_err());
    let names: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names.len(), 2, "drafts are gone: {names:?}");
    fs::remove_dir_all(&folder).unwrap();
}
