//! Every kind of tampering with the trail, done as the database's owner, is found, told apart from
//! the others and named.

use anyhow::{Context as _, Result, ensure};
use medique_contracts::ids::FacilityId;
use medique_platform::audit::{self, ChainRow, Fact, FactKind};
use medique_tests::{Hospital, await_until};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, FromRow as _, Row as _};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);
/// Rows of the chain under attack.
const ROWS: i64 = 9;

/// The trail as a migration leaves it: who made the hospital stands in it by now.
const EMPTY: &str =
    "DELETE FROM audit; UPDATE audit_chain SET chain_seq = DEFAULT, chain_head = DEFAULT";

/// A chain of facts of one actor, a copy of it, and its id.
async fn chain(hospital: &Hospital) -> Result<i16> {
    change(hospital, EMPTY).await?;
    let pool = &hospital.database.pool;
    let mut connection = pool.acquire().await?;
    for number in 0..ROWS {
        let facility = Some(FacilityId(hospital.facility));
        let fact = Fact {
            facts: json!({ "number": number }),
            ..Fact::new(FactKind::LoginSucceeded, facility, "staff:a")
        };
        audit::append(&mut connection, &fact).await?;
    }
    drop(connection);
    change(
        hospital,
        "CREATE TABLE kept AS SELECT * FROM audit; CREATE TABLE heads AS SELECT * FROM audit_chain",
    )
    .await?;
    let chain = sqlx::query("SELECT partition FROM audit LIMIT 1");
    Ok(chain.fetch_one(pool).await?.try_get(0)?)
}

/// Statements of the owner, whom no grant and no trigger stops.
async fn change(hospital: &Hospital, statements: &str) -> Result<()> {
    let text = format!("ALTER TABLE audit_chain DISABLE TRIGGER USER; {statements}");
    sqlx::raw_sql(AssertSqlSafe(text))
        .execute(&hospital.database.pool)
        .await?;
    Ok(())
}

async fn repair(hospital: &Hospital) -> Result<()> {
    let whole = "DELETE FROM audit; INSERT INTO audit SELECT * FROM kept; \
        UPDATE audit_chain c SET chain_seq = h.chain_seq, chain_head = h.chain_head FROM heads h WHERE h.id = c.id";
    change(hospital, whole).await?;
    let told = verify(hospital)?;
    ensure!(told["findings"] == json!([]), "not repaired: {told}");
    Ok(())
}

fn verify(hospital: &Hospital) -> Result<Value> {
    let output = hospital.command_line.run(&["audit", "verify"], "")?;
    let told: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    let whole = told["findings"] == json!([]);
    ensure!(
        output.status.success() == whole,
        "{} for {told}",
        output.status
    );
    Ok(told)
}

/// What was found, as (kind, place), and that every row that stands is named.
async fn found(hospital: &Hospital, chain: i16) -> Result<Vec<(String, i64)>> {
    let told = verify(hospital)?;
    let mut found = Vec::new();
    for finding in told["findings"].as_array().context("no findings")? {
        ensure!(finding["partition"] == chain, "{finding}");
        let kind = finding["tampering"].as_str().context("no kind")?;
        let seq = finding["chain_seq"].as_i64().context("no place")?;
        let query = "SELECT event_id::text FROM audit WHERE partition = $1 AND chain_seq = $2";
        let row = sqlx::query(query).bind(chain).bind(seq);
        let row = row.fetch_optional(&hospital.database.pool).await?;
        if let (Some(row), true) = (row, kind != "dropped") {
            let id: String = row.try_get(0)?;
            ensure!(finding["event_id"] == id, "{finding} is of {id}");
        }
        found.push((kind.to_owned(), seq));
    }
    Ok(found)
}

/// Moves rows from `from` on by `by` places, as somebody who wants no gap would.
fn renumber(from: i64, by: i64) -> String {
    format!(
        "UPDATE audit SET chain_seq = chain_seq + 1000 WHERE chain_seq >= {from}; \
         UPDATE audit SET chain_seq = chain_seq - 1000 + {by} WHERE chain_seq > 1000;"
    )
}

const COPY: &str = "INSERT INTO audit SELECT partition, PLACE, gen_random_uuid(), prev_hash, hash, facility_id, \
    department_id, visit_id, version, event_type, actor, command_id, occurred_at, trace_id, '{\"number\":99}', detail \
    FROM audit WHERE chain_seq = 2;";

