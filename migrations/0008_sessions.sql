-- Sessions of staff: what a sign-in opens, a refresh continues, and anything may end. Access tokens
-- name their session, so ending it (or changing what the account may do) ends them too.

-- Grows with every change of what an account may do. Access tokens carry the number they were made
-- for; the api's replicas look every few seconds for accounts with a higher one. A number instead
-- of an instant: no clock of any replica takes part in the comparison.
ALTER TABLE staff
    ADD COLUMN access_version    bigint NOT NULL DEFAULT 1,
    ADD COLUMN access_changed_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX staff_access_changed_at ON staff (access_changed_at);

-- A trigger, so that no way of changing an account can forget it.
CREATE FUNCTION staff_access_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.access_version := OLD.access_version + 1;
    NEW.access_changed_at := clock_timestamp();
    RETURN NEW;
END
$$;
CREATE TRIGGER staff_access_changed BEFORE UPDATE ON staff FOR EACH ROW
    WHEN ((OLD.role, OLD.all_departments, OLD.facility_id) IS DISTINCT FROM (NEW.role, NEW.all_departments, NEW.facility_id)
          OR (OLD.disabled_at IS NULL) <> (NEW.disabled_at IS NULL))
    EXECUTE FUNCTION staff_access_changed();

CREATE FUNCTION staff_grants_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE staff SET access_version = access_version + 1, access_changed_at = clock_timestamp()
    WHERE id = COALESCE(NEW.staff_id, OLD.staff_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER staff_grants_changed AFTER INSERT OR UPDATE OR DELETE ON staff_department FOR EACH ROW
    EXECUTE FUNCTION staff_grants_changed();

CREATE TABLE session (
    id          uuid PRIMARY KEY,
    staff_id    uuid NOT NULL REFERENCES staff,
    facility_id uuid NOT NULL REFERENCES facility,
    transport   text NOT NULL CHECK (transport IN ('body', 'cookie')),
    amr         text[] NOT NULL, -- how the person proved who they are (RFC 8176)
    address     text,            -- of the last use, for the owner of the account to recognise it
    user_agent  text,
    created_at  timestamptz NOT NULL,
    used_at     timestamptz NOT NULL,
    idle_until  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL CHECK (expires_at >= idle_until),
    ended_at    timestamptz,
    end_reason  text,
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX session_live ON session (staff_id) WHERE ended_at IS NULL;
CREATE INDEX session_idle ON session (idle_until) WHERE ended_at IS NULL;
CREATE INDEX session_ended ON session (ended_at) WHERE ended_at IS NOT NULL;

-- One row per refresh token that a session ever had: a used one that comes back is a theft.
CREATE TABLE refresh_token (
    hash       bytea PRIMARY KEY, -- SHA-256 of the token; the token itself is kept nowhere
    session_id uuid NOT NULL REFERENCES session ON DELETE CASCADE,
    issued_at  timestamptz NOT NULL,
    used_at    timestamptz,
    attempt    bytea,             -- SHA-256 of the Idempotency-Key of the request that used it
    successor  bytea,             -- hash of the token that took its place
    CHECK ((used_at IS NULL) = (successor IS NULL))
);
CREATE INDEX refresh_token_session ON refresh_token (session_id);

-- People who come with a token of an external issuer. The issuer decides who they are; the row lets
-- an administrator end what they have here, and tells one sign-in from the next for the audit.
CREATE TABLE external_identity (
    staff_id    uuid PRIMARY KEY, -- derived from issuer and subject, or an account's
    facility_id uuid NOT NULL REFERENCES facility,
    issuer      text NOT NULL,
    sign_in     bytea NOT NULL,   -- SHA-256 of what names the sign-in at the issuer
    seen_at     timestamptz NOT NULL,
    -- Tokens issued at or before this instant are refused.
    ended_at    timestamptz
);
CREATE INDEX external_identity_ended ON external_identity (ended_at) WHERE ended_at IS NOT NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON session, refresh_token, external_identity TO medique_api;
-- The admin command line ends sessions too.
GRANT SELECT, UPDATE ON session TO medique_worker;
