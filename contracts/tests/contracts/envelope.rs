//! Whatever stands in a stream is either a message or an error that says why not.

use crate::samples;
use chrono::{DateTime, Utc};
use medique_contracts::actor::Grants;
use medique_contracts::commands::{CallNext, CheckIn, Complete, RecordVitals};
use medique_contracts::envelope::EnvelopeError;
use medique_contracts::ids::{CommandId, DepartmentId, DoctorId, VisitId};
use medique_contracts::vocabulary::Role;
use medique_contracts::{Actor, Command, CommandKind, CommandMessage, EventMessage, EventType};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

fn check_in() -> Value {
    serde_json::from_slice(
        &samples::command_message(CommandKind::CheckIn)
            .to_bytes()
            .unwrap(),
    )
    .unwrap()
}

fn read(envelope: &Value) -> Result<CommandMessage, EnvelopeError> {
    CommandMessage::from_bytes(envelope.to_string().as_bytes())
}

#[test]
fn unknown_types_are_named_as_such() {
    for text in [
        "medique.command.levitate.v1",
        "medique.command.check_in.v2",
        "medique.command.check_in",
        "x",
        "",
    ] {
        let mut envelope = check_in();
        envelope["type"] = text.into();
        assert!(
            matches!(read(&envelope), Err(EnvelopeError::UnknownType)),
            "{text}"
        );
    }
    let event = samples::event_message(EventType::VisitCalled)
        .to_bytes()
        .unwrap();
    assert!(matches!(
        CommandMessage::from_bytes(&event),
        Err(EnvelopeError::UnknownType)
    ));
    assert!(matches!(
        EventMessage::from_bytes(check_in().to_string().as_bytes()),
        Err(EnvelopeError::UnknownType)
    ));
}

#[test]
fn another_version_of_cloudevents_is_refused() {
    let mut envelope = check_in();
    envelope["specversion"] = "0.3".into();
    assert!(matches!(read(&envelope), Err(EnvelopeError::SpecVersion)));
}

#[test]
fn a_truncated_message_is_malformed_wherever_it_ends() {
    let command = samples::command_message(CommandKind::CheckIn)
        .to_bytes()
        .unwrap();
    for end in 0..command.len() {
        assert!(matches!(
            CommandMessage::from_bytes(&command[..end]),
            Err(EnvelopeError::Malformed(_))
        ));
    }
    let event = samples::event_message(EventType::VisitCalled)
        .to_bytes()
        .unwrap();
    for end in 0..event.len() {
        assert!(matches!(
            EventMessage::from_bytes(&event[..end]),
            Err(EnvelopeError::Malformed(_))
        ));
    }
}

#[test]
fn a_member_that_is_missing_or_of_another_type_is_malformed() {
    for pointer in [
        "/id",
        "/specversion",
        "/data",
        "/data/payload",
        "/data/actor",
        "/data/fingerprint",
        "/data/facility_id",
    ] {
        let (parent, member) = pointer.rsplit_once('/').unwrap();
        let mut without = check_in();
        without
            .pointer_mut(parent)
            .and_then(Value::as_object_mut)
            .unwrap()
            .remove(member);
        assert!(
            matches!(read(&without), Err(EnvelopeError::Malformed(_))),
            "{pointer} missing"
        );
        let mut other = check_in();
        *other.pointer_mut(pointer).unwrap() = json!([1]);
        assert!(
            matches!(read(&other), Err(EnvelopeError::Malformed(_))),
            "{pointer} of another type"
        );
    }
}

/// Adds a member that no build knows to every object of a message.
fn with_strangers(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(with_strangers);
            members.insert(
                "added_by_a_newer_build".to_owned(),
                json!({ "x": [1, null] }),
            );
        }
        Value::Array(items) => items.iter_mut().for_each(with_strangers),
        _ => {}
    }
}

#[test]
fn members_that_a_newer_build_added_are_ignored() {
    for kind in CommandKind::ALL {
        let message = samples::command_message(*kind);
        let mut envelope: Value = serde_json::from_slice(&message.to_bytes().unwrap()).unwrap();
        with_strangers(envelope.pointer_mut("/data/payload").unwrap());
        for pointer in ["", "/data"] {
            let object = envelope
                .pointer_mut(pointer)
                .and_then(Value::as_object_mut)
                .unwrap();
            object.insert("added_by_a_newer_build".to_owned(), json!([1, 2]));
        }
        assert_eq!(read(&envelope).unwrap(), message, "{kind}");
    }
}

