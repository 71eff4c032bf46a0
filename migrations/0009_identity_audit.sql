-- Facts that no command caused (sign-ins, grants, links, exports, reads) stand in the same trail,
-- in chains of their own: a partition's chain moves behind its owner's fence only.

CREATE TABLE audit_chain (
    id         smallint PRIMARY KEY CHECK (id >= 100), -- below: partitions, in table partition
    chain_seq  bigint NOT NULL DEFAULT 0,
    chain_head bytea NOT NULL DEFAULT '\x'
);
ALTER TABLE audit_chain SET (fillfactor = 50);
INSERT INTO audit_chain (id) SELECT generate_series(100, 107);

-- The api appends facts and can touch nothing else of the trail.
ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
CREATE POLICY audit_read ON audit FOR SELECT TO medique_api, medique_worker USING (true);
CREATE POLICY audit_worker_append ON audit FOR INSERT TO medique_worker WITH CHECK (true);
CREATE POLICY audit_api_append ON audit FOR INSERT TO medique_api WITH CHECK (partition >= 100);
GRANT INSERT ON audit TO medique_api;
GRANT SELECT, UPDATE (chain_seq, chain_head) ON audit_chain TO medique_api, medique_worker;

-- A head moves on by one row and never back, whoever asks.
CREATE FUNCTION audit_chain_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.chain_seq <> OLD.chain_seq + 1 THEN
        RAISE EXCEPTION 'an audit chain moves on by one row at a time';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER audit_chain_moves_on BEFORE UPDATE ON audit_chain
    FOR EACH ROW EXECUTE FUNCTION audit_chain_moves_on();
