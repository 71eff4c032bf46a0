//! Servers die under load with all their data, others are made out of backups, and the promises
//! hold; what a backup could not have is measured and told. The whole of it is `cargo dev drill`.

mod drill;

use anyhow::{Result, ensure};
use drill::{Drill, Lost};
use medique_contracts::vocabulary::Role;
use medique_platform::bus::OutgoingMessage;
use medique_tests::{Hospital, await_until, samples, smuggle};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);

/// Both servers and everything on them.
#[tokio::test]
async fn heavy_everything_is_lost_and_restored() -> Result<()> {
    let told = Drill::small(Lost::Everything).run().await?;
    println!("{told}");
    Ok(())
}

/// The log holds what the archive does not have yet: no command is lost with the database.
#[tokio::test]
async fn heavy_the_database_is_lost_and_no_command_with_it() -> Result<()> {
    let told = Drill::small(Lost::Database).run().await?;
    ensure!(told.lost == 0, "{told}");
    Ok(())
}

/// The log is restored from a copy that is behind, and the operator decides to go on.
#[tokio::test]
async fn heavy_the_broker_is_lost_and_what_was_decided_stays() -> Result<()> {
    let told = Drill::small(Lost::Broker).run().await?;
    println!("{told}");
    Ok(())
}

/// As above at full length, printed case by case: `cargo dev drill`.
#[tokio::test]
#[ignore = "the whole drill takes minutes: cargo dev drill"]
async fn heavy_whole_drill() -> Result<()> {
    for lost in [Lost::Everything, Lost::Database, Lost::Broker] {
        println!("{}", Drill::whole(lost)?.run().await?);
    }
    println!("drill passed: every invariant held in every case");
    Ok(())
}

/// A log that lost its end, and then grew past the cursors with other commands, is refused as well;
/// what was accepted into it is carried over and decided once.
#[tokio::test]
async fn a_log_that_grew_again_is_refused_and_carried_over() -> Result<()> {
    let mut hospital = Hospital::builder().departments(1, 1).start().await?;
    let department = hospital.department().id;
    for number in 0..5 {
        let mark = format!("before {number}");
        hospital
            .check_in(&hospital.admin, department, &mark)
            .await?;
    }
    let before = hospital.check().await?.evidence.visits.len();
    for worker in &mut hospital.workers {
        worker.process().kill9()?;
    }
    hospital.workers.clear();
    // another log of the same name, longer than the old one
    hospital.nats.kill9()?;
    std::fs::remove_dir_all(hospital.scratch.join("nats"))?;
    hospital.nats.restart(&hospital.scratch).await?;
    let bus = hospital.nats.bus().await?;
    await_until::holds("the streams are made anew", SOON, || async {
        bus.ensure_streams().await?;
        Ok(true)
    })
    .await?;
    let cursor = hospital
        .count("SELECT max(last_seq) FROM partition")
        .await?;
    let mut strays = 0;
    while strays < cursor + 3 {
        let stray = smuggle::check_in(&hospital, Role::Reception, &format!("stray {strays}"));
        let (subject, payload) = (smuggle::subject_of(&stray), stray.to_bytes()?.into());
        let message_id = stray.command_id.to_string();
        bus.publish_single(OutgoingMessage {
            subject,
            message_id,
            headers: Vec::new(),
            payload,
        })
        .await?;
        strays += 1;
    }
    hospital.start_worker("next", None)?;
    hospital.refuses("next").await?;
    // the killed one's leases run out
    await_until::holds("nobody holds a partition", SOON, || async {
        let held = "SELECT count(*) FROM partition WHERE lease_until > now()";
        Ok(hospital.count(held).await? == 0)
    })
    .await?;
    let accept = ["broker", "accept-loss", "--reason", "a test"];
    let told = hospital.command_line.json(&accept, "")?;
    ensure!(told["sent_again"] == strays, "{told}");
    hospital
        .command_line
        .json(&["broker", "rebuild-events"], "")?;
    hospital.worker("next")?.ready().await?;
    let body = samples::visit(department, "after");
    hospital.admin.post("/visits", &body).applied().await?;
    let report = hospital.passes().await?;
    let now = i64::try_from(report.evidence.visits.len() - before)?;
    ensure!(now == strays + 1, "{now} visits came of {strays} strays");
    Ok(())
}
