-- Visits and what belongs to them: written by workers only.

CREATE TABLE visit (
    id                  uuid PRIMARY KEY,
    facility_id         uuid NOT NULL REFERENCES facility,
    version             bigint NOT NULL CHECK (version >= 1),
    -- The partition that wrote the visit last. Another partition's relay waits for its events.
    partition           smallint NOT NULL,
    intake              jsonb,          -- domain::model::IntakeRecord; personal data
    patient_key         text,           -- identifies the patient among live visits
    live                boolean NOT NULL,
    token_department_id uuid REFERENCES department,
    token_number        integer CHECK (token_number >= 1),
    token               text,
    service_day         date NOT NULL,  -- invariant 6: stored, never derived in a query
    arrived_at          timestamptz NOT NULL,
    vitals              jsonb,
    floor               jsonb NOT NULL, -- domain::model::Floor
    clinician           jsonb,          -- domain::model::ClinicianLevel
    level               smallint NOT NULL CHECK (level BETWEEN 1 AND 5),
    current_stage       smallint NOT NULL CHECK (current_stage >= 1),
    undo                jsonb,          -- domain::model::UndoRecord
    CHECK ((token_number IS NULL) = (token IS NULL)),
    -- Invariant 4: never less urgent than the floor, unless a clinician overrides it.
    CHECK (level <= (floor->>'level')::int OR COALESCE((clinician->>'overrides_floor')::boolean, false))
);

-- Invariant 5: a token is unique per department and service day.
CREATE UNIQUE INDEX visit_token ON visit (token_department_id, service_day, token_number)
    WHERE token_number IS NOT NULL;
-- Invariant 1: at most one live visit per patient and facility.
CREATE UNIQUE INDEX visit_live_patient ON visit (facility_id, patient_key)
    WHERE live AND patient_key IS NOT NULL;
CREATE INDEX visit_live ON visit (facility_id) WHERE live;

CREATE TABLE stage (
    visit_id           uuid NOT NULL REFERENCES visit,
    ordinal            smallint NOT NULL CHECK (ordinal >= 1),
    department_id      uuid NOT NULL REFERENCES department,
    state              text NOT NULL CHECK (state IN (
        'SCANNED', 'WAITING', 'URGENT', 'CALLED', 'IN_CONSULTATION', 'ON_HOLD',
        'COMPLETED', 'NO_SHOW', 'CANCELLED', 'LEFT', 'TRANSFERRED', 'EXPIRED')),
    -- Level of the visit, repeated for the queue's index.
    level              smallint NOT NULL CHECK (level BETWEEN 1 AND 5),
    assigned_doctor_id uuid REFERENCES doctor,
    doctor_id          uuid REFERENCES doctor,
    doctor_slot        smallint NOT NULL DEFAULT 0,
    room_id            uuid REFERENCES room,
    room_slot          smallint NOT NULL DEFAULT 0,
    front              boolean NOT NULL,
    queued_since       timestamptz NOT NULL,
    entered_at         timestamptz NOT NULL,
    called_at          timestamptz,
    last_called_at     timestamptz,
    started_at         timestamptz,
    ended_at           timestamptz,
    recall_count       smallint NOT NULL DEFAULT 0 CHECK (recall_count >= 0),
    hold               jsonb, -- domain::model::HoldRecord
    inaccurate         boolean NOT NULL DEFAULT false,
    clock_clamped      boolean NOT NULL DEFAULT false,
    PRIMARY KEY (visit_id, ordinal),
    -- Invariant 3: a called or seen patient has a doctor and a room.
    CHECK (state NOT IN ('CALLED', 'IN_CONSULTATION')
        OR (doctor_id IS NOT NULL AND room_id IS NOT NULL AND called_at IS NOT NULL)),
    CHECK (state <> 'IN_CONSULTATION' OR started_at IS NOT NULL),
    CHECK (state <> 'ON_HOLD' OR hold IS NOT NULL),
    -- A state is final exactly when the stage has ended.
    CHECK ((ended_at IS NOT NULL) = (state IN ('COMPLETED', 'NO_SHOW', 'CANCELLED', 'LEFT', 'TRANSFERRED', 'EXPIRED'))),
    -- Invariant 8.
    CHECK (called_at IS NULL OR entered_at <= called_at),
    CHECK (started_at IS NULL OR called_at <= started_at),
    CHECK (ended_at IS NULL OR ended_at >= COALESCE(started_at, called_at, entered_at)),
    -- Invariant 2. Checked at commit, so that one statement may free a place and take it again.
    CONSTRAINT stage_doctor_place EXCLUDE USING btree (doctor_id WITH =, doctor_slot WITH =)
        WHERE (state IN ('CALLED', 'IN_CONSULTATION')) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT stage_room_place EXCLUDE USING btree (room_id WITH =, room_slot WITH =)
        WHERE (state IN ('CALLED', 'IN_CONSULTATION')) DEFERRABLE INITIALLY DEFERRED,
    -- Invariant 1: at most one live stage per visit.
    CONSTRAINT stage_live EXCLUDE USING btree (visit_id WITH =)
        WHERE (ended_at IS NULL) DEFERRABLE INITIALLY DEFERRED
);

-- The queue of a department, per level, in the order in which a level is served.
CREATE INDEX stage_queue ON stage (department_id, level, front DESC, queued_since, visit_id)
    WHERE state IN ('WAITING', 'URGENT');
-- What a department has in hand beside its queue.
CREATE INDEX stage_in_hand ON stage (department_id)
    WHERE state IN ('SCANNED', 'CALLED', 'IN_CONSULTATION', 'ON_HOLD');
CREATE INDEX stage_with_doctor ON stage (doctor_id) WHERE state IN ('CALLED', 'IN_CONSULTATION');
CREATE INDEX stage_assigned ON stage (assigned_doctor_id) WHERE ended_at IS NULL AND assigned_doctor_id IS NOT NULL;

CREATE TABLE vital_signs (
    visit_id    uuid NOT NULL REFERENCES visit,
    version     bigint NOT NULL, -- version of the visit that they made
    recorded_at timestamptz NOT NULL,
    recorded_by text NOT NULL,
    signs       jsonb NOT NULL,
    PRIMARY KEY (visit_id, version)
);

CREATE TABLE consultation_note (
    visit_id     uuid NOT NULL REFERENCES visit,
    version      bigint NOT NULL,
    written_by   text NOT NULL,
    written_at   timestamptz NOT NULL,
    notes        text,
    prescription text,
    PRIMARY KEY (visit_id, version)
);

-- Last token number taken. The row is written by one partition only, inside the batch.
CREATE TABLE token_counter (
    department_id uuid NOT NULL REFERENCES department,
    service_day   date NOT NULL,
    last_number   integer NOT NULL CHECK (last_number >= 1),
    PRIMARY KEY (department_id, service_day)
);

-- Single-use check-in links that were used.
CREATE TABLE used_link (
    link_id  uuid PRIMARY KEY,
    visit_id uuid NOT NULL REFERENCES visit,
    used_at  timestamptz NOT NULL
);

GRANT SELECT ON visit, stage, vital_signs, consultation_note, token_counter, used_link TO medique_api;
GRANT SELECT, INSERT, UPDATE ON visit, stage, token_counter TO medique_worker;
GRANT SELECT, INSERT ON vital_signs, consultation_note, used_link TO medique_worker;

ALTER TABLE visit SET (fillfactor = 90);
ALTER TABLE stage SET (fillfactor = 90);
