use super::*;
use medique_platform::config::Env;

fn passwords(at_once: &str, waiting: &str) -> Arc<Passwords> {
    let key = "00".repeat(32);
    let mut env = Env::from_pairs([
        ("MEDIQUE_IDENTITY_KEY", key.as_str()),
        ("MEDIQUE_LOGIN_HASHES_AT_ONCE", at_once),
        ("MEDIQUE_LOGIN_HASHES_WAITING", waiting),
    ]);
    let policy = IdentityPolicy::read(&mut env);
    env.finish().unwrap();
    Arc::new(Passwords::new(&policy).unwrap())
}

#[tokio::test]
async fn a_password_opens_its_own_hash_and_nobody_has_none() {
    let passwords = passwords("1", "1");
    let password = || SecretString::from("Umbrella-7 under the gravel");
    let hash = passwords.judge_and_hash(password(), vec![]).await.unwrap();
    let hash = hash.unwrap();
    let verify = |hash, password| passwords.verify(&[0; 32], hash, password);
    let verified = |is_right, is_known| Verified { is_right, is_known };
    for (hash, shown, expected) in [
        (Some(hash.clone()), password(), verified(true, false)),
        (
            Some(hash.clone()),
            "Password1234!".into(),
            verified(false, true),
        ),
        (None, password(), verified(false, false)),
        (None, "Password1234!".into(), verified(false, true)),
    ] {
        assert_eq!(verify(hash, shown).await.unwrap(), expected);
    }
    assert_eq!(passwords.rehash(&hash, password()).await.unwrap(), None);
    let cheaper = hash.replace("t=2", "t=1");
    assert!(
        passwords
            .rehash(&cheaper, password())
            .await
            .unwrap()
            .is_some()
    );
    let weak = passwords
        .judge_and_hash("Password1234!".into(), vec![])
        .await;
    assert!(!weak.unwrap().unwrap_err().is_empty());
}

/// A flood takes the places that there are; whoever comes then is told to come back at once.
#[tokio::test]
async fn a_flood_is_bounded() {
    let passwords = passwords("1", "2");
    let (open, closed) = std::sync::mpsc::channel::<()>();
    let closed = Arc::new(Mutex::new(closed));
    let mut inside = Vec::new();
    for _ in 0..3 {
        let (passwords, closed) = (Arc::clone(&passwords), Arc::clone(&closed));
        inside.push(tokio::spawn(async move {
            passwords
                .work(move || closed.lock().unwrap().recv().is_err())
                .await
        }));
    }
    while passwords.places.available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    let refused = passwords.verify(&[0; 32], None, "any".into()).await;
    assert!(matches!(refused, Err(PasswordError::Busy)));
    drop(open);
    for task in inside {
        task.await.unwrap().unwrap();
    }
    let verified = passwords.verify(&[0; 32], None, "any".into()).await;
    assert!(!verified.unwrap().is_right);
}
