-- Group roles are shared by all databases of a cluster, so two databases that migrate at the same
-- time may race for them: losing that race is success.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['medique_api', 'medique_worker'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END LOOP;
END
$$;

GRANT USAGE ON SCHEMA public TO medique_api, medique_worker;
