//! The authorisation matrix: every operation of the served API description, every role, the own
//! department, another one and another facility, and credentials that are none. What is observed
//! must be what `tests/src/catalogue.rs` allows, and what `docs/authorisation.md` says.

mod cells;
mod table;
mod world;

use anyhow::{Context as _, Result, bail, ensure};
use cells::{Place, Verdict, verdict};
use medique_contracts::vocabulary::Role;
use medique_tests::catalogue::{self, Access, Operation, Scope, Target};
use medique_tests::client::Client;
use medique_tests::settings;
use std::path::Path;
use table::{ROLES, Row};
use world::World;

/// Where the matrix is published.
const DOCUMENT: &str = "../docs/authorisation.md";

/// What must come of a cell.
fn is_allowed(operation: &Operation, role: Role, place: Place) -> bool {
    let Access::Roles(allowed, scope) = operation.access else {
        return true;
    };
    // everybody here acts in one department
    let reaches = scope != Scope::WholeFacility
        && match place {
            Place::Own => true,
            // sessions and commands are a matter of the facility, whatever department they belong to
            Place::OtherDepartment => {
                scope == Scope::Person && operation.is_of_the_whole_facility()
            }
            Place::OtherFacility => false,
        };
    allowed.contains(&role) && reaches
}

/// Whoever has no credential, or one that is not valid, is told 401 wherever a role is needed, and
/// is not hindered elsewhere.
async fn strangers(world: &World, operation: &Operation) -> Result<()> {
    for (what, client) in &world.strangers {
        let told = cells::ask(operation, client, &world.own).await?;
        let told = verdict(&told)?;
        let is_refused = told == Verdict::Unauthenticated;
        ensure!(
            is_refused == matches!(operation.access, Access::Roles(..) | Access::Session),
            "{} answers {told:?} to {what}",
            operation.name()
        );
    }
    if matches!(operation.access, Access::Link) {
        let target = Target {
            link: "not.a-link".to_owned(),
            ..world.own.clone()
        };
        let client: &Client = &world.hospital.anonymous()?;
        let told = cells::ask(operation, client, &target).await?;
        ensure!(
            told.0 == 401,
            "{} answers {} to a link that is none",
            operation.name(),
            told.0
        );
    }
    Ok(())
}

/// What is for those who act everywhere is refused to nobody who does.
async fn everywhere(world: &World, operation: &Operation) -> Result<()> {
    if !matches!(operation.access, Access::Roles(_, Scope::WholeFacility)) {
        return Ok(());
    }
    let told = cells::ask(operation, &world.hospital.admin, &world.own).await?;
    ensure!(
        verdict(&told)? == Verdict::Allowed,
        "{} answers {told:?} to an administrator of everything",
        operation.name()
    );
    Ok(())
}

/// Whoever acts in every department of a facility acts in none of another one.
async fn other_tenants(world: &World, operation: &Operation) -> Result<()> {
    if !Place::of(operation).contains(&Place::OtherFacility) {
        return Ok(());
    }
    for (role, client) in &world.everywhere {
        let (_, target) = world
            .prepare(operation, *role, Place::OtherFacility)
            .await?;
        let told = cells::ask(operation, client, &target).await?;
        ensure!(
            matches!(verdict(&told)?, Verdict::Forbidden | Verdict::Hidden),
            "{} answers {told:?} to {role} of all departments of another facility",
            operation.name()
        );
    }
    Ok(())
}

async fn row(world: &World, operation: &Operation) -> Result<Row> {
    strangers(world, operation).await?;
    everywhere(world, operation).await?;
    other_tenants(world, operation).await?;
    let mut row = Row::new(operation);
    for role in ROLES {
        for place in Place::of(operation) {
            let (client, target) = world.prepare(operation, role, *place).await?;
            let told = cells::ask(operation, &client, &target).await?;
            let seen = verdict(&told)?;
            ensure!(
                (seen == Verdict::Allowed) == is_allowed(operation, role, *place),
                "{} answers {told:?} to {role} in {place:?}",
                operation.name()
            );
            row.put(role, seen);
        }
    }
    Ok(row)
}

#[tokio::test]
async fn every_cell_is_as_documented() -> Result<()> {
    let world = World::open().await?;
    let mut rows = Vec::new();
    let mut wrong = Vec::new();
    for operation in catalogue::operations(&world.hospital.admin).await? {
        match row(&world, &operation).await {
            Ok(row) => rows.push(row),
            Err(error) => wrong.push(format!("{error:#}")),
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    world.nothing_foreign_changed().await?;
    let document = table::document(&rows);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(DOCUMENT);
    if settings::updates_documents() {
        std::fs::write(&path, &document)?;
    }
    let committed = std::fs::read_to_string(&path).context("docs/authorisation.md")?;
    if committed != document {
        let changed = document
            .lines()
            .filter(|line| !committed.lines().any(|known| known == *line));
        bail!(
            "docs/authorisation.md is out of date (MEDIQUE_TEST_UPDATE=1 cargo dev test \
             every_cell_is_as_documented writes it):\n{}",
            changed.collect::<Vec<_>>().join("\n")
        );
    }
    world.hospital.done();
    Ok(())
}
