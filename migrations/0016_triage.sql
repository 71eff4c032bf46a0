-- The adviser: what it says, what people decide, and its switch. Nothing here costs a check-in
-- anything: the column stays empty until there is something to say (docs/adr/0011).

-- domain::advice::StoredTriage: findings_version, raised, needs_review, and the last advice, whose
-- texts are sealed with the key of the visit.
ALTER TABLE visit ADD COLUMN triage jsonb;

ALTER TABLE facility
    ADD COLUMN adviser_enabled boolean NOT NULL DEFAULT true,
    ADD COLUMN adviser_version bigint NOT NULL DEFAULT 1 CHECK (adviser_version >= 1),
    ADD COLUMN adviser_since   timestamptz, -- none until it is switched for the first time
    ADD COLUMN adviser_by      text,
    ADD COLUMN adviser_reason  text;        -- sealed with a key of the facility

-- One row per answer of the adviser, taken or refused: statistics, which stay when the person is
-- erased. What was said stands in the visit, sealed.
CREATE TABLE triage_advice (
    command_id     uuid PRIMARY KEY,
    visit_id       uuid NOT NULL,
    facility_id    uuid NOT NULL,
    department_id  uuid NOT NULL,
    at             timestamptz NOT NULL,
    based_on       bigint NOT NULL,
    version        bigint,   -- version of the visit that it made; none when it was refused
    refused        text,     -- contracts::RejectionCode
    provider       text NOT NULL,
    model          text NOT NULL,
    prompt_version bigint NOT NULL,
    input_hash     text,     -- SHA-256 of what was sent; emptied with the person
    latency_ms     bigint NOT NULL,
    attempts       integer NOT NULL,
    level          smallint CHECK (level BETWEEN 1 AND 5),
    confidence     float8 CHECK (confidence BETWEEN 0 AND 1),
    failure        text,     -- contracts::vocabulary::AdviceFailure
    policy         text,
    floor_level    smallint NOT NULL,
    level_before   smallint NOT NULL,
    level_after    smallint NOT NULL,
    -- The clinician's level that stood already, chosen without this advice.
    standing_level smallint,
    CHECK ((version IS NULL) = (refused IS NOT NULL)),
    CHECK ((level IS NULL) = (failure IS NOT NULL)),
    -- What the adviser says never lowers anybody's urgency.
    CHECK (level_after <= level_before)
);
CREATE INDEX triage_advice_visit ON triage_advice (visit_id, version);
CREATE INDEX triage_advice_facility ON triage_advice (facility_id, at);

-- One row per level that somebody set.
CREATE TABLE triage_decision (
    visit_id        uuid NOT NULL,
    version         bigint NOT NULL,
    facility_id     uuid NOT NULL,
    department_id   uuid NOT NULL,
    at              timestamptz NOT NULL,
    actor           text NOT NULL,
    by_desk         boolean NOT NULL, -- set by somebody who may raise urgency only
    level           smallint NOT NULL CHECK (level BETWEEN 1 AND 5),
    overrides_floor boolean NOT NULL,
    floor_level     smallint NOT NULL,
    level_before    smallint NOT NULL,
    level_after     smallint NOT NULL,
    -- Version that recorded the advice to which this is the first answer of a clinician, and what
    -- was suggested there.
    answers         bigint,
    suggested_level smallint,
    taken_back      boolean NOT NULL DEFAULT false,
    PRIMARY KEY (visit_id, version)
);
-- What clinicians made of suggestions, for the trip, which looks at the last ones.
CREATE INDEX triage_decision_answers ON triage_decision (facility_id, at)
    WHERE suggested_level IS NOT NULL AND NOT taken_back;

GRANT SELECT ON triage_advice, triage_decision TO medique_api, medique_worker;
GRANT INSERT ON triage_advice, triage_decision TO medique_worker;
GRANT UPDATE (input_hash) ON triage_advice TO medique_worker;
GRANT UPDATE (taken_back) ON triage_decision TO medique_worker;
