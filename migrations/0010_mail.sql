-- Mails to staff, from the transaction that causes them until they are sent.

CREATE TABLE mail_outbox (
    id              uuid PRIMARY KEY,
    kind            text NOT NULL,
    recipient       text,  -- none once sent
    content         jsonb, -- platform::mail::Mail; none once sent or parked: it holds a credential
    state           text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'parked')),
    -- The same for every try, so that a mail that was sent twice is recognised by who gets it.
    message_id      text,
    -- Tries begun, and how many of them ended without a known outcome: the server had the whole
    -- mail, and its answer did not reach us.
    attempts        int NOT NULL DEFAULT 0,
    unsure          int NOT NULL DEFAULT 0,
    -- The try in progress; whoever takes the mail over writes another one.
    claim           uuid,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    enqueued_at     timestamptz NOT NULL DEFAULT now(),
    settled_at      timestamptz, -- sent or parked
    reason          text,        -- of the last failure
    CHECK (state <> 'waiting' OR (recipient IS NOT NULL AND content IS NOT NULL)),
    CHECK (state = 'waiting' OR content IS NULL)
);
CREATE INDEX mail_outbox_waiting ON mail_outbox (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX mail_outbox_settled ON mail_outbox (settled_at) WHERE state <> 'waiting';

-- The api enqueues and cannot read what it enqueued: the rows hold credentials.
GRANT INSERT ON mail_outbox TO medique_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON mail_outbox TO medique_worker;
