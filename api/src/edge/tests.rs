use super::*;
use poem::endpoint::make;
use poem::http::StatusCode;
use poem::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use poem::{Body, Route};
use serde_json::Value;

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn policy() -> EdgePolicy {
    EdgePolicy {
        proxies: TrustedProxies::default(),
        cors: "https://app.example".parse().expect("an origin"),
        headers: AnswerHeaders::new(Some("https://api.example")),
    }
}

/// Sends a request through the edge to an endpoint that answers or fails as told.
async fn through<F, Fut>(answer: F) -> Response
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = poem::Result<Response>> + Send,
{
    let edge = Edge::new(make(move |_| answer()), HashMap::new(), policy());
    let request = Request::builder().header("traceparent", TRACE).finish();
    edge.call(request).await.expect("the edge never fails")
}

async fn problem(mut response: Response) -> Value {
    assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
    let body = response.take_body().into_bytes().await.expect("a body");
    serde_json::from_slice(&body).expect("JSON")
}

#[tokio::test]
async fn a_panic_becomes_a_500_that_says_nothing() {
    let response = through(|| async { panic!("secret") }).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let body = problem(response).await;
    assert_eq!(body["code"], "internal_error");
    assert_eq!(body["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert!(!body.to_string().contains("secret"));
}

#[tokio::test]
async fn text_of_other_errors_stays_inside() {
    for (status, code) in [
        (StatusCode::INTERNAL_SERVER_ERROR, "internal_error"),
        (StatusCode::BAD_GATEWAY, "internal_error"),
        (StatusCode::IM_A_TEAPOT, "invalid_request"),
        (StatusCode::NOT_FOUND, "not_found"),
        (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"),
    ] {
        let fail = move || async move { Err(poem::Error::from_string("secret", status)) };
        let body = problem(through(fail).await).await;
        assert_eq!(body["code"], code, "{status}");
        assert!(!body.to_string().contains("secret"));
    }
}

#[tokio::test]
async fn our_problems_keep_their_headers() {
    let response =
        through(|| async { Err(Problem::new(ApiCode::QueueFull).retry_after(7).into()) }).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()[RETRY_AFTER], "7");
    let body = problem(response).await;
    assert_eq!(body["type"], "/problems/queue_full");
    assert_eq!(body["status"], 503);
    let response = through(|| async { Err(Problem::new(ApiCode::Unauthenticated).into()) }).await;
    assert_eq!(response.headers()[WWW_AUTHENTICATE], "Bearer");
}

#[tokio::test]
async fn every_answer_continues_the_trace_and_is_kept_by_nobody() {
    let response = through(|| async { Ok(Response::builder().body(Body::empty())) }).await;
    let traceparent = response.headers()["traceparent"].to_str().expect("ASCII");
    assert!(traceparent.starts_with(&TRACE[..36]) && traceparent != TRACE);
    assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn a_refused_method_comes_with_those_that_are_not() {
    let get_only = poem::get(make(|_| async { Ok::<_, poem::Error>("here") }));
    let methods = HashMap::from([("/x".to_owned(), HeaderValue::from_static("GET"))]);
    let edge = Edge::new(Route::new().at("/x", get_only), methods, policy());
    let request = Request::builder()
        .method(poem::http::Method::DELETE)
        .uri_str("/x")
        .finish();
    let response = edge.call(request).await.expect("the edge never fails");
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()[ALLOW], "GET");
}

#[tokio::test]
async fn a_panic_and_a_problem_carry_the_headers_of_every_answer() {
    for response in [
        through(|| async { panic!("secret") }).await,
        through(|| async { Err(Problem::new(ApiCode::QueueFull).into()) }).await,
    ] {
        for name in [
            "content-security-policy",
            "strict-transport-security",
            "x-frame-options",
        ] {
            assert!(response.headers().contains_key(name), "{name}");
        }
    }
}

#[tokio::test]
async fn a_named_origin_reads_problems_too_and_a_preflight_reaches_no_route() {
    let edge = Edge::new(
        make(|_| async { Err::<Response, poem::Error>(Problem::new(ApiCode::QueueFull).into()) }),
        HashMap::new(),
        policy(),
    );
    let ask = |method| {
        Request::builder()
            .method(method)
            .header("origin", "https://app.example")
    };
    let refused = edge.call(ask(poem::http::Method::POST).finish()).await;
    let refused = refused.expect("the edge never fails");
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        refused.headers()["access-control-allow-origin"],
        "https://app.example"
    );
    let preflight = ask(poem::http::Method::OPTIONS).header("access-control-request-method", "PUT");
    let answer = edge.call(preflight.finish()).await;
    let answer = answer.expect("the edge never fails");
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    assert_eq!(
        answer.headers()["access-control-allow-origin"],
        "https://app.example"
    );
    assert!(answer.headers().contains_key("content-security-policy"));
}
