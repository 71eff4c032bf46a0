//! Tokens are 1..n in order of acceptance, whoever works and whoever dies.

use anyhow::{Result, ensure};
use medique_tests::ledger::{self, Posting, Told};
use medique_tests::{Hospital, await_until, samples};
use std::collections::BTreeMap;
use std::time::Duration;

const POSTERS: usize = 12;
const ENOUGH: i64 = 300;

#[tokio::test]
async fn four_workers_and_one_of_them_killed_in_the_middle_of_a_batch() -> Result<()> {
    let mut hospital = Hospital::builder()
        .apis(2)
        .workers(3)
        .departments(4, 0)
        .start()
        .await?;
    let victim = hospital.start_worker("victim", Some("mid_fold=kill@20"))?;
    hospital.workers[victim].ready().await?;
    let within = Duration::from_secs(20);
    hospital
        .shares_become("four workers hold four partitions each", within, |shares| {
            shares.len() == 4 && shares.values().all(|held| *held == 4)
        })
        .await?;
    hospital.department_of_worker("victim").await?;

    let departments: Vec<_> = hospital
        .departments
        .iter()
        .map(|department| department.id)
        .collect();
    let posting = Posting::start(
        &hospital.admin,
        &departments,
        POSTERS.max(departments.len()),
    );
    let status = hospital.workers[victim]
        .process()
        .end(Duration::from_secs(30))
        .await?;
    ensure!(
        status.code().is_none(),
        "the victim ended by itself: {status}"
    );
    await_until::holds(
        "enough patients have tokens",
        Duration::from_secs(60),
        || async {
            let found = hospital
                .count("SELECT count(*) FROM visit WHERE token_number IS NOT NULL")
                .await?;
            ensure!(found >= ENOUGH, "{found} have one");
            Ok(true)
        },
    )
    .await?;
    let entries = posting.stop().await;
    let report = hospital.check().await?;
    let untruths = ledger::untruths(&entries, &report.evidence);
    ensure!(untruths.is_empty(), "{untruths:#?}");
    let accepted = ledger::count(&entries, |told| matches!(told, Told::Accepted(_)));
    ensure!(
        accepted == entries.len(),
        "{} of {} were accepted",
        accepted,
        entries.len()
    );
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn one_after_the_other_gets_one_number_after_the_other() -> Result<()> {
    let hospital = Hospital::builder().departments(2, 0).start().await?;
    let mut expected: BTreeMap<String, i64> = BTreeMap::new();
    for number in 0..20 {
        let department = &hospital.departments[number % 2];
        let body = samples::visit(department.id, &format!("n{number}"));
        let outcome = hospital.admin.post("/visits", &body).applied().await?;
        let next = expected.entry(department.code.clone()).or_insert(0);
        *next += 1;
        let token = format!("{}-{next:03}", department.code);
        ensure!(
            outcome.body["result"]["visit"]["token"] == token,
            "expected {token}: {outcome}"
        );
    }
    hospital.passes().await?;
    Ok(())
}
