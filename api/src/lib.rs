//! Asks and shows: the HTTP side of MediQue.
//!
//! A command comes in at [`routes`], is judged and published by [`accept`], and answered with where
//! to ask for its outcome. [`read`] shows what workers recorded, [`live`] streams what happens.
//! This process writes nothing but identity.
//!
//! From the outside in, a request passes [`edge`] (address, trace, panics, errors, headers),
//! [`limits`], the routes of [`app`], [`auth`] (who calls) and [`door`] (the body).

pub mod accept;
pub mod app;
pub mod auth;
pub mod client;
pub mod config;
pub mod cors;
pub mod description;
pub mod door;
pub mod edge;
pub mod headers;
pub mod healthcheck;
pub mod limits;
pub mod links;
pub mod live;
pub mod poster;
pub mod problem;
pub mod read;
pub mod readiness;
pub mod routes;
pub mod schema;
pub mod screens;
pub mod serve;
