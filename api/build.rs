//! Makes the folder of the built screens, so that a fresh clone compiles before they were built.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let dist = Path::new("web/dist");
    std::fs::create_dir_all(dist)?;
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", dist.display());
    Ok(())
}
