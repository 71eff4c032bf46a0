//! The reference of all variables: what the binaries say that they read, and what the comments
//! beside the fields say that it means.

mod meanings;

pub use meanings::{Meanings, names_in_code};

use anyhow::{Context as _, Result};
use medique_platform::config::{Asked, Kind};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

const HEAD: &str = "# Configuration\n\n\
Both binaries read their configuration from the environment only, once, at the start. They refuse to \
start when something is missing, weak, contradictory or unknown, and name every variable that is wrong. \
Check without starting: `medique-api config check`, `medique-worker config check`. A variable that is \
set to nothing counts as one that is not set.\n\n\
Each secret may be given as a file instead: `NAME_FILE` holds the path. Both at once is refused. \
The unit of a number is the end of the variable's name.\n\n\
This page is written by a test from the types that the binaries read their configuration into, and \
compared with them by every run of the tests: `MEDIQUE_TEST_UPDATE=1 cargo dev test \
the_reference_of_variables` writes it anew.\n";

const TABLE: &str = "| variable | value | default | meaning |\n|---|---|---|---|\n";

/// Longest bound that is worth telling: what a duration of whole seconds can hold.
const UNBOUNDED: &str = "4294967295";

/// What each process reads: `api`, `worker` and `admin`, each in the order of reading.
pub type Readers = BTreeMap<String, Vec<Asked>>;

/// Writes the page.
///
/// # Errors
/// A variable is nowhere said to mean something.
pub fn page(readers: &Readers, meanings: &Meanings) -> Result<String> {
    let of = |reader: &str| readers.get(reader).context("a reader is missing");
    let (api, worker, admin) = (of("api")?, of("worker")?, of("admin")?);
    let names = |list: &[Asked]| -> BTreeSet<String> {
        list.iter().map(|asked| asked.name.clone()).collect()
    };
    let (of_api, of_worker) = (names(api), names(worker));
    let mut page = HEAD.to_owned();
    for (title, list, others, shared) in [
        ("Both binaries", api, &of_worker, true),
        ("`medique-api`", api, &of_worker, false),
        ("`medique-worker`", worker, &of_api, false),
    ] {
        write!(page, "\n## {title}\n\n{TABLE}")?;
        for asked in list
            .iter()
            .filter(|asked| others.contains(&asked.name) == shared)
        {
            page.push_str(&row(asked, meanings)?);
        }
    }
    let is_served =
        |asked: &&Asked| of_api.contains(&asked.name) || of_worker.contains(&asked.name);
    page.push_str("\n## `medique-worker admin`\n\nEach command reads what it needs of these, and ignores other variables of the binaries:\n\n");
    for asked in admin.iter().filter(is_served) {
        writeln!(page, "- `{}`", asked.name)?;
    }
    let own: Vec<_> = admin.iter().filter(|asked| !is_served(asked)).collect();
    if !own.is_empty() {
        write!(page, "\nAnd some that the servers do not know:\n\n{TABLE}")?;
        for asked in own {
            page.push_str(&row(asked, meanings)?);
        }
    }
    Ok(page)
}

fn row(asked: &Asked, meanings: &Meanings) -> Result<String> {
    let meaning = meanings.of(&asked.name).with_context(|| {
        format!(
            "{} means nothing: write a comment `/// {}: what it is for` beside its field",
            asked.name,
            format_args!("`{}`", asked.name)
        )
    })?;
    let default = match (&asked.default, asked.required) {
        (_, true) => "**required**".to_owned(),
        (None, false) => "none".to_owned(),
        (Some(default), false) => shown(asked, default),
    };
    Ok(format!(
        "| `{}` | {} | {default} | {meaning} |\n",
        asked.name,
        value(asked)
    ))
}

fn shown(asked: &Asked, default: &str) -> String {
    const GIB: u64 = 1 << 30;
    match (asked.kind, default.parse::<u64>()) {
        (Kind::Whole, Ok(bytes)) if bytes >= GIB && bytes % GIB == 0 => {
            format!("{bytes} ({} GiB)", bytes / GIB)
        }
        (Kind::Whole, _) => default.to_owned(),
        _ => format!("`{default}`"),
    }
}

fn value(asked: &Asked) -> String {
    let kind = match asked.kind {
        Kind::Text => "text",
        Kind::Whole | Kind::Number => unit(&asked.name),
        Kind::Switch => "`true` or `false`",
        Kind::Address => "`address:port`",
        Kind::File => "path of a file",
        Kind::Secret => "**secret**",
    };
    match &asked.bounds {
        None => kind.to_owned(),
        Some((least, most)) if most == UNBOUNDED => format!("{kind}, at least {least}"),
        Some((least, most)) => format!("{kind}, {least} to {most}"),
    }
}

fn unit(name: &str) -> &'static str {
    const UNITS: [(&str, &str); 8] = [
        ("_S", "seconds"),
        ("_MS", "milliseconds"),
        ("_PER_MINUTE", "a minute"),
        ("_MINUTES", "minutes"),
        ("_DAYS", "days"),
        ("_PERCENT", "percent"),
        ("_KIB", "KiB"),
        ("_BYTES", "bytes"),
    ];
    let found = UNITS.iter().find(|(end, _)| name.ends_with(end));
    found.map_or("number", |(_, unit)| unit)
}
