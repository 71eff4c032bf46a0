//! NATS and Postgres: finding or fetching them, starting them, and preparing a database.

pub(crate) mod cluster;
pub(crate) mod database;
pub(crate) mod nats;
pub(crate) mod postgres;
pub(crate) mod psql;
pub(crate) mod rotel;
