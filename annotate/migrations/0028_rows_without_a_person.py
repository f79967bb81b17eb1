"""Revisions and approvals that nobody wrote, as imports and consensus bring them by the thousand, take no entry in an index of people or of reviews."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annotate", "0027_facts_in_columns"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="annotation",
            name="annotation_person",
        ),
        migrations.AlterField(
            model_name="approval",
            name="person",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="approval",
            name="review",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="annotate.review",
            ),
        ),
        migrations.AddIndex(
            model_name="annotation",
            index=models.Index(
                condition=models.Q(("person__isnull", False)), fields=["person", "-id"], name="annotation_person"
            ),
        ),
        migrations.AddIndex(
            model_name="approval",
            index=models.Index(
                condition=models.Q(("review__isnull", False)), fields=["review"], name="approval_review"
            ),
        ),
        migrations.AddIndex(
            model_name="approval",
            index=models.Index(
                condition=models.Q(("person__isnull", False)), fields=["person"], name="approval_person"
            ),
        ),
    ]
