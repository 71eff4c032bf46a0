-- What every check-in pays for, without giving up what it guards (docs/adr/0011).

-- A foreign key runs one query and takes one row lock per row: all lanes of all workers met on the
-- row of their facility. Nobody may delete a parent row (no role of ours has the right), so it is
-- enough to look once per statement that the parents are there.
ALTER TABLE visit
    DROP CONSTRAINT visit_facility_id_fkey,
    DROP CONSTRAINT visit_token_department_id_fkey;
ALTER TABLE stage
    DROP CONSTRAINT stage_visit_id_fkey,
    DROP CONSTRAINT stage_department_id_fkey;
ALTER TABLE token_counter
    DROP CONSTRAINT token_counter_department_id_fkey;

CREATE FUNCTION visit_has_parents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM written AS w LEFT JOIN facility AS f ON f.id = w.facility_id
                WHERE f.id IS NULL)
    OR EXISTS (SELECT FROM written AS w LEFT JOIN department AS d ON d.id = w.token_department_id
                WHERE w.token_department_id IS NOT NULL AND d.id IS NULL) THEN
        RAISE foreign_key_violation
            USING MESSAGE = 'visit of an unknown facility or department', TABLE = 'visit',
                  CONSTRAINT = 'visit_has_parents';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION stage_has_parents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM written AS w LEFT JOIN visit AS v ON v.id = w.visit_id
                WHERE v.id IS NULL)
    OR EXISTS (SELECT FROM written AS w LEFT JOIN department AS d ON d.id = w.department_id
                WHERE d.id IS NULL) THEN
        RAISE foreign_key_violation
            USING MESSAGE = 'stage of an unknown visit or department', TABLE = 'stage',
                  CONSTRAINT = 'stage_has_parents';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION token_counter_has_parents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM written AS w LEFT JOIN department AS d ON d.id = w.department_id
                WHERE d.id IS NULL) THEN
        RAISE foreign_key_violation
            USING MESSAGE = 'tokens of an unknown department', TABLE = 'token_counter',
                  CONSTRAINT = 'token_counter_has_parents';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER visit_inserted AFTER INSERT ON visit REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION visit_has_parents();
CREATE TRIGGER visit_updated AFTER UPDATE ON visit REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION visit_has_parents();
-- A stage never changes its visit or its department: workers may not update these columns.
CREATE TRIGGER stage_inserted AFTER INSERT ON stage REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION stage_has_parents();
CREATE TRIGGER token_counter_inserted AFTER INSERT ON token_counter REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION token_counter_has_parents();

REVOKE UPDATE ON stage, token_counter FROM medique_worker;
GRANT UPDATE (state, level, assigned_doctor_id, doctor_id, doctor_slot, room_id, room_slot, front,
              queued_since, called_at, last_called_at, started_at, ended_at, recall_count, hold,
              inaccurate, clock_clamped) ON stage TO medique_worker;
GRANT UPDATE (last_number) ON token_counter TO medique_worker;

-- Invariant 1, checked at once and not a second time at commit. One statement may end a stage and
-- begin another, so workers write the ended ones first.
ALTER TABLE stage DROP CONSTRAINT stage_live;
CREATE UNIQUE INDEX stage_live ON stage (visit_id) WHERE ended_at IS NULL;

-- Indexes that cost every check-in and serve rare reads which others serve as well: closing a day
-- finds live visits through their stages, the outbox is as small as what is being published, and an
-- event's place in its chain is unique already.
DROP INDEX visit_live;
DROP INDEX outbox_partition;
DROP INDEX outbox_visit;
ALTER TABLE audit DROP CONSTRAINT audit_event_id_key;
