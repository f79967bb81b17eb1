"""Revisions put there by taking a fix back have a source of their own. Earlier ones stay as they are: no revision is changed."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotate', '0005_frames'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='annotation',
            name='annotation_source_known',
        ),
        migrations.AddConstraint(
            model_name='annotation',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ('person', 'import', 'fix', 'consensus', 'migration', 'undo'))), name='annotation_source_known'),
        ),
    ]
