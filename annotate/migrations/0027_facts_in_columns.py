"""What checks read of a million pictures stands in columns of its own: to look into the document of each took longer than all else of a picture."""

from django.db import migrations, models
from django.db.models.fields.json import KeyTextTransform

from annotate.kernel.fields import Bits


class Migration(migrations.Migration):
    dependencies = [
        ("annotate", "0026_lighter_current"),
    ]

    operations = [
        migrations.AddField(
            model_name="blob",
            name="format",
            field=models.GeneratedField(
                expression=KeyTextTransform("format", "facts"),
                output_field=models.CharField(max_length=20, null=True),
                db_persist=True,
            ),
        ),
        migrations.AddField(
            model_name="blob",
            name="pixels",
            field=models.GeneratedField(
                expression=Bits(KeyTextTransform("pixels", "facts")),
                output_field=models.BigIntegerField(null=True),
                db_persist=True,
            ),
        ),
    ]
