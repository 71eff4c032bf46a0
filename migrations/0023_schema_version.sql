-- Every process asks at its start whether the schema is as new as it needs (platform/src/schema.rs).
GRANT SELECT ON _sqlx_migrations TO medique_api, medique_worker;
