-- A fact that must be told once is looked for by its id. Commands' rows have no such index: their
-- place in the chain is unique, and every check-in would pay for it (docs/adr/0011).
CREATE UNIQUE INDEX audit_fact ON audit (event_id) WHERE partition >= 100;
