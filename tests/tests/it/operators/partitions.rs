//! Workers and partitions that are told to rest, under load.

use super::{FAILED, SOON, facts, of_partitions, status};
use anyhow::{Context as _, Result, ensure};
use medique_contracts::subjects::PARTITIONS;
use medique_tests::ledger::{self, Posting};
use medique_tests::{Hospital, await_until, samples};
use uuid::Uuid;

const ALL: usize = PARTITIONS as usize;
const REASON: [&str; 2] = ["--reason", "a new disk"];

fn drain(hospital: &Hospital, kind: &str, name: &str) -> Result<serde_json::Value> {
    let arguments = [&["partitions", "drain", kind, name][..], &REASON].concat();
    hospital.command_line.json(&arguments, "")
}

async fn one_holds_all(hospital: &Hospital, worker: &str) -> Result<()> {
    let what = format!("{worker} holds everything");
    hospital
        .shares_become(&what, SOON, |shares| shares.get(worker) == Some(&ALL))
        .await
}

async fn shared(hospital: &Hospital) -> Result<()> {
    hospital
        .shares_become("both hold half", SOON, |shares| {
            shares.len() == 2 && shares.values().all(|held| *held == ALL / 2)
        })
        .await
}

#[tokio::test]
async fn a_worker_at_rest_holds_nothing_until_it_is_resumed() -> Result<()> {
    let mut hospital = Hospital::builder()
        .workers(2)
        .departments(6, 0)
        .start()
        .await?;
    shared(&hospital).await?;
    let departments: Vec<_> = hospital
        .departments
        .iter()
        .map(|department| department.id)
        .collect();
    let posting = Posting::start(&hospital.admin, &departments, 4);

    let told = drain(&hospital, "--worker", "worker-1")?;
    ensure!(told["at_rest"] == true, "{told}");
    ensure!(
        !hospital.shares().await?.contains_key("worker-1"),
        "it holds something"
    );
    one_holds_all(&hospital, "worker-2").await?;
    ensure!(
        status(&hospital)?["attention"]
            .to_string()
            .contains("worker worker-1 was told to rest")
    );
    // who is at rest is well, and still so after a restart
    hospital.workers[0].ready().await?;
    hospital.workers[0].process().kill9()?;
    let (workers, scratch) = (&mut hospital.workers, &hospital.scratch);
    workers[0].restart(scratch)?;
    workers[0].ready().await?;
    // the last one at work is not sent to rest by mistake
    let arguments = [
        &["partitions", "drain", "--worker", "worker-2"][..],
        &REASON,
    ]
    .concat();
    let (code, text) = hospital.command_line.spoken(&arguments)?;
    ensure!(
        code == FAILED && text.contains("no other worker"),
        "{code:?} {text}"
    );
    ensure!(
        !hospital.shares().await?.contains_key("worker-1"),
        "it took something"
    );

    let resume = ["partitions", "resume", "--worker", "worker-1"];
    ensure!(hospital.command_line.json(&resume, "")?["resumed"] == true);
    ensure!(hospital.command_line.json(&resume, "")?["resumed"] == false);
    shared(&hospital).await?;
    let entries = posting.stop().await;
    ensure!(entries.len() > 10, "only {} commands", entries.len());
    let report = hospital.check().await?;
    let untruths = ledger::untruths(&entries, &report.evidence);
    ensure!(untruths.is_empty(), "{untruths:#?}");
    ensure!(facts(&hospital, "partitions_drained").await? == 1);
    ensure!(facts(&hospital, "partitions_resumed").await? == 1);
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn a_partition_at_rest_keeps_its_commands_until_it_is_resumed() -> Result<()> {
    let hospital = Hospital::builder()
        .workers(2)
        .departments(6, 0)
        .start()
        .await?;
    shared(&hospital).await?;
    let resting = hospital.departments[0].id;
    let partition = hospital.partition_of(resting);
    let other = hospital
        .departments
        .iter()
        .find(|department| hospital.partition_of(department.id) != partition);
    let other = other.context("all departments are in one partition")?.id;
    let posting = Posting::start(&hospital.admin, &[resting], 4);
    const SOME: &str = "SELECT count(*) FROM visit";
    await_until::holds("the partition is busy", SOON, || async {
        Ok(hospital.count(SOME).await? > 10)
    })
    .await?;

    let told = drain(&hospital, "--partition", &partition.to_string())?;
    ensure!(told["at_rest"] == true, "{told}");
    ensure!(
        !hospital.owners().await?.contains_key(&partition),
        "somebody holds it"
    );
    // what was decided is published, although nobody took over
    let unpublished: i64 = sqlx::query_scalar("SELECT count(*) FROM outbox WHERE partition = $1")
        .bind(i16::try_from(partition)?)
        .fetch_one(&hospital.database.pool)
        .await?;
    ensure!(unpublished == 0, "{unpublished} events wait");
    let cursor = status(&hospital)?["partitions"][usize::from(partition)]["last_seq"].clone();
    // accepted, and not decided, while the neighbours go on
    let waiting = hospital
        .admin
        .post("/visits", &samples::visit(resting, "waits"));
    let waiting = waiting.send().await?.expect(202)?;
    for mark in ["a", "b", "c"] {
        hospital.check_in(&hospital.admin, other, mark).await?;
    }
    await_until::holds("the others share the rest", SOON, || async {
        Ok(hospital.owners().await?.len() == ALL_BUT_ONE)
    })
    .await?;
    let now = status(&hospital)?;
    ensure!(
        now["partitions"][usize::from(partition)]["last_seq"] == cursor,
        "{now}"
    );
    ensure!(
        of_partitions(&now, "lag")?[usize::from(partition)].as_u64() > Some(0),
        "{now}"
    );
    let visit: Uuid = waiting.id("/visit_id")?;
    const DECIDED: &str = "SELECT count(*) FROM visit WHERE id = $1";
    let decided = async || -> Result<i64> {
        let found = sqlx::query_scalar(DECIDED)
            .bind(visit)
            .fetch_one(&hospital.database.pool);
        Ok(found.await?)
    };
    ensure!(decided().await? == 0, "it was decided");

    let resume = [
        "partitions",
        "resume",
        "--partition",
        &partition.to_string(),
    ];
    hospital.command_line.json(&resume, "")?;
    await_until::holds("it is decided", SOON, || async {
        Ok(decided().await? == 1)
    })
    .await?;
    let entries = posting.stop().await;
    let report = hospital.check().await?;
    let untruths = ledger::untruths(&entries, &report.evidence);
    ensure!(untruths.is_empty(), "{untruths:#?}");
    hospital.passes().await?;
    Ok(())
}

const ALL_BUT_ONE: usize = ALL - 1;