fn swap(one: i64, other: i64) -> String {
    format!(
        "UPDATE audit SET chain_seq = 1000 WHERE chain_seq = {one}; \
         UPDATE audit SET chain_seq = {one} WHERE chain_seq = {other}; \
         UPDATE audit SET chain_seq = {other} WHERE chain_seq = 1000;"
    )
}

/// Kinds and places.
type Places = Vec<(&'static str, i64)>;

/// What is done, how, and what must be found.
fn cases() -> Vec<(&'static str, String, Places)> {
    let contents = "UPDATE audit a SET event_id = CASE a.chain_seq WHEN 3 THEN '00000000-0000-0000-0000-000000000001'::uuid \
        ELSE '00000000-0000-0000-0000-000000000002' END WHERE a.chain_seq IN (3, 6); \
        UPDATE audit a SET event_id = k.event_id, facts = k.facts, occurred_at = k.occurred_at FROM kept k \
        WHERE (a.chain_seq, k.chain_seq) IN ((3, 6), (6, 3))";
    let beyond = COPY.replace("PLACE", &(ROWS + 1).to_string());
    vec![
        (
            "a flipped fact",
            "UPDATE audit SET facts = '{}' WHERE chain_seq = 3".into(),
            vec![("changed", 3)],
        ),
        (
            "a flipped actor in the last row",
            format!("UPDATE audit SET actor = 'staff:b' WHERE chain_seq = {ROWS}"),
            vec![("changed", ROWS)],
        ),
        (
            "a flipped time in the first row",
            "UPDATE audit SET occurred_at = now() WHERE chain_seq = 1".into(),
            vec![("changed", 1)],
        ),
        (
            "a flipped hash",
            "UPDATE audit SET hash = sha256('x') WHERE chain_seq = 4".into(),
            vec![("changed", 4)],
        ),
        (
            "two flipped rows",
            "UPDATE audit SET detail = '{}' WHERE chain_seq IN (2, 7)".into(),
            vec![("changed", 2), ("changed", 7)],
        ),
        (
            "a dropped row",
            "DELETE FROM audit WHERE chain_seq = 4".into(),
            vec![("dropped", 4)],
        ),
        (
            "the first row dropped",
            "DELETE FROM audit WHERE chain_seq = 1".into(),
            vec![("dropped", 1)],
        ),
        (
            "the last rows dropped",
            "DELETE FROM audit WHERE chain_seq > 7".into(),
            vec![("dropped", 8)],
        ),
        (
            "a dropped row with the rest renumbered",
            format!("DELETE FROM audit WHERE chain_seq = 4; {}", renumber(5, -1)),
            vec![("dropped", 4)],
        ),
        (
            "two swapped rows",
            swap(3, 6),
            vec![("reordered", 3), ("reordered", 6)],
        ),
        (
            "two swapped neighbours",
            swap(5, 6),
            vec![("reordered", 5), ("reordered", 6)],
        ),
        (
            "two swapped contents",
            contents.into(),
            vec![("reordered", 3), ("reordered", 6)],
        ),
        (
            "an inserted row with the rest renumbered",
            format!("{} {}", renumber(5, 1), COPY.replace("PLACE", "5")),
            vec![("inserted", 5)],
        ),
        (
            "a row inserted at the end",
            beyond,
            vec![("inserted", ROWS + 1)],
        ),
        (
            "a row inserted before the first",
            COPY.replace("PLACE", "0"),
            vec![("inserted", 0)],
        ),
    ]
}

#[tokio::test]
async fn each_kind_is_told_apart_and_named() -> Result<()> {
    let builder = Hospital::builder().apis(0).workers(0);
    let hospital = builder.departments(0, 0).start().await?;
    let chain = chain(&hospital).await?;
    for (what, statements, expected) in cases() {
        change(&hospital, &statements).await.context(what)?;
        let found = found(&hospital, chain).await.context(what)?;
        let found: Vec<(&str, i64)> = found
            .iter()
            .map(|(kind, seq)| (kind.as_str(), *seq))
            .collect();
        ensure!(
            found == expected,
            "{what}: {found:?} instead of {expected:?}"
        );
        repair(&hospital).await.context(what)?;
    }
    // a chain that nobody knows
    let stranger = COPY.replace("SELECT partition, PLACE", "SELECT 55, 1");
    change(&hospital, &stranger).await?;
    ensure!(found(&hospital, 55).await? == [("inserted".to_owned(), 1)]);
    repair(&hospital).await?;
    hospital.done();
    Ok(())
}

/// Gives a row other facts and every row from it to `to` a new hash.
async fn rewrite(hospital: &Hospital, chain: i16, from: i64, to: i64) -> Result<()> {
    let pool = &hospital.database.pool;
    let query = "SELECT *, (SELECT hash FROM audit b WHERE b.partition = a.partition AND b.chain_seq = a.chain_seq - 1) \
        AS before FROM audit a WHERE partition = $1 AND chain_seq = $2";
    for seq in from..=to {
        let row = sqlx::query(query)
            .bind(chain)
            .bind(seq)
            .fetch_one(pool)
            .await?;
        let mut content = ChainRow::from_row(&row)?;
        if seq == from {
            content.facts = "{\"number\":42}".to_owned();
        }
        let before: Option<Vec<u8>> = row.try_get("before")?;
        let before = before.unwrap_or_default();
        sqlx::query("UPDATE audit SET facts = $3, prev_hash = $4, hash = $5 WHERE partition = $1 AND chain_seq = $2")
            .bind(chain)
            .bind(seq)
            .bind(&content.facts)
            .bind(&before)
            .bind(content.hash(&before))
            .execute(pool)
            .await?;
    }
    Ok(())
}

const HEAD: &str = "UPDATE audit_chain c SET chain_seq = a.chain_seq, chain_head = a.hash FROM audit a \
    WHERE a.partition = c.id AND a.chain_seq = (SELECT max(chain_seq) FROM audit b WHERE b.partition = c.id)";

/// Whoever can hash can make a chain look whole; the next row's memory, the head or, at last, a
/// signed root still tells.
#[tokio::test]
async fn what_was_hashed_anew_is_found_by_what_remembers_it() -> Result<()> {
    let builder = Hospital::builder().apis(0).workers(1);
    let hospital = builder.departments(0, 0).start().await?;
    let chain = chain(&hospital).await?;
    // the root of today was signed before there were rows
    change(&hospital, "DELETE FROM audit_root").await?;
    await_until::holds("a root is signed", SOON, || async {
        Ok(hospital.count("SELECT count(*) FROM audit_root").await? == 1)
    })
    .await?;
    rewrite(&hospital, chain, 4, 4).await?;
    ensure!(
        found(&hospital, chain).await? == [("changed".to_owned(), 4)],
        "by the next row"
    );
    repair(&hospital).await?;
    rewrite(&hospital, chain, 4, ROWS).await?;
    ensure!(
        found(&hospital, chain).await? == [("changed".to_owned(), ROWS)],
        "by the head"
    );
    change(&hospital, HEAD).await?;
    ensure!(
        found(&hospital, chain).await? == [("changed".to_owned(), ROWS)],
        "by the root"
    );
    repair(&hospital).await?;
    change(
        &hospital,
        &format!("DELETE FROM audit WHERE chain_seq > 6; {HEAD}"),
    )
    .await?;
    ensure!(
        found(&hospital, chain).await? == [("dropped".to_owned(), 7)],
        "by the root"
    );
    // with the root gone from the database as well, one that was kept elsewhere tells
    let roots = hospital.command_line.json(&["audit", "roots"], "")?;
    let file = hospital.scratch.join("roots.json");
    std::fs::write(&file, roots.to_string())?;
    let roots_of_owner =
        "UPDATE audit_root SET heads = replace(heads, '\"chain_seq\":9', '\"chain_seq\":6')";
    change(&hospital, roots_of_owner).await?;
    let told = verify(&hospital)?;
    ensure!(
        told["findings"][0]["tampering"] == "root",
        "a forged root: {told}"
    );
    change(&hospital, "DELETE FROM audit_root").await?;
    let path = file.display().to_string();
    let output = hospital
        .command_line
        .run(&["audit", "verify", "--roots", &path], "")?;
    let told = String::from_utf8_lossy(&output.stdout);
    ensure!(
        !output.status.success() && told.contains("\"dropped\""),
        "{told}"
    );
    hospital.done();
    Ok(())
}