prop_compose! {
    fn intakes()(
        name in ".{0,120}",
        complaint in "\\PC{0,500}",
        symptoms in prop::collection::vec(".{0,80}", 0..20),
        age_years in prop::option::of(0u16..=130),
        temperature_tenths in prop::option::of(250u16..450),
        doctor in prop::option::of(any::<u128>()),
        allow_duplicate in any::<bool>(),
    ) -> CheckIn {
        let mut intake = samples::intake();
        intake.patient.name = name;
        intake.patient.age_years = age_years;
        intake.complaint = complaint;
        intake.symptoms = symptoms;
        intake.vitals = temperature_tenths.map(|tenths| {
            let mut vitals = samples::vitals();
            vitals.temperature_c = Some(f64::from(tenths) / 10.0);
            vitals
        });
        intake.assigned_doctor_id = doctor.map(|id| DoctorId(Uuid::from_u128(id)));
        intake.allow_duplicate = allow_duplicate;
        CheckIn { intake }
    }
}

fn commands() -> impl Strategy<Value = Command> {
    let text = || prop::option::of("\\PC{0,300}");
    prop_oneof![
        intakes().prop_map(Command::CheckIn),
        (text(), text()).prop_map(|(notes, prescription)| Command::Complete(Complete {
            notes,
            prescription
        })),
        prop::option::of(0u8..=10).prop_map(|pain| {
            let mut vitals = samples::vitals();
            vitals.pain = pain;
            Command::RecordVitals(RecordVitals { vitals })
        }),
        Just(Command::CallNext(CallNext {
            room_id: None,
            doctor_id: None
        })),
        (0..CommandKind::ALL.len()).prop_map(|index| samples::command(CommandKind::ALL[index])),
    ]
}

fn actors() -> impl Strategy<Value = Actor> {
    let id = any::<u128>().prop_map(Uuid::from_u128);
    let grants = prop_oneof![
        Just(Grants::All),
        prop::collection::vec(
            any::<u128>().prop_map(|id| DepartmentId(Uuid::from_u128(id))),
            0..4
        )
        .prop_map(Grants::Only),
    ];
    prop_oneof![
        (id.clone(), grants).prop_map(|(id, departments)| Actor::Staff {
            id: id.into(),
            role: Role::Nurse,
            departments
        }),
        id.clone().prop_map(|id| Actor::Patient {
            visit_id: id.into()
        }),
        (id.clone(), id).prop_map(|(id, department)| Actor::Link {
            id: id.into(),
            department_id: department.into()
        }),
        "[a-z]{1,12}".prop_map(|duty| Actor::System { duty }),
    ]
}

/// Any instant of the next decades, in the microseconds that the database keeps.
fn instants() -> impl Strategy<Value = DateTime<Utc>> {
    (0i64..4_000_000_000_000_000)
        .prop_map(|micros| DateTime::from_timestamp_micros(micros).unwrap())
}

proptest! {
    #[test]
    fn a_command_survives_the_way_through_the_stream(
        command in commands(),
        actor in actors(),
        ids in any::<(u128, Option<u128>, Option<u128>)>(),
        expected_version in any::<Option<i64>>(),
        (sent_at, not_after) in (instants(), instants()),
        traced in any::<bool>(),
    ) {
        let mut message = samples::command_message(command.kind());
        message.command_id = CommandId(Uuid::from_u128(ids.0));
        message.context.department_id = ids.1.map(|id| DepartmentId(Uuid::from_u128(id)));
        message.context.visit_id = ids.2.map(|id| VisitId(Uuid::from_u128(id)));
        message.context.actor = actor;
        message.context.expected_version = expected_version;
        message.context.sent_at = sent_at;
        message.context.not_after = not_after;
        message.traceparent = traced.then(|| samples::TRACEPARENT.to_owned());
        message.command = command;
        let bytes = message.to_bytes().unwrap();
        prop_assert_eq!(CommandMessage::from_bytes(&bytes).unwrap(), message);
    }

    #[test]
    fn an_event_survives_the_way_through_the_stream(
        index in 0..EventType::ALL.len(),
        version in any::<i64>(),
        token in any::<Option<String>>(),
        (occurred_at, arrived_at) in (instants(), instants()),
    ) {
        let mut message = samples::event_message(EventType::ALL[index]);
        message.body.occurred_at = occurred_at;
        if let medique_contracts::EventData::Visit(snapshot) = &mut message.body.facts {
            snapshot.version = version;
            snapshot.token = token;
            snapshot.arrived_at = arrived_at;
            snapshot.ended_at = None;
        }
        let bytes = message.to_bytes().unwrap();
        prop_assert_eq!(EventMessage::from_bytes(&bytes).unwrap(), message);
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = CommandMessage::from_bytes(&bytes);
        let _ = EventMessage::from_bytes(&bytes);
    }

    #[test]
    fn no_change_of_one_byte_makes_a_reader_panic(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = samples::command_message(CommandKind::CheckIn).to_bytes().unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = CommandMessage::from_bytes(&bytes);
    }
}
