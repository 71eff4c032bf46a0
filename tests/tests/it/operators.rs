//! The operator's tools, on a hospital at work.

mod partitions;
mod users;

use anyhow::{Context as _, Result, ensure};
use medique_tests::{Hospital, await_until, samples};
use serde_json::Value;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);
/// Exit codes, as docs/operations/operators-tools.md says.
const FAILED: Option<i32> = Some(1);
const MISUNDERSTOOD: Option<i32> = Some(2);
const NOT_IN_ORDER: Option<i32> = Some(3);

fn status(hospital: &Hospital) -> Result<Value> {
    hospital.command_line.json(&["status"], "")
}

/// One field of all partitions.
fn of_partitions<'a>(status: &'a Value, field: &str) -> Result<Vec<&'a Value>> {
    let partitions = status["partitions"].as_array().context("no partitions")?;
    Ok(partitions
        .iter()
        .map(|partition| &partition[field])
        .collect())
}

/// How many facts of a kind an operator caused.
async fn facts(hospital: &Hospital, kind: &str) -> Result<i64> {
    let query = "SELECT count(*) FROM audit WHERE event_type = $1 AND actor = 'system:operator'";
    let found = sqlx::query_scalar(query)
        .bind(kind)
        .fetch_one(&hospital.database.pool);
    Ok(found.await?)
}

#[tokio::test]
async fn status_tells_who_is_there_and_what_is_behind() -> Result<()> {
    let mut hospital = Hospital::builder().apis(2).workers(2).start().await?;
    await_until::holds("all four processes tell of themselves", SOON, || async {
        let told = status(&hospital)?;
        Ok(told["processes"]
            .as_array()
            .is_some_and(|all| all.len() == 4))
    })
    .await?;
    let told = status(&hospital)?;
    for process in told["processes"].as_array().context("no processes")? {
        ensure!(
            process["version"] == told["versions"]["admin"]
                && process["schema"] == told["versions"]["schema"]["expected"]
                && process["draining"] == false,
            "{process}"
        );
    }
    ensure!(
        told["versions"]["database"].is_string() && told["broker"]["server"].is_string(),
        "{told}"
    );
    ensure!(
        told["totals"]["workers"] == 2 && told["totals"]["parked"] == 0,
        "{told}"
    );
    ensure!(
        told["attention"].as_array().is_some_and(Vec::is_empty),
        "{told}"
    );
    ensure!(
        of_partitions(&told, "lag")?.iter().all(|lag| **lag == 0),
        "{told}"
    );

    let (code, text) = hospital.command_line.spoken(&["status", "--check"])?;
    ensure!(
        code == Some(0) && text.starts_with("everything is in order"),
        "{code:?} {text}"
    );
    let column = |line: &str| line.find("worker-").context(line.to_owned());
    let owners = text
        .lines()
        .skip_while(|line| !line.trim_start().starts_with("PARTITION"))
        .skip(1);
    let columns = owners.map(column).collect::<Result<Vec<_>>>()?;
    ensure!(
        columns.len() == 16 && columns.windows(2).all(|pair| pair[0] == pair[1]),
        "{text}"
    );

    // frozen workers decide nothing: what is accepted shows as lag, and their leases run out
    for worker in &mut hospital.workers {
        worker.process().stop()?;
    }
    let department = hospital.department().id;
    for mark in ["one", "two", "three"] {
        let posting = hospital
            .admin
            .post("/visits", &samples::visit(department, mark));
        posting.send().await?.expect(202)?;
    }
    let partition = usize::from(hospital.partition_of(department));
    await_until::holds("the lag and the leases are told", SOON, || async {
        let told = status(&hospital)?;
        let lag = of_partitions(&told, "lag")?[partition] == 3;
        Ok(lag && told["attention"].to_string().contains("nobody owns"))
    })
    .await?;
    let (code, text) = hospital.command_line.spoken(&["status", "--check"])?;
    ensure!(
        code == NOT_IN_ORDER && text.contains("! nobody owns"),
        "{code:?} {text}"
    );
    for worker in &mut hospital.workers {
        worker.process().cont()?;
    }
    hospital.passes().await?;

    // a process that ends takes its row away; without a broker the rest is told all the same
    hospital.apis[1].process().term()?;
    hospital.apis[1].process().end(SOON).await?;
    let told = status(&hospital)?;
    ensure!(
        told["processes"]
            .as_array()
            .is_some_and(|all| all.len() == 3),
        "{told}"
    );
    hospital.nats.kill9()?;
    let told = status(&hospital)?;
    ensure!(
        of_partitions(&told, "lag")?.iter().all(|lag| lag.is_null()),
        "{told}"
    );
    ensure!(told["broker"]["problem"].is_string(), "{told}");
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_done_or_understood_has_its_exit_code() -> Result<()> {
    let hospital = Hospital::start().await?;
    let command_line = &hospital.command_line;
    for (arguments, wanted) in [
        (&["user", "show", "nobody@test.example"][..], FAILED),
        (
            &["parked", "show", "00000000-0000-0000-0000-000000000000"],
            FAILED,
        ),
        (
            &["parked", "drop", "00000000-0000-0000-0000-000000000000"],
            MISUNDERSTOOD,
        ),
        (
            &["partitions", "drain", "--partition", "16", "--reason", "x"],
            MISUNDERSTOOD,
        ),
        (&["partitions", "drain", "--reason", "x"], MISUNDERSTOOD),
        (
            &[
                "partitions",
                "drain",
                "--worker",
                "worker-9",
                "--reason",
                "x",
            ],
            FAILED,
        ),
        (&["audit", "verify"], Some(0)),
    ] {
        let (code, text) = command_line.spoken(arguments)?;
        ensure!(code == wanted, "{arguments:?}: {code:?} {text}");
        ensure!(!text.trim().is_empty(), "{arguments:?} says nothing");
    }
    sqlx::query("UPDATE audit SET facts = facts || ' ' WHERE event_type = 'staff_created'")
        .execute(&hospital.database.pool)
        .await?;
    let (code, text) = command_line.spoken(&["audit", "verify"])?;
    ensure!(
        code == NOT_IN_ORDER && text.contains("Changed"),
        "{code:?} {text}"
    );
    hospital.done();
    Ok(())
}
