"""What runs said of an item is found by the index that keeps it said once: one index less to each row."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annotate", "0028_rows_without_a_person"),
        ("workflows", "0022_predictions_measured"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="consensusitem",
            name="consensus_item_once",
        ),
        migrations.AlterField(
            model_name="consensusitem",
            name="item",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="annotate.item"
            ),
        ),
        migrations.AddConstraint(
            model_name="consensusitem",
            constraint=models.UniqueConstraint(fields=("item", "run"), name="consensus_item_once"),
        ),
    ]
