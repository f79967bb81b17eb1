"""Why a consensus is what it is: read whole, never looked into."""

from django.db import migrations

import annotate.kernel.fields


class Migration(migrations.Migration):
    dependencies = [
        ("workflows", "0021_webhooks"),
    ]

    operations = [
        migrations.AlterField(
            model_name="consensus",
            name="explanation",
            field=annotate.kernel.fields.JSONTextField(default=dict),
        ),
        migrations.AlterField(
            model_name="consensusitem",
            name="explanation",
            field=annotate.kernel.fields.JSONTextField(blank=True, null=True),
        ),
    ]
