-- What the last check of the audit trail found, for the screens: one row, by whoever checked last.
-- It is no proof: the owner of the database can write it too. `admin audit verify` with roots that
-- are kept elsewhere is (docs/operations/audit.md).
CREATE TABLE audit_verification (
    one_row            boolean PRIMARY KEY DEFAULT true CHECK (one_row),
    checked_at         timestamptz NOT NULL,
    row_count          bigint NOT NULL CHECK (row_count >= 0),
    roots              integer NOT NULL CHECK (roots >= 0),
    signatures_checked boolean NOT NULL,
    -- Position up to which each chain was read: {"0": 17, ...}.
    ends               jsonb NOT NULL,
    -- How many things are wrong, and the first of them: what was done, chain, position, in words.
    finding_count      bigint NOT NULL CHECK (finding_count >= 0),
    findings           jsonb NOT NULL
);

GRANT SELECT ON audit_verification TO medique_api;
GRANT SELECT, INSERT, UPDATE ON audit_verification TO medique_worker;
