"""SQL that Django's schema language cannot say: the partitioned activity table and rows that are only added to."""

ACTIVITY = """
CREATE SEQUENCE annotate_activity_id_seq;
CREATE TABLE annotate_activity (
    id bigint NOT NULL DEFAULT nextval('annotate_activity_id_seq'),
    at timestamptz NOT NULL DEFAULT now(),
    transaction bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    organisation_id bigint NOT NULL,
    project_id bigint,
    person_id bigint,
    token_id bigint,
    verb varchar(60) NOT NULL,
    noun varchar(40) NOT NULL,
    noun_id bigint,
    before bytea,
    after bytea,
    data jsonb NOT NULL DEFAULT '{}',
    request_id varchar(64) NOT NULL DEFAULT '',
    address varchar(45) NOT NULL DEFAULT '',
    number bigint,
    hash bytea,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
ALTER SEQUENCE annotate_activity_id_seq OWNED BY annotate_activity.id;
CREATE TABLE annotate_activity_other PARTITION OF annotate_activity DEFAULT;
CREATE INDEX activity_organisation ON annotate_activity (organisation_id, id);
CREATE INDEX activity_project ON annotate_activity (project_id, id) WHERE project_id IS NOT NULL;
CREATE INDEX activity_thing ON annotate_activity (noun, noun_id, id);
CREATE INDEX activity_unsealed ON annotate_activity (organisation_id, transaction, id) WHERE hash IS NULL;
CREATE INDEX activity_chain ON annotate_activity (organisation_id, number) WHERE number IS NOT NULL;
CREATE INDEX activity_news ON annotate_activity (transaction, id);

CREATE FUNCTION sluice_make_partitions(months integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    first date := date_trunc('month', now() AT TIME ZONE 'UTC')::date;
    made integer := 0;
    starts date;
    named text;
BEGIN
    FOR ahead IN 0 .. months LOOP
        starts := (first + make_interval(months => ahead))::date;
        named := 'annotate_activity_' || to_char(starts, 'YYYYMM');
        IF to_regclass(named) IS NULL AND NOT EXISTS (
            SELECT 1 FROM annotate_activity_other
            WHERE at >= starts::timestamp AT TIME ZONE 'UTC'
              AND at < (starts + interval '1 month')::timestamp AT TIME ZONE 'UTC'
        ) THEN
            EXECUTE format(
                'CREATE TABLE %I PARTITION OF annotate_activity FOR VALUES FROM (%L) TO (%L)', named,
                starts::timestamp AT TIME ZONE 'UTC', (starts + interval '1 month')::timestamp AT TIME ZONE 'UTC');
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END $$;
SELECT sluice_make_partitions(3);

-- A row of activity changes once in its life: when the sealer gives it its place and hash.
CREATE FUNCTION sluice_seal_only() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before_seal annotate_activity;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.hash IS NULL AND OLD.number IS NULL AND NEW.hash IS NOT NULL AND NEW.number IS NOT NULL THEN
        before_seal := NEW;
        before_seal.hash := NULL;
        before_seal.number := NULL;
        IF before_seal IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'activity rows are only added to: % refused', lower(TG_OP) USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER annotate_activity_frozen BEFORE UPDATE OR DELETE ON annotate_activity
    FOR EACH ROW EXECUTE FUNCTION sluice_seal_only();
CREATE TRIGGER annotate_activity_kept BEFORE TRUNCATE ON annotate_activity
    FOR EACH STATEMENT EXECUTE FUNCTION sluice_refuse_change();
"""

NO_ACTIVITY = """
DROP TABLE IF EXISTS annotate_activity CASCADE;
DROP FUNCTION IF EXISTS sluice_seal_only();
DROP FUNCTION IF EXISTS sluice_make_partitions(integer);
"""

# Rows that come and go quickly: vacuum early, so that claims stay fast.
BUSY = "".join(
    f"ALTER TABLE {table} SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.02, "
    "autovacuum_vacuum_cost_delay = 0, fillfactor = 80);\n"
    for table in ("annotate_task", "annotate_lease", "annotate_draft", "annotate_job")
)
