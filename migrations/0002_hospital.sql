-- The hospital itself: written by workers (departments, rooms, doctors) and by the admin command
-- line (facilities).

CREATE TABLE facility (
    id           uuid PRIMARY KEY,
    code         text NOT NULL UNIQUE,
    name         text NOT NULL,
    timezone     text NOT NULL, -- IANA name
    cutover_hour smallint NOT NULL CHECK (cutover_hour BETWEEN 0 AND 23),
    -- Whether the scheduler closes the day at the cut-over hour.
    auto_close   boolean NOT NULL DEFAULT false,
    created_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE department (
    id          uuid PRIMARY KEY,
    facility_id uuid NOT NULL REFERENCES facility,
    version     bigint NOT NULL CHECK (version >= 1),
    code        text NOT NULL,
    settings    jsonb NOT NULL, -- contracts::commands::DepartmentSettings
    UNIQUE (facility_id, code)
);

CREATE TABLE room (
    id            uuid PRIMARY KEY,
    department_id uuid NOT NULL REFERENCES department,
    version       bigint NOT NULL CHECK (version >= 1),
    code          text NOT NULL,
    settings      jsonb NOT NULL, -- contracts::commands::RoomSettings
    UNIQUE (department_id, code)
);

CREATE TABLE doctor (
    id           uuid PRIMARY KEY, -- equal to the staff id
    facility_id  uuid NOT NULL REFERENCES facility,
    version      bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
    status       text NOT NULL DEFAULT 'AVAILABLE' CHECK (status IN ('AVAILABLE', 'PAUSED', 'OFFLINE')),
    capacity     smallint NOT NULL DEFAULT 1 CHECK (capacity BETWEEN 1 AND 100),
    last_room_id uuid REFERENCES room
);

CREATE TABLE doctor_department (
    doctor_id     uuid NOT NULL REFERENCES doctor,
    department_id uuid NOT NULL REFERENCES department,
    PRIMARY KEY (doctor_id, department_id)
);

GRANT SELECT ON facility, department, room, doctor, doctor_department TO medique_api;
GRANT SELECT, INSERT, UPDATE ON facility, department, room, doctor, doctor_department TO medique_worker;
