//! Headers of every answer of every route, other origins, and bounds on connections.

use anyhow::{Context as _, Result, ensure};
use medique_tests::catalogue::{self, Target};
use medique_tests::client::{Answer, Client, send};
use medique_tests::{Hospital, await_until};
use reqwest::Method;
use reqwest::header::HeaderMap;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const ALWAYS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "strict-transport-security",
        "max-age=63072000; includeSubDomains",
    ),
];

fn is_strict(name: &str, headers: &HeaderMap) -> Result<()> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    for (wanted, value) in ALWAYS {
        ensure!(
            header(wanted) == Some(value),
            "{name}: {wanted}: {headers:?}"
        );
    }
    let policy = header("content-security-policy").unwrap_or_default();
    ensure!(
        policy.starts_with("default-src 'none'")
            && policy.contains("frame-ancestors 'none'")
            && !policy.contains("unsafe")
            && !policy.contains('*'),
        "{name}: {policy}"
    );
    let permissions = header("permissions-policy").unwrap_or_default();
    ensure!(permissions.contains("camera=()"), "{name}: {permissions}");
    ensure!(
        header("access-control-allow-origin").is_none(),
        "{name} is open to other origins"
    );
    for told in ["server", "x-powered-by", "via"] {
        ensure!(header(told).is_none(), "{name} tells its {told}");
    }
    let content_type = header("content-type").unwrap_or_default();
    ensure!(
        !content_type.starts_with("text/h") || content_type.ends_with("charset=utf-8"),
        "{name}: {content_type}"
    );
    ensure!(
        !content_type.contains("json")
            || header("content-disposition") == Some("attachment; filename=\"api.json\""),
        "{name} is shown by a browser"
    );
    ensure!(header("traceparent").is_some(), "{name}: no traceparent");
    // what is the same for everybody may be kept
    let is_public = ["/docs", "/openapi.json", "/.well-known/jwks.json"];
    if !is_public.iter().any(|path| name.contains(path)) {
        // the page of the screens, where they were built, is the same for everybody and asked for anew
        let is_page = name == "GET /" && header("etag").is_some();
        let kept = if is_page { "no-cache" } else { "no-store" };
        ensure!(header("cache-control") == Some(kept), "{name} may be kept");
    }
    Ok(())
}

/// Only the head of the answer: live streams have no end.
async fn head_of(client: &Client, method: Method, path: &str) -> Result<HeaderMap> {
    let request = client
        .request(method, path)
        .header("Origin", "https://evil.example");
    Ok(request.send().await?.headers().clone())
}

async fn secure_hospital() -> Result<Hospital> {
    Hospital::builder()
        .api("MEDIQUE_PUBLIC_URL", "https://hospital.example")
        .start()
        .await
}

#[tokio::test]
async fn every_answer_of_every_route_is_strict() -> Result<()> {
    let hospital = secure_hospital().await?;
    let department = hospital.department();
    let target = Target::new(
        hospital.facility,
        department,
        hospital.link(department.id, &[])?,
    );
    let anonymous = hospital.anonymous()?;
    for operation in catalogue::operations(&anonymous).await? {
        let (name, path) = (operation.name(), operation.path(&target));
        for client in [&anonymous, &hospital.admin] {
            if operation.is_stream() {
                let headers = head_of(client, Method::GET, &path).await?;
                is_strict(&name, &headers)?;
            } else {
                let answer = operation.send(client, &target).await?;
                is_strict(&name, &answer.headers)?;
            }
        }
        let headers = head_of(&anonymous, Method::TRACE, &path).await?;
        is_strict(&format!("TRACE {path}"), &headers)?;
    }
    for path in [
        "/",
        "/nowhere",
        "/api/v1/nowhere",
        "/problems",
        "/problems/not_found",
        "/problems/nothing",
        "/docs",
        "/docs/",
        "/docs/swagger-ui.js",
        "/docs/swagger-ui.css",
        "/docs/start.js",
        "/openapi.json",
        "/api/v1/visits/not-an-id",
        "/%00",
        "/api/v1/departments?limit=x",
    ] {
        for method in [Method::GET, Method::POST, Method::OPTIONS, Method::DELETE] {
            let headers = head_of(&anonymous, method.clone(), path).await?;
            is_strict(&format!("{method} {path}"), &headers)?;
        }
    }
    hospital.done();
    Ok(())
}

/// What the page at /docs loads is there, comes from us, and nothing in the page is inline.
#[tokio::test]
async fn the_documentation_works_without_anything_inline() -> Result<()> {
    let hospital = secure_hospital().await?;
    let anonymous = hospital.anonymous()?;
    let page = anonymous.get_root("/docs").await?.expect(200)?;
    let policy = page.header("content-security-policy").unwrap_or_default();
    ensure!(policy.contains("script-src 'self';"), "{policy}");
    for (path, content_type, contains) in [
        ("/docs/swagger-ui.js", "text/javascript", "SwaggerUIBundle"),
        ("/docs/swagger-ui.css", "text/css", ".swagger-ui"),
        ("/docs/start.js", "text/javascript", "/openapi.json"),
    ] {
        ensure!(
            page.text.contains(&format!("\"{path}\"")),
            "{path} is not loaded"
        );
        let file = anonymous.get_root(path).await?.expect(200)?;
        let told = file.header("content-type").unwrap_or_default();
        ensure!(told.starts_with(content_type), "{path} is {told}");
        ensure!(file.text.contains(contains), "{path} lacks {contains}");
    }
    ensure!(
        !page.text.contains("<style") && !page.text.contains("style="),
        "{page}"
    );
    // a page with a style of its own names it by its hash
    let page = anonymous.get_root("/problems").await?.expect(200)?;
    let policy = page.header("content-security-policy").unwrap_or_default();
    ensure!(policy.contains("style-src 'sha256-"), "{policy}");
    hospital.done();
    Ok(())
}

