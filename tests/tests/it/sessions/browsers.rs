//! Sessions in cookies: they work from our own pages only.

use super::works;
use anyhow::{Context, Result, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::Hospital;
use medique_tests::signing_in::{Browser, CSRF_COOKIE, REFRESH_COOKIE, refresh};

/// What a hostile page cannot do, or does wrong.
type Spoil = fn(&mut Browser);

#[tokio::test]
async fn a_cookie_works_from_our_own_pages_only() -> Result<()> {
    let hospital = Hospital::start().await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let anonymous = hospital.anonymous()?;
    let mut browser = Browser::at(&anonymous);
    let answer = browser.sign_in(&nurse).await?;
    ensure!(
        answer.body["refresh_token"].is_null(),
        "the token is in the body, too"
    );
    ensure!(answer.body["csrf_token"].as_str() == browser.csrf_token.as_deref());
    for header in answer.headers.get_all("set-cookie") {
        let text = header.to_str()?;
        for part in ["__Host-", "; Path=/", "; Secure", "; SameSite=Strict"] {
            ensure!(text.contains(part), "{part}: {text}");
        }
        ensure!(!text.contains("Domain"), "{text}");
        ensure!(
            text.starts_with(CSRF_COOKIE) || text.contains("; HttpOnly"),
            "{text}"
        );
    }
    let other_session = {
        let mut other = Browser::at(&anonymous);
        other.sign_in(&nurse).await?;
        other
    };
    let genuine = browser.clone();
    let hostile: [(&str, Spoil); 5] = [
        ("no token", |browser| browser.csrf_token = None),
        ("another origin", |browser| {
            browser.origin = Some("https://evil.example".to_owned())
        }),
        ("no origin", |browser| browser.origin = None),
        ("a made-up token", |browser| {
            browser.csrf_token = Some("x".repeat(64));
            browser
                .cookies
                .insert(CSRF_COOKIE.to_owned(), "x".repeat(64));
        }),
        ("no cookie to repeat", |browser| {
            drop(browser.cookies.remove(CSRF_COOKIE))
        }),
    ];
    for what in ["refresh", "logout"] {
        for (name, spoil) in hostile {
            let mut browser = genuine.clone();
            spoil(&mut browser);
            let answer = browser.post(what).await?;
            answer.problem(403, "csrf_refused").context(name)?;
        }
        let mut mixed = genuine.clone();
        mixed.csrf_token.clone_from(&other_session.csrf_token);
        let token = other_session.cookies.get(CSRF_COOKIE).context("a cookie")?;
        mixed.cookies.insert(CSRF_COOKIE.to_owned(), token.clone());
        mixed
            .post(what)
            .await?
            .problem(403, "csrf_refused")
            .context("another session's token")?;
    }
    // a cookie's token is no good in a body
    let token = genuine.cookies.get(REFRESH_COOKIE).context("a cookie")?;
    refresh(&anonymous, token, None)
        .await?
        .problem(401, "invalid_session")?;
    // nothing of that used the token up
    let answer = browser.post("refresh").await?.expect(200)?;
    ensure!(answer.body["refresh_token"].is_null(), "{answer}");
    ensure!(
        browser.cookies.get(REFRESH_COOKIE) != Some(token),
        "not rotated"
    );
    let access = answer.body["access_token"]
        .as_str()
        .context("no access token")?;
    let client = anonymous.with_token(access);
    ensure!(works(&client).await?);
    browser.post("logout").await?.expect(204)?;
    ensure!(
        browser.cookies.is_empty(),
        "cookies stay: {:?}",
        browser.cookies
    );
    ensure!(!works(&client).await?, "the access token goes on");
    hospital.passes().await?;
    Ok(())
}
