//! `cargo dev drill`: disasters and recoveries at full length, on servers of their own.

use anyhow::Result;

use super::test::{self, Special};
use crate::cli::{DrillArgs, TestArgs};
use crate::host::checkout::Checkout;
use crate::stack::build::{APPS, Build};

pub(crate) fn run(args: &DrillArgs) -> Result<u8> {
    let checkout = Checkout::find()?;
    let bin_dir = match args.release {
        true => Build {
            packages: &APPS,
            features: "",
            release: true,
        }
        .run(&checkout)?,
        false => test::build(&checkout)?,
    };
    let only = TestArgs {
        filters: vec!["heavy_whole_drill".to_owned()],
        contract: false,
        runner_args: Vec::new(),
    };
    let special = Special {
        ignored: true,
        told: vec![("MEDIQUE_TEST_DRILL_S", args.seconds.to_string().into())],
        bin_dir: Some(bin_dir),
    };
    test::run_special(&only, 1, special)
}
