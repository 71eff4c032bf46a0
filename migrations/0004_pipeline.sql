-- The pipeline's own state: where each partition stands, what became of each command, what is yet
-- to be published, and what nobody can change afterwards.

-- Who is alive; the number of live workers decides each one's fair share of partitions.
CREATE TABLE worker (
    id           text PRIMARY KEY,
    started_at   timestamptz NOT NULL DEFAULT now(),
    alive_until  timestamptz NOT NULL
);

CREATE TABLE partition (
    id          smallint PRIMARY KEY,
    -- COMMANDS sequence of the last message whose effect is committed.
    last_seq    bigint NOT NULL DEFAULT 0,
    -- Messages processed since the stream began; the sum over partitions against the stream's last
    -- sequence is the backlog.
    processed   bigint NOT NULL DEFAULT 0,
    -- Grows with each change of owner; every write is fenced by it.
    epoch       bigint NOT NULL DEFAULT 0,
    owner       text,
    lease_until timestamptz NOT NULL DEFAULT '-infinity',
    -- Head of the partition's audit chain.
    chain_seq   bigint NOT NULL DEFAULT 0,
    chain_head  bytea NOT NULL DEFAULT '\x'
);
ALTER TABLE partition SET (fillfactor = 50);
INSERT INTO partition (id) SELECT generate_series(0, 15);

-- One row per command that was decided, kept for 30 days.
CREATE TABLE inbox (
    command_id  uuid PRIMARY KEY,
    kind        text NOT NULL,
    actor       text NOT NULL,
    fingerprint text NOT NULL,
    partition   smallint NOT NULL,
    seq         bigint NOT NULL, -- COMMANDS sequence
    outcome     jsonb NOT NULL,  -- contracts::Outcome
    visit_id    uuid,
    trace_id    text,
    accepted_at timestamptz NOT NULL, -- the broker's store time
    decided_at  timestamptz NOT NULL
);
CREATE INDEX inbox_decided_at ON inbox USING brin (decided_at);

-- Events yet to be published. Deleted after the PubAck; never read by a cursor over ids.
CREATE TABLE outbox (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id   uuid NOT NULL,
    partition  smallint NOT NULL,
    visit_id   uuid,
    version    bigint,
    subject    text NOT NULL,
    payload    text NOT NULL -- the whole envelope
);
CREATE INDEX outbox_partition ON outbox (partition, id);
CREATE INDEX outbox_visit ON outbox (visit_id, version) WHERE visit_id IS NOT NULL;

-- Append-only and chained: hash = SHA-256(prev_hash || canonical row), see workers/audit.
CREATE TABLE audit (
    partition     smallint NOT NULL,
    chain_seq     bigint NOT NULL,
    event_id      uuid NOT NULL UNIQUE,
    prev_hash     bytea NOT NULL,
    hash          bytea NOT NULL,
    facility_id   uuid NOT NULL,
    department_id uuid,
    visit_id      uuid,
    version       bigint,
    event_type    text NOT NULL,
    actor         text NOT NULL,
    command_id    uuid NOT NULL,
    occurred_at   timestamptz NOT NULL,
    trace_id      text,
    facts         text NOT NULL, -- JSON exactly as hashed
    detail        text,          -- JSON exactly as hashed; may hold personal data
    PRIMARY KEY (partition, chain_seq)
);
-- Invariant 7: one audit row per version step.
CREATE UNIQUE INDEX audit_visit ON audit (visit_id, version) WHERE visit_id IS NOT NULL;
CREATE INDEX audit_facility ON audit (facility_id, occurred_at);

-- A signed statement of all chain heads, once a day.
CREATE TABLE audit_root (
    day       date PRIMARY KEY, -- UTC
    heads     text NOT NULL,    -- JSON exactly as signed
    signature text NOT NULL,    -- Ed25519, base64
    signed_at timestamptz NOT NULL
);

-- Messages that could not be processed, whole, for an admin to decide on.
CREATE TABLE dead_letter (
    id          uuid PRIMARY KEY,
    command_id  uuid,            -- none when the message did not say
    facility_id uuid,
    partition   smallint NOT NULL,
    seq         bigint NOT NULL,
    subject     text NOT NULL,
    headers     jsonb NOT NULL,
    payload     bytea NOT NULL,
    reason      text NOT NULL,
    parked_at   timestamptz NOT NULL,
    state       text NOT NULL DEFAULT 'parked' CHECK (state IN ('parked', 'redriven', 'dropped')),
    resolved_at timestamptz,
    resolved_by text,
    resolution  text,
    UNIQUE (partition, seq)
);

GRANT SELECT ON worker, partition, inbox, outbox, audit, audit_root, dead_letter TO medique_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON worker, inbox, outbox TO medique_worker;
GRANT SELECT, UPDATE ON partition TO medique_worker;
GRANT SELECT, INSERT, UPDATE ON dead_letter TO medique_worker;
GRANT SELECT, INSERT ON audit, audit_root TO medique_worker;

ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
