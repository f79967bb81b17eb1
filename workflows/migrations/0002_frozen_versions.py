"""A frozen version, its shards and their order are only added to; a frozen version may still be withdrawn."""

from django.db import migrations

from annotate.kernel import triggers

FROZEN = {
    "workflows_version": "OLD.state IN ('frozen', 'withdrawn')",
    "workflows_versionshard": "",
    "workflows_shard": "",
    "workflows_tag": "",
}
WITHDRAW = """
CREATE FUNCTION sluice_version_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    same workflows_version;
BEGIN
    IF coalesce(current_setting('sluice.erasure', true), '') <> '' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.state = 'frozen' AND NEW.state = 'withdrawn' THEN
        same := NEW;
        same.state := OLD.state;
        IF same IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'a frozen version never changes: % refused', lower(TG_OP) USING ERRCODE = 'restrict_violation';
END $$;
DROP TRIGGER workflows_version_frozen ON workflows_version;
CREATE TRIGGER workflows_version_frozen BEFORE UPDATE OR DELETE ON workflows_version
    FOR EACH ROW WHEN (OLD.state IN ('frozen', 'withdrawn')) EXECUTE FUNCTION sluice_version_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("workflows", "0001_initial"), ("annotate", "0002_rows_that_stay")]

    operations = [
        *(migrations.RunSQL(triggers.freeze(table, when=when), triggers.thaw(table)) for table, when in FROZEN.items()),
        migrations.RunSQL(WITHDRAW, "DROP FUNCTION IF EXISTS sluice_version_frozen() CASCADE"),
    ]
