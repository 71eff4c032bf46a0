//! Departments and rooms.

use super::check::{Check, FieldError, Lines};
use medique_contracts::commands::{DepartmentSettings, RoomSettings};
use medique_contracts::limits::{CODE_CHARS_MAX, LABEL_CHARS_MAX};

/// Longest target time, minutes.
const TARGET_MINUTES_MAX: u16 = 24 * 60;
/// Most announcements that can be asked for before a no-show.
const NO_SHOW_RECALLS_MAX: u16 = 20;
/// Longest grace before a no-show, seconds.
const NO_SHOW_GRACE_S_MAX: u32 = 24 * 3600;
/// Most patients in one room.
const ROOM_CAPACITY_MAX: u16 = 100;

/// Checks a department's settings and returns them normalised.
///
/// # Errors
/// Every field that is out of bounds.
pub fn department_settings(
    settings: &DepartmentSettings,
) -> Result<DepartmentSettings, Vec<FieldError>> {
    let mut check = Check::default();
    let code = code(&settings.code, &mut check);
    let name = check.text("/name", &settings.name, 1, LABEL_CHARS_MAX, Lines::One);
    check.range("/default_level", settings.default_level, 1..=5);
    for (index, minutes) in settings.target_minutes.iter().enumerate() {
        check.range(
            &format!("/target_minutes/{index}"),
            *minutes,
            0..=TARGET_MINUTES_MAX,
        );
    }
    check.require(
        settings.target_minutes.is_sorted(),
        "/target_minutes",
        "must not be shorter for a less urgent level",
    );
    check.range(
        "/no_show_recalls",
        settings.no_show_recalls,
        0..=NO_SHOW_RECALLS_MAX,
    );
    check.range(
        "/no_show_grace_s",
        settings.no_show_grace_s,
        0..=NO_SHOW_GRACE_S_MAX,
    );
    check.done(DepartmentSettings {
        code,
        name,
        ..settings.clone()
    })
}

/// Checks a room's settings and returns them normalised.
///
/// # Errors
/// Every field that is out of bounds.
pub fn room_settings(settings: &RoomSettings) -> Result<RoomSettings, Vec<FieldError>> {
    let mut check = Check::default();
    let code = code(&settings.code, &mut check);
    let name = check.text("/name", &settings.name, 1, LABEL_CHARS_MAX, Lines::One);
    check.range("/capacity", settings.capacity, 1..=ROOM_CAPACITY_MAX);
    check.done(RoomSettings {
        code,
        name,
        ..settings.clone()
    })
}

fn code(code: &str, check: &mut Check) -> String {
    let code = check.text("/code", code, 1, CODE_CHARS_MAX, Lines::One);
    let allowed = code
        .chars()
        .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    check.require(
        allowed,
        "/code",
        "must consist of the letters A to Z and digits",
    );
    code
}

#[cfg(test)]
mod tests {
    use super::*;
    use medique_contracts::vocabulary::{ReturnPlace, TransferPlace, TriagePolicy};

    fn pointers(result: Result<impl Sized, Vec<FieldError>>) -> Vec<String> {
        result
            .err()
            .into_iter()
            .flatten()
            .map(|error| error.pointer)
            .collect()
    }

    #[test]
    fn bounds_of_settings() {
        let department = DepartmentSettings {
            code: "GM".to_owned(),
            name: "General Medicine".to_owned(),
            open: true,
            default_level: 4,
            target_minutes: [0, 10, 60, 120, 240],
            transfer_place: TransferPlace::ByArrival,
            return_place: ReturnPlace::Original,
            no_show_recalls: 2,
            no_show_grace_s: 120,
            exempt_from_day_close: false,
            triage_policy: TriagePolicy::Suggest,
        };
        assert_eq!(department_settings(&department), Ok(department.clone()));
        for code in ["", "gm", "TOOLONG", "G-M", "Ä"] {
            let bad = DepartmentSettings {
                code: code.to_owned(),
                ..department.clone()
            };
            assert!(
                pointers(department_settings(&bad)).contains(&"/code".to_owned()),
                "{code}"
            );
        }
        let bad = DepartmentSettings {
            name: String::new(),
            default_level: 6,
            target_minutes: [0, 10, 5, 120, 1441],
            no_show_recalls: 21,
            no_show_grace_s: 86_401,
            ..department
        };
        let expected = [
            "/name",
            "/default_level",
            "/target_minutes/4",
            "/target_minutes",
            "/no_show_recalls",
            "/no_show_grace_s",
        ];
        assert_eq!(pointers(department_settings(&bad)), expected);
        for (capacity, good) in [(0, false), (1, true), (100, true), (101, false)] {
            let room = RoomSettings {
                code: "3".to_owned(),
                name: "Room 3".to_owned(),
                open: true,
                capacity,
            };
            assert_eq!(room_settings(&room).is_ok(), good, "{capacity}");
        }
    }
}