#[tokio::test]
async fn plain_http_is_not_told_to_be_secure() -> Result<()> {
    let hospital = Hospital::start().await?;
    let answer = hospital.anonymous()?.get_root("/health/live").await?;
    ensure!(answer.header("strict-transport-security").is_none());
    hospital.done();
    Ok(())
}

async fn from_origin(client: &Client, origin: &str, asked: Option<&str>) -> Result<Answer> {
    let method = if asked.is_some() {
        Method::OPTIONS
    } else {
        Method::GET
    };
    let mut request = client
        .request(method, "/api/v1/departments")
        .header("Origin", origin);
    if let Some(asked) = asked {
        request = request.header("Access-Control-Request-Method", asked);
    }
    send(origin, request).await
}

#[tokio::test]
async fn only_configured_origins_may_read() -> Result<()> {
    let ours = "https://app.hospital.example";
    let hospital = Hospital::builder()
        .api("MEDIQUE_CORS_ORIGINS", ours)
        .start()
        .await?;
    for client in [&hospital.admin, &hospital.anonymous()?] {
        let answer = from_origin(client, ours, None).await?;
        ensure!(
            answer.header("access-control-allow-origin") == Some(ours),
            "{answer}"
        );
        ensure!(answer.header("access-control-allow-credentials") == Some("true"));
        ensure!(
            answer.header("vary") == Some("origin"),
            "{:?}",
            answer.headers
        );
    }
    let preflight = from_origin(&hospital.anonymous()?, ours, Some("POST")).await?;
    let preflight = preflight.expect(204)?;
    ensure!(preflight.header("access-control-allow-origin") == Some(ours));
    let allowed = preflight
        .header("access-control-allow-headers")
        .unwrap_or_default();
    ensure!(allowed.contains("idempotency-key"), "{allowed}");
    for other in [
        "https://evil.example",
        "null",
        "https://app.hospital.example.evil",
    ] {
        for asked in [None, Some("POST")] {
            let answer = from_origin(&hospital.admin, other, asked).await?;
            let open = answer.header("access-control-allow-origin");
            ensure!(open.is_none(), "{other}: {open:?}");
        }
    }
    hospital.done();
    Ok(())
}

async fn connect(hospital: &Hospital) -> Result<TcpStream> {
    let address = hospital.admin.base().strip_prefix("http://");
    Ok(TcpStream::connect(address.context("no address")?).await?)
}

/// What the server says until it closes the connection.
async fn until_closed(mut stream: TcpStream) -> Result<String> {
    let mut said = Vec::new();
    let reading = stream.read_to_end(&mut said);
    await_until::within("the server closes", Duration::from_secs(15), reading).await??;
    Ok(String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test]
async fn who_is_slow_or_long_winded_is_let_go() -> Result<()> {
    let hospital = Hospital::builder()
        .api("MEDIQUE_API_HEAD_TIMEOUT_S", "1")
        .api("MEDIQUE_API_HEAD_BYTES_MAX", "8192")
        .start()
        .await?;
    // says nothing at all
    ensure!(until_closed(connect(&hospital).await?).await?.is_empty());
    // begins and does not end
    let mut slow = connect(&hospital).await?;
    slow.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-")
        .await?;
    until_closed(slow).await?;
    // is idle after a request
    let mut idle = connect(&hospital).await?;
    idle.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
        .await?;
    let said = until_closed(idle).await?;
    ensure!(said.starts_with("HTTP/1.1 200"), "{said}");
    // a head without measure
    let mut long = connect(&hospital).await?;
    let head = format!(
        "GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n",
        "a".repeat(20_000)
    );
    long.write_all(head.as_bytes()).await?;
    let said = until_closed(long).await?;
    ensure!(said.starts_with("HTTP/1.1 431"), "{said}");
    hospital.done();
    Ok(())
}

#[tokio::test]
async fn connections_above_the_bound_wait_for_room() -> Result<()> {
    let hospital = Hospital::builder()
        .api("MEDIQUE_API_CONNECTIONS_MAX", "8")
        .api("MEDIQUE_API_HEAD_TIMEOUT_S", "3")
        .start()
        .await?;
    // more than may be open, none of which says anything
    let mut silent = Vec::new();
    for _ in 0..16 {
        silent.push(connect(&hospital).await?);
    }
    // the bound lets them go after their time, and whoever waited is served
    let fresh = Client::anonymous(hospital.admin.base())?;
    fresh.get_root("/health/live").await?.expect(200)?;
    drop(silent);
    hospital.done();
    Ok(())
}
