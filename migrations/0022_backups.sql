-- What was backed up and when, so that "the last good backup is too old" can be asked of the
-- database (the metric medique_backup_last_success_timestamp_seconds and its alert).
CREATE TABLE backup_run (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- base: the whole cluster; wal: its log, as far as it is archived; broker: streams of NATS.
    kind        text NOT NULL CHECK (kind IN ('base', 'wal', 'broker')),
    started_at  timestamptz NOT NULL,
    -- How recent the data are that this backup holds; none while it runs.
    finished_at timestamptz,
    bytes       bigint NOT NULL DEFAULT 0 CHECK (bytes >= 0),
    -- Whether it was read back and found whole.
    verified    boolean NOT NULL DEFAULT false,
    error       text,
    CHECK (finished_at IS NULL OR finished_at >= started_at)
);
CREATE INDEX backup_run_latest ON backup_run (kind, finished_at DESC);

GRANT SELECT ON backup_run TO medique_api;
-- The backup job signs in as a worker does; what was recorded is not changed, but grows old.
GRANT SELECT, INSERT, DELETE ON backup_run TO medique_worker;
