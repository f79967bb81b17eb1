"""A reason for returning work is a sentence, not a keyword."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar[list[Any]] = [("annotate", "0002_rows_that_stay")]

    operations: ClassVar[list[Any]] = [
        migrations.AlterField(
            model_name="review",
            name="reason",
            field=models.CharField(blank=True, max_length=500),
        ),
    ]
