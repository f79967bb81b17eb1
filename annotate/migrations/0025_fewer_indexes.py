"""Indexes that hold what is looked for, and nothing else: every row that comes in or is answered fills fewer of them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annotate", "0024_label_counts_by_item"),
    ]

    operations = [
        migrations.AlterField(
            model_name="annotation",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="annotate.annotation",
            ),
        ),
        migrations.AlterField(
            model_name="annotation",
            name="task",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="answers",
                to="annotate.task",
            ),
        ),
        migrations.AlterField(
            model_name="item",
            name="blob",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="items",
                to="annotate.blob",
            ),
        ),
        migrations.AlterField(
            model_name="item",
            name="created_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="lease",
            name="annotation",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="annotate.annotation",
            ),
        ),
        migrations.AlterField(
            model_name="lease",
            name="schema_version",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="annotate.schemaversion",
            ),
        ),
        migrations.AddIndex(
            model_name="annotation",
            index=models.Index(
                condition=models.Q(("parent__isnull", False)), fields=["parent"], name="annotation_parent"
            ),
        ),
        migrations.AddIndex(
            model_name="annotation",
            index=models.Index(condition=models.Q(("task__isnull", False)), fields=["task"], name="annotation_task"),
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(condition=models.Q(("blob__isnull", False)), fields=["blob"], name="item_blob"),
        ),
        migrations.AddIndex(
            model_name="lease",
            index=models.Index(
                condition=models.Q(("annotation__isnull", False)), fields=["annotation"], name="lease_annotation"
            ),
        ),
    ]
