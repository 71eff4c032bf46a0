//! How visits begin.

use crate::fixture::*;
use chrono::{NaiveDate, TimeDelta};
use medique_contracts::Command;
use medique_contracts::RejectionCode::*;
use medique_contracts::commands::*;
use medique_contracts::vocabulary::*;
use medique_domain::decide::Change;

fn born(name: &str) -> Intake {
    let mut intake = intake();
    intake.patient = named(name);
    intake.patient.birth_date = NaiveDate::from_ymd_opt(1980, 1, 2);
    intake
}

fn check_in_command(intake: Intake) -> Command {
    Command::CheckIn(CheckIn { intake })
}

#[test]
fn tokens_count_up_per_department_and_service_day() {
    let mut hospital = Hospital::new();
    let tokens: Vec<_> = [GM, GM, XR, GM]
        .map(|department| hospital.check_in_at(department, intake()))
        .map(|id| hospital.visit(id).token.expect("a token"))
        .to_vec();
    assert_eq!(tokens, ["GM-001", "GM-002", "XR-001", "GM-003"]);
    hospital.now = instant("2026-03-11T03:59:59Z");
    let id = hospital.check_in();
    assert_eq!(
        hospital.visit(id).token.as_deref(),
        Some("GM-004"),
        "before the cut-over hour"
    );
    hospital.now = instant("2026-03-11T04:00:00Z");
    let id = hospital.check_in();
    assert_eq!(hospital.visit(id).token.as_deref(), Some("GM-001"));
    hospital
        .world
        .tokens
        .insert((GM, hospital.visit(id).service_day), 999);
    let id = hospital.check_in();
    assert_eq!(hospital.visit(id).token.as_deref(), Some("GM-1000"));
}

#[test]
fn a_patient_has_one_live_visit_unless_staff_allow_another() {
    let mut hospital = Hospital::new();
    let first = hospital.check_in_at(GM, born("Ada"));
    let again = check_in_command(born("ADA "));
    assert_eq!(
        hospital.at(reception(), Some(XR), again.clone()),
        Err(AlreadyInQueue)
    );
    let allowed = Intake {
        allow_duplicate: true,
        ..born("Ada")
    };
    let second = hospital.check_in_at(GM, allowed.clone());
    assert_eq!(hospital.visit(second).patient_key, None);
    let by_phone = Command::CheckInByLink(CheckInByLink {
        link: claims(),
        intake: allowed,
    });
    assert_eq!(
        hospital.at(link(), Some(GM), by_phone),
        Err(AlreadyInQueue),
        "staff only"
    );
    hospital
        .on(reception(), first, cancel())
        .expect("a cancellation");
    hospital
        .at(reception(), Some(XR), again)
        .expect("a check-in after the first visit ended");
    let back = hospital.later(5).on(reception(), first, undo());
    assert_eq!(back.map(|_| ()), Err(AlreadyInQueue));
}

#[test]
fn names_and_ages_alone_identify_nobody() {
    let mut hospital = Hospital::new();
    let (one, two) = (hospital.check_in(), hospital.check_in());
    assert_ne!(one, two);
}

#[test]
fn a_patient_who_came_back_meanwhile_cannot_return_in_the_old_visit() {
    let mut hospital = Hospital::new();
    let first = hospital.check_in_at(GM, born("Ada"));
    hospital
        .on(patient(first), first, leave())
        .expect("leaving");
    hospital.check_in_at(XR, born("Ada"));
    let back = hospital.on(reception(), first, come_back(None, None));
    assert_eq!(back.map(|_| ()), Err(AlreadyInQueue));
}

#[test]
fn a_closed_or_unknown_department_admits_nobody() {
    let mut hospital = Hospital::new();
    let command = check_in_command(intake());
    assert_eq!(
        hospital.at(reception(), Some(SHUT), command.clone()),
        Err(DepartmentClosed)
    );
    let nowhere = Some(uuid::Uuid::from_u128(77).into());
    assert_eq!(
        hospital.at(reception(), nowhere, command.clone()),
        Err(UnknownDepartment)
    );
    assert_eq!(
        hospital.at(reception(), None, command),
        Err(UnknownDepartment)
    );
}

