-- Accounts: invitations, resets, second factors and what is remembered about failed sign-ins.
-- Written by the api (and by the admin command line); the scheduler of the workers tidies up.

-- Nobody has a password before the invitation is accepted.
ALTER TABLE staff ALTER COLUMN password_hash DROP NOT NULL;
ALTER TABLE staff
    ADD COLUMN email_verified_at   timestamptz, -- when the person proved to read mail to the address
    ADD COLUMN password_changed_at timestamptz,
    ADD COLUMN totp_secret         bytea,       -- sealed with the identity key; the one in force
    ADD COLUMN totp_pending        bytea,       -- sealed; enrolled, not confirmed yet
    ADD COLUMN totp_confirmed_at   timestamptz,
    -- The newest time step whose code was accepted: it, and every one before it, is used up.
    ADD COLUMN totp_last_step      bigint;

-- Those who were there before were made by an operator who knew them.
UPDATE staff SET email_verified_at = created_at, password_changed_at = created_at;

-- What is in a mail's link. Only a hash is kept: who reads this table can accept nothing.
CREATE TABLE staff_token (
    hash       bytea PRIMARY KEY, -- SHA-256 of 256 random bits
    kind       text NOT NULL CHECK (kind IN ('invitation', 'reset')),
    staff_id   uuid NOT NULL REFERENCES staff,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz -- used, or replaced by a newer one
);
CREATE INDEX staff_token_of ON staff_token (staff_id, kind, expires_at);
CREATE INDEX staff_token_over ON staff_token (expires_at);

-- Between the password and the second factor. Only a hash of the token is kept.
CREATE TABLE login_challenge (
    hash       bytea PRIMARY KEY,
    staff_id   uuid NOT NULL REFERENCES staff,
    -- The account has no second factor yet and its role needs one: it may enrol now.
    enrols     boolean NOT NULL,
    attempts   smallint NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX login_challenge_over ON login_challenge (expires_at);

CREATE TABLE recovery_code (
    staff_id uuid NOT NULL REFERENCES staff,
    hash     bytea NOT NULL, -- keyed with the identity key
    used_at  timestamptz,
    PRIMARY KEY (staff_id, hash)
);

-- Failed sign-ins. Keys are keyed hashes: of an account's name, whether or not there is such an
-- account, of a network address, or of both.
CREATE TABLE login_throttle (
    kind          text NOT NULL CHECK (kind IN ('account', 'address', 'pair')),
    key           bytea NOT NULL,
    failures      integer NOT NULL,
    last_at       timestamptz NOT NULL,
    blocked_until timestamptz NOT NULL,
    PRIMARY KEY (kind, key)
);
CREATE INDEX login_throttle_over ON login_throttle (last_at);

-- From where an account has signed in: what others do elsewhere does not keep it out there.
CREATE TABLE login_place (
    staff_id uuid NOT NULL REFERENCES staff,
    address  bytea NOT NULL, -- keyed hash
    last_at  timestamptz NOT NULL,
    PRIMARY KEY (staff_id, address)
);
CREATE INDEX login_place_over ON login_place (last_at);

-- Mails that somebody without a credential caused. A row is written whether or not anybody has the
-- address, so that nobody can tell from outside; it is looked up afterwards.
CREATE TABLE mail_request (
    id           uuid PRIMARY KEY,
    kind         text NOT NULL CHECK (kind IN ('reset', 'locked')),
    email        text NOT NULL,
    until        timestamptz, -- when the lock ends
    requested_at timestamptz NOT NULL
);
CREATE INDEX mail_request_order ON mail_request (requested_at);

GRANT SELECT, INSERT, UPDATE, DELETE
    ON staff_token, login_challenge, recovery_code, login_throttle, login_place, mail_request
    TO medique_api;
GRANT SELECT, DELETE ON staff_token, login_challenge, login_throttle, login_place TO medique_worker;
-- The scheduler gives each doctor the departments of the account.
GRANT DELETE ON doctor_department TO medique_worker;
