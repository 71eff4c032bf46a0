-- What is known of a person is sealed by a data key of the visit (platform/src/privacy). Columns stay
-- as they are: jsonb columns hold sealed text as a JSON string, or inside the object where other
-- members are needed (hold.reason, undo.stage.hold.reason); text columns hold it as it is.

CREATE TABLE visit_key (
    visit_id      uuid PRIMARY KEY,
    wrapped_key   bytea,       -- AES-256-GCM under the master key; none once the person is erased
    master_key_id text NOT NULL,
    destroyed_at  timestamptz,
    CHECK ((wrapped_key IS NULL) = (destroyed_at IS NOT NULL))
);
GRANT SELECT ON visit_key TO medique_api;
GRANT SELECT, INSERT ON visit_key TO medique_worker;
GRANT UPDATE (wrapped_key, master_key_id, destroyed_at) ON visit_key TO medique_worker;

-- Workers empty what they parked about a person who is erased.
ALTER TABLE dead_letter ADD COLUMN visit_id uuid;

-- For retention, which looks at old visits. Costs a check-in next to nothing.
CREATE INDEX visit_arrived ON visit USING brin (arrived_at) WITH (autosummarize = on);
