"""SQL that makes rows frozen: triggers that refuse update, delete and truncate.

An erasure may pass when its transaction names its activity row: `SET LOCAL sluice.erasure = '<id>'`.
"""

from __future__ import annotations

FUNCTION = """
CREATE OR REPLACE FUNCTION sluice_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('sluice.erasure', true), '') <> '' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION '% rows are only added to: % refused', TG_TABLE_NAME, lower(TG_OP) USING ERRCODE = 'restrict_violation';
END $$;
"""
DROP_FUNCTION = "DROP FUNCTION IF EXISTS sluice_refuse_change();"


def freeze(table: str, *, when: str = "") -> str:
    """Triggers that freeze `table`; `when` limits the row trigger, as in `OLD.state = 'frozen'`."""
    condition = f"WHEN ({when})" if when else ""
    return f"""
CREATE TRIGGER {table}_frozen BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW {condition} EXECUTE FUNCTION sluice_refuse_change();
CREATE TRIGGER {table}_kept BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION sluice_refuse_change();
"""


def thaw(table: str) -> str:
    return f"DROP TRIGGER IF EXISTS {table}_frozen ON {table}; DROP TRIGGER IF EXISTS {table}_kept ON {table};"
