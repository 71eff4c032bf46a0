//! The hospital that check-ins are sent to, in a stack of our own.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use serde_json::json;

use super::scenario::System;
use crate::control;
use crate::drive::request::Requests;
use crate::drive::watch::Watcher;
use crate::http::api;
use crate::http::session::{self, Session};
use crate::measure::applied::Database;
use crate::measure::events::Events;
use crate::measure::run::Target;
use crate::stack::state::State;

/// A stack with departments to check in at.
#[derive(Debug)]
pub(crate) struct Hospital {
    state: State,
    session: Arc<Session>,
    departments: Vec<String>,
}

/// Creates departments as the administrator of the demo hospital.
pub(crate) async fn build(state: &State, departments: usize) -> Result<Hospital> {
    let session = Arc::new(Session::new(
        session::client()?,
        &state.api_base(),
        state.admin()?,
    ));
    let mut hospital = Hospital {
        state: state.clone(),
        session,
        departments: Vec::new(),
    };
    for number in 0..departments {
        let id = hospital.create_department(number).await?;
        hospital.departments.push(id);
    }
    Ok(hospital)
}

impl Hospital {
    async fn create_department(&self, number: usize) -> Result<String> {
        let settings = json!({
            "code": format!("B{number:03}"),
            "name": format!("Bench {number}"),
            "open": true,
            "default_level": 4,
            "target_minutes": [0, 10, 60, 120, 240],
            "transfer_place": "BY_ARRIVAL",
            "return_place": "ORIGINAL",
            "no_show_recalls": 2,
            "no_show_grace_s": 60,
            "exempt_from_day_close": true,
        });
        let outcome = api::must_apply(&self.session, "/departments", &settings).await?;
        let id = outcome
            .pointer("/result/department_id")
            .and_then(serde_json::Value::as_str);
        Ok(id.context("a new department without an id")?.to_owned())
    }

    /// What a run sends its requests to and looks at.
    pub(crate) async fn target(&self, system: System) -> Result<Target> {
        match system {
            System::Pipeline => self.pipeline().await,
            System::Control => self.control().await,
        }
    }

    async fn pipeline(&self) -> Result<Target> {
        let mut processes = self.state.processes.clone();
        processes.insert("client".to_owned(), std::process::id());
        let session = Some(Arc::clone(&self.session));
        let requests = Requests::new(
            self.state.api_address()?,
            "/api/v1/visits",
            session,
            self.departments.clone(),
        );
        Ok(Target {
            requests,
            database: Database::connect(&self.state.database_url, None).await?,
            watcher: Some(Watcher::open(&self.session, &self.departments).await?),
            processes,
            events: Some(Events::connect(&self.state.nats_url).await?),
            _server: None,
        })
    }

    /// The control shares the machine with the idle pipeline, whose CPU is in the table too.
    async fn control(&self) -> Result<Target> {
        let server = control::child::Server::start(&self.state.database_url).await?;
        let mut processes: BTreeMap<String, u32> = self.state.processes.clone();
        processes.insert("client".to_owned(), std::process::id());
        processes.insert("control".to_owned(), server.pid());
        let requests = Requests::new(
            server.address().to_owned(),
            "/visits",
            None,
            self.departments.clone(),
        );
        Ok(Target {
            requests,
            database: Database::connect(&self.state.database_url, Some(control::SCHEMA)).await?,
            watcher: None,
            events: None,
            processes,
            _server: Some(server),
        })
    }
}
