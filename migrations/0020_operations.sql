-- What operators see and do: which processes run, in which version, and which partitions or workers
-- are to be left alone for a while.

-- Written by every process every few seconds; what is not written for longer than `seen_until` is
-- gone. Nothing decides by it: leases do.
CREATE TABLE process (
    id         uuid PRIMARY KEY, -- random, for as long as the process runs
    service    text NOT NULL CHECK (service IN ('medique-api', 'medique-worker')),
    name       text NOT NULL,    -- a worker's id; host and port of an api
    role       text NOT NULL,
    version    text NOT NULL,
    schema     bigint NOT NULL,  -- newest migration that the build knows
    started_at timestamptz NOT NULL,
    draining   boolean NOT NULL,
    seen_until timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON process TO medique_api, medique_worker;

-- A worker in here gives its partitions back and takes no new ones until the row is gone.
CREATE TABLE worker_drain (
    worker   text PRIMARY KEY,
    reason   text NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT now()
);
-- A partition in here is given back and nobody takes it until the row is gone.
CREATE TABLE partition_drain (
    partition smallint PRIMARY KEY REFERENCES partition,
    reason    text NOT NULL,
    asked_by  text NOT NULL,
    asked_at  timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, DELETE ON worker_drain, partition_drain TO medique_worker;
GRANT SELECT ON worker_drain, partition_drain TO medique_api;

-- The admin command line makes links to set a new password, and changes grants.
GRANT INSERT, UPDATE ON staff_token TO medique_worker;

-- Every process compares the migrations that it was built with against those that were run.
GRANT SELECT ON _sqlx_migrations TO medique_api, medique_worker;
