//! One visit is one connected trace, from the POST to the live streams, through NATS and Postgres,
//! across two replicas of each binary, as a collector that is not ours got it.

use super::{Ear, SOON, names};
use anyhow::{Context as _, Result, ensure};
use medique_contracts::ids::{DepartmentId, FacilityId};
use medique_contracts::subjects::partition_of;
use medique_contracts::vocabulary::Role;
use medique_tests::collector::{Rotel, SeenSpan};
use medique_tests::sse::EventStream;
use medique_tests::{Hospital, await_until, samples};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
/// The client's own span: it is not the collector's.
const CLIENT: &str = "00f067aa0ba902b7";
/// What must never be told, each word once in the visit.
const CANARIES: [&str; 5] = [
    "Xanthippe",
    "Zwiebelfisch",
    "5550123987",
    "quakingknee",
    "purplespots",
];

/// Two departments whose partitions belong to different workers.
async fn departments_of_two_workers(hospital: &mut Hospital) -> Result<(Uuid, Uuid)> {
    loop {
        let mut owners: BTreeMap<String, Uuid> = BTreeMap::new();
        for department in &hospital.departments {
            let facility = FacilityId(hospital.facility);
            let partition = partition_of(facility, Some(DepartmentId(department.id)));
            let query = "SELECT owner FROM partition WHERE id = $1 AND lease_until > now()";
            let owner: Option<String> = sqlx::query_scalar(query)
                .bind(i16::try_from(partition)?)
                .fetch_optional(&hospital.database.pool)
                .await?
                .flatten();
            owners.insert(owner.context("nobody owns a partition")?, department.id);
        }
        let mut departments = owners.into_values();
        if let (Some(one), Some(other)) = (departments.next(), departments.next()) {
            return Ok((one, other));
        }
        ensure!(
            hospital.departments.len() < 40,
            "one worker owns everything"
        );
        hospital.add_department(1).await?;
    }
}

/// Each worker has its share: nothing moves any more.
async fn settled(hospital: &Hospital) -> Result<()> {
    await_until::holds("both workers have their share", SOON, || async {
        let query = "SELECT count(*) FROM (SELECT owner FROM partition \
                      WHERE lease_until > now() GROUP BY owner HAVING count(*) = 8) AS half";
        let halves: i64 = sqlx::query_scalar(query)
            .fetch_one(&hospital.database.pool)
            .await?;
        Ok(halves == 2)
    })
    .await
}

/// Checks in at one api, measures at the other, transfers to the other worker's department and
/// measures there: one journey of one client, whose trace it is.
async fn journey(hospital: &Hospital, from: Uuid, to: Uuid) -> Result<Uuid> {
    let traceparent = format!("00-{TRACE}-{CLIENT}-01");
    let body = json!({
        "department_id": from,
        "patient": { "name": "Xanthippe Zwiebelfisch", "age_years": 77, "phone": "+49 5550123987" },
        "complaint": "chest pain and quakingknee",
        "symptoms": ["purplespots"],
    });
    let elsewhere = hospital.apis[1].url();
    let desk = hospital.everywhere(Role::Reception).await?.client;
    let nurse = hospital.everywhere(Role::Nurse).await?.client;
    let nurse = nurse.at(&elsewhere);
    let streams = [
        (hospital.admin.clone(), from),
        (hospital.admin.at(&elsewhere), to),
    ];
    let mut open = Vec::new();
    for (client, department) in &streams {
        let path = format!("/departments/{department}/events");
        open.push(EventStream::open(client, &path, None).await?);
    }
    let send = |posting: medique_tests::client::Posting| {
        posting.header("traceparent", &traceparent).applied()
    };
    let visit = send(desk.post("/visits", &body)).await?.id("/visit_id")?;
    let advised = open[0].until("the adviser was asked", SOON, |event| {
        event.event == "visit_triage_advised" && event.data["visit_id"] == visit.to_string()
    });
    advised.await?;
    let path = format!("/visits/{visit}/vitals");
    send(nurse.post(&path, &samples::vitals())).await?;
    let path = format!("/visits/{visit}/transfer");
    let there = json!({ "department_id": to, "reason": "better there", "place": "BACK" });
    send(desk.post(&path, &there)).await?;
    let moved = open[1].until("the visit comes", SOON, |event| {
        event.event == "visit_transferred" && event.data["visit_id"] == visit.to_string()
    });
    moved.await?;
    // The other department's worker decides what is done there.
    let path = format!("/visits/{visit}/vitals");
    send(nurse.post(&path, &samples::vitals())).await?;
    Ok(visit)
}

/// How often each step is to be there at least: four requests, and what the adviser says of some.
const STEPS: [(&str, usize); 9] = [
    ("POST /api/v1/visits", 1),
    ("POST /api/v1/visits/{id}/transfer", 1),
    ("publish COMMANDS", 5),
    ("process COMMANDS", 5),
    ("COMMIT", 5),
    ("publish EVENTS", 5),
    ("process EVENTS", 5),
    ("ask adviser", 1),
    ("send SSE", 3),
];

fn count(spans: &[SeenSpan], name: &str) -> usize {
    spans.iter().filter(|span| span.name == name).count()
}

fn of_the_visit(spans: Vec<SeenSpan>) -> Vec<SeenSpan> {
    let of_trace = |span: &SeenSpan| span.trace_id == TRACE;
    spans.into_iter().filter(of_trace).collect()
}

