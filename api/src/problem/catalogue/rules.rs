//! Refusals by rule.

use super::Entry;
use medique_contracts::RejectionCode;

macro_rules! rules {
    ($($variant:ident = $status:literal, $title:literal, $meaning:literal, $advice:literal;)+) => {
        /// The public entry of a rejection.
        pub(super) const fn entry(code: RejectionCode) -> &'static Entry {
            match code {
                $(RejectionCode::$variant => const { &Entry {
                    code: RejectionCode::$variant.as_str(),
                    status: $status, title: $title, meaning: $meaning, advice: $advice,
                } }),+
            }
        }
    };
}

rules! {
    InvalidTransition = 422, "Not possible in this state",
        "the state of the visit does not allow the operation",
        "read the visit again and choose an operation that its state allows";
    VersionConflict = 409, "Changed meanwhile",
        "somebody changed the visit since it was read",
        "read it again and decide anew; `current_version` is the version to expect";
    Forbidden = 403, "Not allowed",
        "the role may not do this, or not in this department",
        "ask somebody who may, or an administrator for the grant";
    UnknownVisit = 404, "Unknown visit",
        "there is no such visit, or it is not visible to the caller",
        "check the id";
    UnknownDepartment = 404, "Unknown department",
        "there is no such department in the facility",
        "check the id";
    UnknownDoctor = 404, "Unknown doctor",
        "there is no such doctor in the department",
        "check the id";
    UnknownRoom = 404, "Unknown room",
        "there is no such room in the department",
        "check the id";
    AlreadyInQueue = 409, "Already in the queue",
        "the patient already has a visit that is not finished",
        "go on with that visit, or let staff allow a second one";
    AlreadyExists = 409, "Already exists",
        "the id of the visit is taken",
        "repeat with a fresh idempotency key";
    AlreadyTaken = 409, "Code taken",
        "the code belongs to another department or room",
        "choose another code";
    DepartmentClosed = 422, "Department closed",
        "the department does not take patients at the moment",
        "choose another department, or open it";
    DoctorNotAvailable = 422, "Doctor not available",
        "the doctor is paused or off shift",
        "set the doctor available first";
    DoctorBusy = 422, "Doctor busy",
        "the doctor has another patient called or in consultation",
        "finish that patient first";
    DoctorRequired = 422, "Doctor required",
        "it must be said for which doctor the patient is called",
        "send `doctor_id`";
    RoomBusy = 422, "Room taken",
        "another patient is called to the room or seen in it",
        "choose another room";
    RoomRequired = 422, "Room required",
        "no room was named and none is free",
        "send `room_id`, or free a room";
    NobodyWaiting = 422, "Nobody waits",
        "the queue has nobody who could be called",
        "try again when somebody has checked in";
    ReasonRequired = 422, "Reason required",
        "this needs a reason",
        "send `reason`";
    BelowFloor = 422, "Below the safety floor",
        "the level is less urgent than the findings allow",
        "choose a more urgent level, or override the floor with a reason where the role may";
    RaiseOnly = 422, "Raising only",
        "the role may only make a visit more urgent",
        "ask a nurse or a doctor";
    RecallTooSoon = 422, "Just announced",
        "the patient was announced less than ten seconds ago",
        "wait a moment";
    NoShowTooSoon = 422, "Too soon for a no-show",
        "the patient was not yet announced often or long enough",
        "announce again and wait for the grace time";
    StaleSuggestion = 422, "Findings have changed",
        "the findings have changed since the adviser was asked",
        "ask again with the findings of now";
    AdviserOff = 422, "Adviser switched off",
        "the adviser is switched off in the facility or in the department",
        "switch it on first";
    HumanRequired = 422, "Human decision required",
        "level 1 and 2 are never removed without a human decision",
        "let staff decide";
    NotInCharge = 422, "Not in charge",
        "another doctor is in charge of the patient",
        "let that doctor do it, or transfer the visit";
    NothingToUndo = 422, "Nothing to undo",
        "there is no transition that could be taken back",
        "correct it with a new transition";
    UndoExpired = 422, "Too late to undo",
        "a transition can be taken back within 60 seconds",
        "correct it with a new transition";
    SameDepartment = 422, "Same department",
        "the visit is already in that department",
        "choose another department";
    ServiceDayOver = 422, "Another day",
        "a patient can return on the same service day only",
        "check the patient in anew";
    LinkExpired = 422, "Link expired",
        "the link has expired",
        "scan the code again, or check in at the desk";
    LinkAlreadyUsed = 422, "Link used",
        "the link can be used once and was",
        "ask for a new link at the desk";
    LinkRevoked = 422, "Link revoked",
        "the link, or the poster that it was drawn from, was revoked",
        "ask for a new link at the desk";
    Expired = 422, "Surfaced too late",
        "the message reached the broker long after it was sent and has no effect",
        "repeat it with a fresh idempotency key when it is still wanted";
    InvalidField = 400, "Invalid field",
        "a field is out of bounds",
        "correct the fields that `errors` points to";
}
