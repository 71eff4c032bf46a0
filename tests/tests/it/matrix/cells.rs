//! One cell: a request, and what its answer says of authorisation.

use anyhow::{Context as _, Result, ensure};
use medique_tests::catalogue::{Access, Operation, Scope, Target};
use medique_tests::client::{Answer, Client};
use medique_tests::sse::EventStream;

/// Where the thing is that a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In the caller's department, or the caller's own.
    Own,
    /// In a department where nothing is granted to the caller.
    OtherDepartment,
    /// In another facility of the same database.
    OtherFacility,
}

use Place::{OtherDepartment, OtherFacility, Own};

impl Place {
    /// The places that a request of this operation can be about.
    pub fn of(operation: &Operation) -> &'static [Self] {
        let Access::Roles(_, scope) = operation.access else {
            return &[];
        };
        let names_a_thing = operation.template.contains('{');
        match scope {
            Scope::Department | Scope::Visit => &[Own, OtherDepartment, OtherFacility],
            Scope::Person if names_a_thing => &[Own, OtherDepartment, OtherFacility],
            Scope::WholeFacility if names_a_thing => &[Own, OtherFacility],
            Scope::WholeFacility | Scope::Facility | Scope::Person => &[Own],
        }
    }
}

/// What an answer says of authorisation. What else may be wrong with a request is not asked here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Neither of the others.
    Allowed,
    /// 401: who is this?
    Unauthenticated,
    /// 403: not this person.
    Forbidden,
    /// 404: not that this person would know.
    Hidden,
}

/// A status and the code of its problem.
pub type Told = (u16, Option<String>);

/// Reads an answer.
///
/// # Errors
/// It is a failure of the server, or the request was not in order.
pub fn verdict(told: &Told) -> Result<Verdict> {
    let (status, code) = (told.0, told.1.as_deref());
    ensure!(
        status < 500 && status != 400,
        "this says nothing of authorisation: {told:?}"
    );
    Ok(match (status, code) {
        (401, Some("unauthenticated")) => Verdict::Unauthenticated,
        (403, Some("forbidden")) => Verdict::Forbidden,
        (404, _) => Verdict::Hidden,
        _ => Verdict::Allowed,
    })
}

fn told(answer: &Answer) -> Result<Told> {
    if answer.status >= 400 {
        answer.is_problem()?;
    }
    Ok((answer.status, answer.code().map(str::to_owned)))
}

/// Sends the request; of a stream only its beginning is read.
///
/// # Errors
/// The server is away, or an error is no problem document.
pub async fn ask(operation: &Operation, client: &Client, target: &Target) -> Result<Told> {
    let path = operation.path(target);
    if path.ends_with(".png") {
        let drawn = client.request(operation.method.clone(), &path);
        if drawn.send().await?.status() == 200 {
            return Ok((200, None));
        }
    }
    if !operation.is_stream() {
        return told(&operation.send(client, target).await?);
    }
    let path = path
        .strip_prefix("/api/v1")
        .context("a stream outside /api/v1")?;
    match EventStream::open(client, path, None).await {
        Ok(_) => Ok((200, None)),
        Err(_) => told(&client.get(path).await?),
    }
}
