"""The activity table, and triggers that freeze what is only added to."""

from django.db import migrations

from annotate.kernel import triggers
from annotate.migrations import _sql

FROZEN = ("annotate_annotation", "annotate_schemaversion", "annotate_review")


class Migration(migrations.Migration):
    dependencies = [("annotate", "0001_initial")]

    operations = [
        migrations.RunSQL(triggers.FUNCTION, triggers.DROP_FUNCTION),
        migrations.RunSQL(_sql.ACTIVITY, _sql.NO_ACTIVITY),
        *(migrations.RunSQL(triggers.freeze(table), triggers.thaw(table)) for table in FROZEN),
        migrations.RunSQL(_sql.BUSY, migrations.RunSQL.noop),
    ]
