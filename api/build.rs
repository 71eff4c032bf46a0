//! Makes the folder of the built screens, so that a fresh clone compiles before they were built.

use std::path::Path;

#[expect(
    clippy::disallowed_methods,
    reason = "what cargo tells a build script is no configuration of the binary"
)]
fn main() -> std::io::Result<()> {
    let dist = Path::new("web/dist");
    std::fs::create_dir_all(dist)?;
    println!("cargo::rerun-if-changed=build.rs");
    // Builds for development read the folder while they run.
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed={}", dist.display());
    }
    Ok(())
}
