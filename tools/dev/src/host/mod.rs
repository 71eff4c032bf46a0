//! The machine that we run on: its users, files, programs and packages.

pub(crate) mod checkout;
pub(crate) mod env;
pub(crate) mod files;
pub(crate) mod key;
pub(crate) mod os_user;
pub(crate) mod run;
pub(crate) mod secrets;
pub(crate) mod temp_dir;
pub(crate) mod version;
pub(crate) mod web;
pub(crate) mod wheel;
