//! The environment: of ourselves, read in this file only, and of the programs that we start.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

/// A variable, if it is set.
#[expect(
    clippy::disallowed_methods,
    reason = "the binaries read theirs through medique-platform, which is too heavy for the launcher"
)]
pub(crate) fn var(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// A variable, if it is set to text.
pub(crate) fn text(name: &str) -> Option<String> {
    var(name)?.into_string().ok()
}

/// Every file of this name in the folders of PATH, in their order.
pub(crate) fn on_path(program: &str) -> Vec<PathBuf> {
    let path = var("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|dir| dir.join(program))
        .filter(|file| file.is_file())
        .collect()
}

/// Keeps our variables that `is_unwanted` picks from a program that we start.
pub(crate) fn hide(command: &mut Command, is_unwanted: impl Fn(&str) -> bool) {
    for (name, _) in std::env::vars_os() {
        if is_unwanted(&name.to_string_lossy()) {
            command.env_remove(name);
        }
    }
}
