-- How each worker that asks the adviser finds it: for operators, and for GET /admin/triage/quality.
-- Written when it changes and every few seconds while something happens; nothing about a patient.
CREATE TABLE adviser_state (
    worker_id text PRIMARY KEY,
    provider  text NOT NULL,
    model     text NOT NULL,
    breaker   text NOT NULL CHECK (breaker IN ('closed', 'open', 'half_open')),
    since     timestamptz NOT NULL, -- of the breaker's state
    calls     bigint NOT NULL,      -- since the worker started
    failures  bigint NOT NULL,
    -- A worker that has said nothing for a minute is gone, or asks no more.
    seen_at   timestamptz NOT NULL DEFAULT now()
);

GRANT SELECT ON adviser_state TO medique_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON adviser_state TO medique_worker;