#[test]
fn the_id_of_a_visit_is_taken_once() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    let again = hospital.on(reception(), id, check_in_command(intake()));
    assert_eq!(again.map(|_| ()), Err(AlreadyExists));
}

#[test]
fn an_assigned_doctor_works_in_the_department() {
    let mut hospital = Hospital::new();
    let with = |doctor| {
        check_in_command(Intake {
            assigned_doctor_id: Some(doctor),
            ..intake()
        })
    };
    assert_eq!(
        hospital.at(reception(), Some(GM), with(RAY)),
        Err(UnknownDoctor)
    );
    hospital
        .at(reception(), Some(GM), with(BOTH))
        .expect("a check-in");
}

#[test]
fn birth_dates_are_held_against_the_day_of_arrival() {
    let mut hospital = Hospital::new();
    let mut born_on = |text: &str| {
        let mut intake = intake();
        intake.patient.birth_date = text.parse().ok();
        hospital
            .at(reception(), Some(GM), check_in_command(intake))
            .map(|_| ())
    };
    assert_eq!(born_on("2026-03-12"), Err(InvalidField));
    assert_eq!(born_on("2026-03-10"), Ok(()));
    assert_eq!(born_on("1890-01-01"), Err(InvalidField));
    assert_eq!(born_on("1900-01-01"), Ok(()));
}

#[test]
fn a_scan_takes_no_token_until_it_is_confirmed() {
    let mut hospital = Hospital::new();
    let id = hospital.scan();
    let scanned = hospital.visit(id);
    assert_eq!(
        (scanned.stage.state, scanned.token),
        (StageState::Scanned, None)
    );
    let fill = Command::FillIntake(FillIntake { intake: intake() });
    let visit = hospital
        .later(300)
        .on(patient(id), id, fill.clone())
        .expect("an intake");
    assert_eq!((visit.stage.state, visit.version), (StageState::Waiting, 2));
    assert_eq!(visit.token.as_deref(), Some("GM-001"));
    assert_eq!(visit.arrived_at, hospital.now - TimeDelta::seconds(300));
    assert_eq!(
        visit.stage.queued_since, hospital.now,
        "waiting counts from the intake"
    );
    assert_eq!(
        hospital.on(patient(id), id, fill).map(|_| ()),
        Err(InvalidTransition)
    );
}

#[test]
fn an_unconfirmed_scan_expires_and_does_not_return() {
    let mut hospital = Hospital::new();
    let id = hospital.scan();
    let expire = Command::ExpireScan(ExpireScan {});
    let visit = hospital
        .later(1800)
        .on(system(), id, expire)
        .expect("an expiry");
    assert_eq!(
        (visit.stage.state, visit.stage.inaccurate),
        (StageState::Expired, false)
    );
    let back = hospital.on(reception(), id, come_back(None, None));
    assert_eq!(back.map(|_| ()), Err(InvalidTransition));
    assert_eq!(
        hospital.on(admin(), id, undo()).map(|_| ()),
        Err(NothingToUndo)
    );
}

#[test]
fn patients_do_not_record_their_own_vital_signs() {
    let mut hospital = Hospital::new();
    let id = hospital.scan();
    let intake = Intake {
        vitals: Some(bad_vitals()),
        ..intake()
    };
    let fill = Command::FillIntake(FillIntake { intake });
    assert_eq!(
        hospital.on(patient(id), id, fill.clone()).map(|_| ()),
        Err(InvalidField)
    );
    let visit = hospital
        .on(reception(), id, fill)
        .expect("an intake at the desk");
    assert_eq!((visit.stage.state, visit.level), (StageState::Urgent, 2));
}

#[test]
fn links_expire_by_the_brokers_time_and_admit_to_their_department() {
    let mut hospital = Hospital::new();
    let scan = |claims: LinkClaims| Command::Scan(Scan { link: claims });
    let expires_at = hospital.now;
    let dead = LinkClaims {
        expires_at,
        ..claims()
    };
    assert_eq!(hospital.at(link(), Some(GM), scan(dead)), Err(LinkExpired));
    assert_eq!(
        hospital.at(link(), Some(XR), scan(claims())),
        Err(Forbidden)
    );
    let other = LinkClaims {
        link_id: uuid::Uuid::from_u128(1).into(),
        ..claims()
    };
    assert_eq!(hospital.at(link(), Some(GM), scan(other)), Err(Forbidden));
    let alive = LinkClaims {
        expires_at: expires_at + TimeDelta::microseconds(1),
        ..claims()
    };
    hospital
        .at(link(), Some(GM), scan(alive))
        .expect("a scan in the last microsecond");
}

