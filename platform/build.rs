//! The migrations are part of the build.

fn main() {
    // The macro that reads them does not notice a new file by itself.
    println!("cargo:rerun-if-changed=../migrations");
}
