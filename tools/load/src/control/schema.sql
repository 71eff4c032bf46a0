-- The pipeline's own tables with their indexes and constraints, apart from foreign keys.
DROP SCHEMA IF EXISTS control CASCADE;
CREATE SCHEMA control;
CREATE TABLE control.inbox (LIKE public.inbox INCLUDING ALL);
CREATE TABLE control.token_counter (LIKE public.token_counter INCLUDING ALL);
CREATE TABLE control.visit (LIKE public.visit INCLUDING ALL);
CREATE TABLE control.stage (LIKE public.stage INCLUDING ALL);
CREATE TABLE control.audit (LIKE public.audit INCLUDING ALL);
CREATE TABLE control.outbox (LIKE public.outbox INCLUDING ALL);
CREATE SEQUENCE control.chain;
