use super::*;
use chrono::TimeDelta;
use chrono_tz::{Africa, America, Asia, Europe, Pacific, TZ_VARIANTS};
use proptest::prelude::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a valid instant")
}

fn day_at(text: &str, timezone: Tz, cutover_hour: u8) -> String {
    service_day(at(text), timezone, cutover_hour).to_string()
}

#[test]
fn the_cut_over_hour_begins_the_day() {
    let london = Europe::London;
    assert_eq!(
        day_at("2026-01-10T03:59:59.999999Z", london, 4),
        "2026-01-09"
    );
    assert_eq!(day_at("2026-01-10T04:00:00Z", london, 4), "2026-01-10");
    assert_eq!(
        day_at("2026-07-10T02:59:59Z", london, 4),
        "2026-07-09",
        "summer time"
    );
    assert_eq!(day_at("2026-07-10T03:00:00Z", london, 4), "2026-07-10");
    assert_eq!(day_at("2026-01-10T23:59:59Z", london, 0), "2026-01-10");
    assert_eq!(day_at("2026-01-11T22:59:59Z", london, 23), "2026-01-10");
    assert_eq!(day_at("2026-01-11T23:00:00Z", london, 23), "2026-01-11");
}

#[test]
fn the_day_is_local_far_from_greenwich() {
    assert_eq!(
        day_at("2026-01-10T12:00:00Z", Pacific::Kiritimati, 4),
        "2026-01-10"
    );
    assert_eq!(
        day_at("2026-01-10T14:00:00Z", Pacific::Kiritimati, 4),
        "2026-01-11"
    );
    assert_eq!(
        day_at("2026-01-10T12:00:00Z", Pacific::Pago_Pago, 4),
        "2026-01-09"
    );
    assert_eq!(
        day_at("2026-01-09T18:15:00Z", Asia::Kathmandu, 0),
        "2026-01-10"
    );
    assert_eq!(
        day_at("2026-01-09T18:14:59Z", Asia::Kathmandu, 0),
        "2026-01-09"
    );
}

#[test]
fn a_skipped_cut_over_begins_right_after_the_gap() {
    // Berlin skips 02:00 to 03:00 on 2026-03-29, at 01:00 UTC.
    assert_eq!(
        day_at("2026-03-29T00:59:59Z", Europe::Berlin, 2),
        "2026-03-28"
    );
    assert_eq!(
        day_at("2026-03-29T01:00:00Z", Europe::Berlin, 2),
        "2026-03-29"
    );
    // Beirut skips 00:00 to 01:00 on 2026-03-29, at 22:00 UTC of the day before.
    assert_eq!(
        begin("2026-03-29".parse().expect("a date"), Asia::Beirut, 0),
        at("2026-03-28T22:00:00Z")
    );
    // Apia skipped the whole of 2011-12-30.
    let skipped = begin("2011-12-30".parse().expect("a date"), Pacific::Apia, 4);
    assert_eq!(skipped, at("2011-12-30T10:00:00Z"));
    assert_eq!(
        day_at("2011-12-30T09:59:59Z", Pacific::Apia, 4),
        "2011-12-29"
    );
    assert_eq!(
        day_at("2011-12-30T10:00:00Z", Pacific::Apia, 4),
        "2011-12-30"
    );
    assert_eq!(
        day_at("2011-12-30T14:00:00Z", Pacific::Apia, 4),
        "2011-12-31"
    );
}

#[test]
fn a_repeated_cut_over_begins_the_day_once() {
    // Berlin repeats 02:00 to 03:00 on 2026-10-25.
    assert_eq!(
        day_at("2026-10-24T23:59:59Z", Europe::Berlin, 2),
        "2026-10-24"
    );
    assert_eq!(
        day_at("2026-10-25T00:00:00Z", Europe::Berlin, 2),
        "2026-10-25"
    );
    assert_eq!(
        day_at("2026-10-25T01:00:00Z", Europe::Berlin, 2),
        "2026-10-25"
    );
    // St John's turned the clocks back at 00:01, to 23:01 of the day before.
    let (before, after) = ("2006-10-29T02:30:59Z", "2006-10-29T02:31:00Z");
    assert_eq!(day_at(before, America::St_Johns, 0), "2006-10-29");
    assert_eq!(
        day_at(after, America::St_Johns, 0),
        "2006-10-29",
        "not yesterday again"
    );
    assert_eq!(
        day_at("2006-10-29T01:30:00Z", Africa::Casablanca, 4),
        "2006-10-28"
    );
}

#[test]
fn tokens_have_three_digits_at_least() {
    assert_eq!(token_text("GM", 1), "GM-001");
    assert_eq!(token_text("GM", 42), "GM-042");
    assert_eq!(token_text("X1", 1000), "X1-1000");
}

fn any_zone() -> impl Strategy<Value = Tz> {
    (0..TZ_VARIANTS.len()).prop_map(|index| TZ_VARIANTS[index])
}

/// Microseconds from 1975 to 2035.
fn any_instant() -> impl Strategy<Value = DateTime<Utc>> {
    (157_766_400_000_000_i64..2_051_222_400_000_000)
        .prop_map(|micros| DateTime::from_timestamp_micros(micros).expect("in range"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn every_instant_of_every_zone_is_in_its_day(
        zone in any_zone(), instant in any_instant(), cutover in 0_u8..24,
    ) {
        let day = service_day(instant, zone, cutover);
        let next = day.succ_opt().expect("a day after");
        prop_assert!(begin(day, zone, cutover) <= instant);
        prop_assert!(instant < begin(next, zone, cutover));
    }

    #[test]
    fn days_never_run_backwards(
        zone in any_zone(), instant in any_instant(), cutover in 0_u8..24, later in 0_i64..100_000,
    ) {
        let before = service_day(instant, zone, cutover);
        let after = service_day(instant + TimeDelta::seconds(later), zone, cutover);
        prop_assert!(before <= after);
    }

    #[test]
    fn the_edge_of_a_day_is_sharp(
        zone in any_zone(), instant in any_instant(), cutover in 0_u8..24,
    ) {
        let day = service_day(instant, zone, cutover);
        let edge = begin(day, zone, cutover);
        prop_assert_eq!(service_day(edge, zone, cutover), day);
        let before = service_day(edge - TimeDelta::microseconds(1), zone, cutover);
        prop_assert!(before < day);
        let shown = edge.with_timezone(&zone).naive_local();
        let wall = day.and_hms_opt(u32::from(cutover), 0, 0).expect("a valid time");
        prop_assert!(shown >= wall, "the clocks show the cut-over hour, or have skipped it");
    }
}
