//! `cargo dev sbom`: what is in our two binaries, as a CycloneDX document, from the locked graph.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::host::checkout::{Checkout, cargo};
use crate::host::run;

/// What is shipped.
const SHIPPED: [&str; 2] = ["medique-api", "medique-workers"];
/// What images are built for.
const TARGET: &str = "x86_64-unknown-linux-gnu";

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    /// None for what is linked; `build` and `dev` are not.
    kind: Option<String>,
}

/// Prints the document.
pub(crate) fn run() -> Result<u8> {
    let document = document(&read()?)?;
    println!("{}", serde_json::to_string_pretty(&document)?);
    Ok(0)
}

fn read() -> Result<Metadata> {
    let checkout = Checkout::find()?;
    let text = run::stdout_of(
        cargo()
            .args(["metadata", "--locked", "--format-version", "1"])
            .args(["--filter-platform", TARGET, "--manifest-path"])
            .arg(checkout.root.join("Cargo.toml")),
    )?;
    serde_json::from_str(&text).context("cannot read what cargo metadata printed")
}

fn document(metadata: &Metadata) -> Result<Value> {
    let packages: BTreeMap<&str, &Package> = metadata
        .packages
        .iter()
        .map(|package| (package.id.as_str(), package))
        .collect();
    let linked: BTreeMap<&str, BTreeSet<&str>> = metadata
        .resolve
        .nodes
        .iter()
        .map(|node| (node.id.as_str(), linked(node)))
        .collect();
    let mut inside: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&str> = packages
        .values()
        .filter(|package| SHIPPED.contains(&package.name.as_str()))
        .map(|package| package.id.as_str())
        .collect();
    while let Some(id) = open.pop() {
        if inside.insert(id) {
            open.extend(linked.get(id).into_iter().flatten());
        }
    }
    let named = |id: &str| {
        let package = packages.get(id).copied();
        package.with_context(|| format!("cargo metadata does not describe {id}"))
    };
    let mut components = Vec::new();
    let mut dependencies = Vec::new();
    for id in inside {
        let package = named(id)?;
        components.push(component(package));
        let on: Result<Vec<_>> = linked
            .get(id)
            .into_iter()
            .flatten()
            .map(|id| named(id).map(reference))
            .collect();
        dependencies.push(json!({ "ref": reference(package), "dependsOn": on? }));
    }
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": { "type": "application", "name": "medique", "version": env!("CARGO_PKG_VERSION") } },
        "components": components,
        "dependencies": dependencies,
    }))
}

fn linked(node: &Node) -> BTreeSet<&str> {
    node.deps
        .iter()
        .filter(|dependency| dependency.dep_kinds.iter().any(|kind| kind.kind.is_none()))
        .map(|dependency| dependency.pkg.as_str())
        .collect()
}

fn reference(package: &Package) -> String {
    format!("pkg:cargo/{}@{}", package.name, package.version)
}

fn component(package: &Package) -> Value {
    let mut component = json!({
        "type": "library",
        "bom-ref": reference(package),
        "name": package.name,
        "version": package.version,
        "purl": reference(package),
    });
    if let Some(license) = &package.license {
        component["licenses"] = json!([{ "expression": license.replace('/', " OR ") }]);
    }
    component
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_what_is_linked_and_nothing_else() {
        let document = document(&read().expect("metadata")).expect("a document");
        let names: BTreeSet<&str> = document["components"]
            .as_array()
            .expect("components")
            .iter()
            .filter_map(|component| component["name"].as_str())
            .collect();
        for shipped in [
            "medique-api",
            "medique-workers",
            "sqlx",
            "lettre",
            "aws-lc-rs",
        ] {
            assert!(names.contains(shipped), "{shipped}");
        }
        for other in [
            "medique-dev",
            "medique-tests",
            "rcgen",
            "proptest",
            "clap_mangen",
        ] {
            assert!(!names.contains(other), "{other}");
        }
    }
}