/// Every step hangs on another one, and in the end on the client's.
fn is_connected(spans: &[SeenSpan]) -> Result<()> {
    let known: BTreeSet<&str> = spans.iter().map(|span| span.span_id.as_str()).collect();
    ensure!(
        known.len() == spans.len(),
        "an id twice: {:?}",
        names(spans)
    );
    for span in spans {
        let parent = span.parent_id.as_deref();
        ensure!(
            parent.is_some_and(|parent| parent == CLIENT || known.contains(parent)),
            "nothing is above {span:?} in {:#?}",
            names(spans)
        );
        ensure!(span.end_us >= span.start_us, "{span:?}");
    }
    Ok(())
}

fn instances(spans: &[SeenSpan], name: &str) -> BTreeSet<String> {
    let named = spans.iter().filter(|span| span.name.contains(name));
    named.map(|span| span.instance.clone()).collect()
}

fn is_as_agreed(spans: &[SeenSpan], visit: Uuid) -> Result<()> {
    is_connected(spans)?;
    let workers = instances(spans, "process COMMANDS");
    ensure!(
        workers == ["worker-1", "worker-2"].map(str::to_owned).into(),
        "decided by {workers:?}"
    );
    let apis = instances(spans, "POST /api");
    ensure!(apis.len() == 2, "accepted by {apis:?}");
    ensure!(
        instances(spans, "send SSE").len() == 2,
        "followed at one api"
    );
    for span in spans {
        let kind = match span.name.as_str() {
            "publish COMMANDS" | "publish EVENTS" | "send SSE" => "producer",
            "process COMMANDS" | "process EVENTS" => "consumer",
            "COMMIT" | "ask adviser" => "client",
            _ => "server",
        };
        ensure!(span.kind == kind, "{span:?}");
        ensure!(!span.failed, "{span:?}");
        let told = span.attributes.get("medique.visit.id");
        let is_about_it = told.is_some_and(|told| *told == visit.to_string());
        ensure!(is_about_it || kind == "client", "whose is {span:?}?");
        if span.name == "process COMMANDS" {
            ensure!(
                span.attributes.contains_key("medique.command.id"),
                "{span:?}"
            );
            ensure!(span.attributes["messaging.system"] == "nats", "{span:?}");
        }
    }
    Ok(())
}

/// Each command names its batch, and the batch the message that brought the command.
fn batches_are_linked(all: &[SeenSpan], of_visit: &[SeenSpan]) -> Result<()> {
    let decided = of_visit
        .iter()
        .filter(|span| span.name == "process COMMANDS");
    for span in decided {
        let batch = all.iter().find(|batch| {
            batch.name == "process batch COMMANDS"
                && span.links.iter().any(|link| link.span_id == batch.span_id)
        });
        let batch = batch.with_context(|| format!("no batch of {span:?}"))?;
        let brought = batch.links.iter().any(|link| {
            link.trace_id == span.trace_id && Some(&link.span_id) == span.parent_id.as_ref()
        });
        ensure!(brought && batch.trace_id != TRACE, "{batch:?}");
    }
    Ok(())
}

#[tokio::test]
async fn one_visit_is_one_connected_trace_across_replicas() -> Result<()> {
    let ear = Ear::open().await?;
    let rotel = Rotel::start(&ear.settings, &ear.scratch, &ear.sink).await?;
    // Where the foreign collector does not run, the sink hears the same without it.
    let endpoint = rotel.as_ref().map_or_else(|| ear.sink.url(), Rotel::url);
    let mut hospital = Hospital::builder()
        .apis(2)
        .workers(2)
        .departments(2, 1)
        .adviser()
        .both("MEDIQUE_OTLP_ENDPOINT", &endpoint)
        .start()
        .await?;
    settled(&hospital).await?;
    let (from, to) = departments_of_two_workers(&mut hospital).await?;
    let visit = journey(&hospital, from, to).await?;
    let sink = &ear.sink;
    await_until::holds("every step has come", SOON, || async {
        let spans = of_the_visit(sink.spans()?);
        let has_come = STEPS
            .iter()
            .all(|(name, least)| count(&spans, name) >= *least);
        ensure!(
            has_come && is_connected(&spans).is_ok(),
            "{:#?}",
            names(&spans)
        );
        Ok(true)
    })
    .await?;
    let all = sink.spans()?;
    let spans = of_the_visit(all.clone());
    is_as_agreed(&spans, visit)?;
    batches_are_linked(&all, &spans)?;

    await_until::holds("lines and figures have come", SOON, || async {
        let lines = sink.lines("logs.jsonl")?;
        let of_trace = |line: &&serde_json::Value| line["trace_id"] == TRACE;
        let told: BTreeSet<_> = lines
            .iter()
            .filter(of_trace)
            .filter_map(|line| line["body"].as_str())
            .collect();
        let figures = sink.text("metrics.jsonl")?;
        Ok(told.contains("command decided")
            && told.contains("request answered")
            && figures.contains("medique.command.accept_to_commit"))
    })
    .await?;
    for file in ["spans.jsonl", "logs.jsonl", "metrics.jsonl"] {
        let text = sink.text(file)?.to_lowercase();
        for canary in CANARIES {
            ensure!(
                !text.contains(&canary.to_lowercase()),
                "{file} tells {canary}"
            );
        }
    }
    hospital.passes().await?;
    ear.done();
    Ok(())
}
