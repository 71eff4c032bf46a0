//! The page for people and the list for programs.

use crate::store::{Behaviour, Mail, Store};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::fmt::Write as _;
use tokio::net::TcpListener;

const BODY_MAX: usize = 4096;
const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";

type Answer = Response<Full<Bytes>>;

/// Serves for ever.
pub(crate) async fn serve(listener: TcpListener, store: Store) -> anyhow::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let store = store.clone();
        let service = service_fn(move |request| {
            let store = store.clone();
            async move { Ok::<_, Infallible>(answer(request, &store).await) }
        });
        tokio::spawn(async move {
            // A client that breaks off is a client's matter.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(request: Request<Incoming>, store: &Store) -> Answer {
    if !is_local(&request) {
        return of(StatusCode::MISDIRECTED_REQUEST, TEXT, "not here");
    }
    let path = request.uri().path().to_owned();
    match (request.method(), path.as_str()) {
        (&Method::GET, "/") => of(StatusCode::OK, HTML, page(&store.mails())),
        (&Method::GET, "/mails") => list(store),
        (&Method::DELETE, "/mails") => {
            store.clear();
            of(StatusCode::NO_CONTENT, TEXT, "")
        }
        (&Method::PUT, "/behaviour") => behave(request, store).await,
        (&Method::GET, path) => match html_of(path, store) {
            Some(html) => of(StatusCode::OK, HTML, html),
            None => of(StatusCode::NOT_FOUND, TEXT, "not found"),
        },
        _ => of(StatusCode::METHOD_NOT_ALLOWED, TEXT, "not so"),
    }
}

/// A page from elsewhere that resolves its own name to this machine must not read mails.
fn is_local(request: &Request<Incoming>) -> bool {
    let host = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok());
    let name = host.map(|host| host.rsplit_once(':').map_or(host, |(name, _)| name));
    matches!(name, Some("127.0.0.1" | "localhost"))
}

fn list(store: &Store) -> Answer {
    match serde_json::to_vec(&store.mails()) {
        Ok(json) => of(StatusCode::OK, JSON, json),
        Err(_) => of(StatusCode::INTERNAL_SERVER_ERROR, TEXT, "no JSON"),
    }
}

/// `{"at":"rcpt","fault":{"refuse":550}}`, `{"at":"message","fault":"hang"}`, or `null`.
async fn behave(request: Request<Incoming>, store: &Store) -> Answer {
    let body = Limited::new(request.into_body(), BODY_MAX).collect().await;
    let behaviour = body
        .ok()
        .and_then(|body| serde_json::from_slice::<Option<Behaviour>>(&body.to_bytes()).ok());
    match behaviour {
        Some(behaviour) => {
            store.behave(behaviour);
            of(StatusCode::NO_CONTENT, TEXT, "")
        }
        None => of(StatusCode::BAD_REQUEST, TEXT, "no such behaviour"),
    }
}

/// The HTML part of `/mails/{number}/html`.
fn html_of(path: &str, store: &Store) -> Option<String> {
    let number = path.strip_prefix("/mails/")?.strip_suffix("/html")?;
    store.mail(number.parse().ok()?).map(|mail| mail.html)
}

fn of(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(kind));
    // mails run no script and load nothing; links in them may be opened
    let policy = "sandbox allow-popups allow-top-navigation-by-user-activation; default-src 'none'; style-src 'unsafe-inline'";
    headers.insert(
        CONTENT_SECURITY_POLICY,
        hyper::header::HeaderValue::from_static(policy),
    );
    answer
}

fn page(mails: &[Mail]) -> String {
    let mut page = String::from(
        "<!doctype html><meta charset=utf-8><meta http-equiv=refresh content=5><title>Mails</title>\
         <body style='font-family:sans-serif;max-width:50em;margin:2em auto'><h1>Mails</h1>\
         <p>Caught by the mail sink, newest first. <a href='/mails'>As JSON</a></p>",
    );
    if mails.is_empty() {
        page.push_str("<p>None yet.</p>");
    }
    for mail in mails.iter().rev() {
        // writing to a String does not fail
        let _ = write!(
            page,
            "<hr><h2>{}</h2><p>{} → {} · <a href='/mails/{}/html'>as HTML</a></p><pre style='white-space:pre-wrap'>{}</pre>",
            escaped(&mail.subject),
            escaped(&mail.from),
            escaped(&mail.to.join(", ")),
            mail.number,
            with_links(&mail.text),
        );
    }
    page
}

/// Text with its addresses made links.
fn with_links(text: &str) -> String {
    let words = text.split_inclusive(char::is_whitespace).map(|word| {
        let bare = word.trim_end();
        let is_link = bare.starts_with("http://") || bare.starts_with("https://");
        if is_link {
            let link = escaped(bare);
            format!("<a href='{link}'>{link}</a>{}", &word[bare.len()..])
        } else {
            escaped(word)
        }
    });
    words.collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_mail_says_stays_text() {
        let shown = with_links("<script> https://h.example/?a='b'&c \n");
        assert_eq!(
            shown,
            "&lt;script&gt; <a href='https://h.example/?a=&#39;b&#39;&amp;c'>https://h.example/?a=&#39;b&#39;&amp;c</a> \n"
        );
    }
}