#[test]
fn a_revoked_link_admits_nobody_nor_do_tickets_drawn_from_it() {
    let mut hospital = Hospital::new();
    let poster: medique_contracts::ids::LinkId = uuid::Uuid::from_u128(7).into();
    let ticket = LinkClaims {
        drawn_from: Some(poster),
        ..claims()
    };
    let scan = |link: &LinkClaims| Command::Scan(Scan { link: link.clone() });
    // as of the broker's time: what was stored before is decided as it was then
    let (before, after) = (hospital.now + TimeDelta::seconds(1), hospital.now);
    hospital.world.revoked_links.insert(poster, before);
    hospital
        .at(link(), Some(GM), scan(&ticket))
        .expect("a scan before the revocation");
    for revoked in [poster, ticket.link_id] {
        hospital.world.revoked_links = [(revoked, after)].into();
        assert_eq!(
            hospital.at(link(), Some(GM), scan(&ticket)),
            Err(LinkRevoked)
        );
    }
}

#[test]
fn a_single_use_link_is_used_once() {
    let mut hospital = Hospital::new();
    let once = LinkClaims {
        single_use: true,
        doctor_id: Some(DOC),
        ..claims()
    };
    let by_link = |intake| {
        Command::CheckInByLink(CheckInByLink {
            link: once.clone(),
            intake,
        })
    };
    let decision = hospital
        .at(link(), Some(GM), by_link(intake()))
        .expect("a check-in");
    let Change::Visit(change) = &decision.transitions[0].change else {
        unreachable!()
    };
    assert_eq!(change.link_used, Some(LINK));
    assert_eq!(
        change.visit.stage.assigned_doctor_id,
        Some(DOC),
        "the doctor of the link"
    );
    assert_eq!(
        hospital.at(link(), Some(GM), by_link(intake())),
        Err(LinkAlreadyUsed)
    );
    let scan = Command::Scan(Scan { link: once.clone() });
    assert_eq!(hospital.at(link(), Some(GM), scan), Err(LinkAlreadyUsed));
    let many = Command::Scan(Scan { link: claims() });
    hospital
        .at(link(), Some(GM), many.clone())
        .expect("a link for many");
    hospital
        .at(link(), Some(GM), many)
        .expect("a link for many");
}

#[test]
fn a_message_that_surfaced_too_late_has_no_effect() {
    let mut hospital = Hospital::new();
    let mut message = hospital.message(reception(), Some(GM), None, check_in_command(intake()));
    message.context.not_after = hospital.now - TimeDelta::microseconds(1);
    assert_eq!(hospital.give(&message), Err(Expired));
    message.context.not_after = hospital.now;
    hospital.give(&message).expect("just in time");
}

#[test]
fn what_the_api_would_refuse_the_fold_refuses_too() {
    let mut hospital = Hospital::new();
    let nameless = Intake {
        patient: named(" "),
        ..intake()
    };
    assert_eq!(
        hospital.at(reception(), Some(GM), check_in_command(nameless)),
        Err(InvalidField)
    );
    let untidy = Intake {
        patient: named("  Jose\u{301} "),
        ..intake()
    };
    let id = hospital.check_in_at(GM, untidy);
    let name = hospital.visit(id).intake.map(|intake| intake.patient.name);
    assert_eq!(name.as_deref(), Some("Jos\u{e9}"));
}

#[test]
fn a_stale_version_is_a_conflict_that_names_the_current_one() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    hospital
        .on(nurse(), id, vitals(normal_vitals()))
        .expect("vital signs");
    let mut message = hospital.message(reception(), Some(GM), Some(id), cancel());
    message.context.expected_version = Some(1);
    let refusal = medique_domain::decide(&hospital.world, &message, hospital.now)
        .expect_err("a stale version");
    assert_eq!(
        (refusal.code, refusal.current_version),
        (VersionConflict, Some(2))
    );
    message.context.expected_version = Some(2);
    hospital.give(&message).expect("the current version");
}
