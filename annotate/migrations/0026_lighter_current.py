"""What an item shows is asked for by the item, never by the annotation. Without an index on that, and with room left on its page, a row that shows
another annotation with the same labels takes no index entry at all."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annotate", "0025_fewer_indexes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="currentannotation",
            name="annotation",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="annotate.annotation",
            ),
        ),
        migrations.RunSQL(
            "ALTER TABLE annotate_currentannotation SET (fillfactor = 85)",
            "ALTER TABLE annotate_currentannotation RESET (fillfactor)",
        ),
    ]
