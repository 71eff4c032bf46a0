-- Check-in links that were issued. The link itself is signed and stands on its own; this is the list
-- that admins see, and where a link is revoked.

CREATE TABLE check_in_link (
    id            uuid PRIMARY KEY,
    facility_id   uuid NOT NULL REFERENCES facility,
    department_id uuid NOT NULL REFERENCES department,
    doctor_id     uuid REFERENCES doctor,
    kind          text NOT NULL CHECK (kind IN ('single_use', 'poster', 'kiosk')),
    created_at    timestamptz NOT NULL,
    created_by    text NOT NULL, -- key of an actor
    expires_at    timestamptz NOT NULL,
    revoked_at    timestamptz,
    revoked_by    text,
    CHECK (expires_at > created_at),
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE INDEX check_in_link_list ON check_in_link (facility_id, id DESC);
-- What every replica of the api reads again and again.
CREATE INDEX check_in_link_revoked ON check_in_link (expires_at) WHERE revoked_at IS NOT NULL;

-- A link is never changed but by being revoked.
GRANT SELECT, INSERT ON check_in_link TO medique_api, medique_worker;
GRANT UPDATE (revoked_at, revoked_by) ON check_in_link TO medique_api, medique_worker;
