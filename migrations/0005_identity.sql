-- Who may sign in: written by the api (and by the admin command line), never by a command.

CREATE TABLE staff (
    id              uuid PRIMARY KEY,
    facility_id     uuid NOT NULL REFERENCES facility,
    email           text NOT NULL,
    name            text NOT NULL,
    role            text NOT NULL CHECK (role IN ('ADMIN', 'RECEPTION', 'NURSE', 'DOCTOR', 'DISPLAY')),
    all_departments boolean NOT NULL DEFAULT false,
    password_hash   text NOT NULL, -- Argon2id, PHC string
    disabled_at     timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX staff_email ON staff (lower(email));

CREATE TABLE staff_department (
    staff_id      uuid NOT NULL REFERENCES staff,
    department_id uuid NOT NULL REFERENCES department,
    PRIMARY KEY (staff_id, department_id)
);

GRANT SELECT, INSERT, UPDATE ON staff TO medique_api, medique_worker;
GRANT SELECT, INSERT, DELETE ON staff_department TO medique_api, medique_worker;
