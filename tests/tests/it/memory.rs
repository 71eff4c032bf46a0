//! What is no longer needed is gone from the memory of a process, not only forgotten.

use anyhow::{Context as _, Result, bail, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::{Hospital, await_until, samples};
use memchr::memmem;
use serde_json::{Value, json};
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use uuid::Uuid;

const SOON: Duration = Duration::from_secs(60);

/// Whether a text stands anywhere in the writable memory of a process.
fn holds(pid: u32, text: &str) -> Result<bool> {
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps"))?;
    let memory = File::open(format!("/proc/{pid}/mem"))?;
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (Some(range), Some(rights)) = (words.next(), words.next()) else {
            bail!("a line of maps: {line}");
        };
        if !rights.starts_with("rw") {
            continue;
        }
        let (start, end) = range.split_once('-').context("no range")?;
        let (start, end) = (
            u64::from_str_radix(start, 16)?,
            u64::from_str_radix(end, 16)?,
        );
        if is_in(&memory, start, end, text.as_bytes()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Looks through a mapping piece by piece; most of them are empty. One may have gone meanwhile.
fn is_in(memory: &File, start: u64, end: u64, text: &[u8]) -> bool {
    const PIECE: usize = 1 << 16;
    let mut piece = [0; PIECE];
    let mut at = start;
    while at < end {
        let length = PIECE.min(usize::try_from(end - at).unwrap_or(PIECE));
        if memory.read_exact_at(&mut piece[..length], at).is_err() {
            return false;
        }
        if memmem::find(&piece[..length], text).is_some() {
            return true;
        }
        if at + length as u64 == end {
            return false;
        }
        // what lies across two pieces is found in the next
        at += (length - text.len()) as u64;
    }
    false
}

/// A request over a connection of its own, of which `sent` bytes of the body are sent.
async fn send(base: &str, path: &str, more: &str, body: &str, sent: usize) -> Result<TcpStream> {
    let address = base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await?;
    let head = format!(
        "POST /api/v1{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{more}\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&body.as_bytes()[..sent]).await?;
    Ok(stream)
}

async fn post(base: &str, path: &str, more: &str, body: &Value, status: u16) -> Result<()> {
    let body = body.to_string();
    let mut stream = send(base, path, more, &body, body.len()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    ensure!(
        answer.starts_with(&format!("HTTP/1.1 {status} ")),
        "{answer}"
    );
    Ok(())
}

#[tokio::test]
async fn passwords_and_what_patients_say_leave_the_memory_when_they_are_done_with() -> Result<()> {
    let mut hospital = Hospital::start().await?;
    let nurse = hospital.local(Role::Reception).await?;
    let base = hospital.apis[0].url();
    let pid = hospital.apis[0].process().pid();
    let canary = || format!("Mq-4{}", Uuid::new_v4().simple());

    // the search finds what is still needed
    let waiting = json!({ "email": nurse.email, "password": canary() });
    let (text, password) = (waiting.to_string(), waiting["password"].as_str());
    let open = send(&base, "/auth/login", "", &text, text.len() - 1).await?;
    let password = password.context("no password")?;
    await_until::holds("it is there", SOON, || async { holds(pid, password) }).await?;
    drop(open);

    let [wrong, thought_of, complaint] = [canary(), canary(), canary()];
    let login = json!({ "email": nurse.email, "password": wrong });
    post(&base, "/auth/login", "", &login, 401).await?;
    let judged = json!({ "password": thought_of });
    post(&base, "/auth/password/judge", "", &judged, 200).await?;
    let login = json!({ "email": nurse.email, "password": nurse.password });
    post(&base, "/auth/login", "", &login, 200).await?;
    let check_in = async |complaint: &str| {
        let mut visit = samples::visit(hospital.department().id, &canary());
        visit["complaint"] = json!(complaint);
        let more = format!(
            "Authorization: Bearer {}\r\nIdempotency-Key: {}\r\nPrefer: wait=20\r\n",
            nurse.client.token()?,
            Uuid::new_v4()
        );
        post(&base, "/visits", &more, &visit, 201).await
    };
    check_in(&complaint).await?;
    for (what, secret) in [
        ("a password that waited", password),
        ("a wrong password", &wrong),
        ("a password that was judged", &thought_of),
        ("a right password", &nurse.password),
        ("a complaint", &complaint),
    ] {
        // What a connection to the broker wrote last stays in its buffer until it writes again.
        await_until::holds(&format!("{what} is gone"), SOON, || async {
            check_in("something else that somebody says, and at a greater length").await?;
            Ok(!holds(pid, secret)?)
        })
        .await?;
    }
    hospital.passes().await?;
    Ok(())
}
