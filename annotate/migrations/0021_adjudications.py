"""What an adjudication took from whom; and that its adjudicator is a third, whatever a service was asked."""

import django.db.models.deletion
from django.db import migrations, models

from annotate.kernel import triggers

# Callers hold the item's lock, so that nobody writes about it between this look and the verdict.
A_THIRD = """
CREATE FUNCTION sluice_adjudicator_is_a_third() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id WHERE t.id = NEW.task_id AND q.stage = 'adjudicate')
       AND (EXISTS (SELECT 1 FROM annotate_annotation a
                    WHERE a.item_id = NEW.item_id AND a.person_id = NEW.person_id AND a.source <> 'undo' AND a.id IS DISTINCT FROM NEW.fixed_id
                      AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.annotation_id = a.id))
            OR EXISTS (SELECT 1 FROM annotate_review v
                       WHERE v.item_id = NEW.item_id AND v.person_id = NEW.person_id
                         AND NOT EXISTS (SELECT 1 FROM annotate_task w JOIN annotate_queue k ON k.id = w.queue_id
                                         WHERE w.id = v.task_id AND k.stage = 'adjudicate')
                         AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = v.id))) THEN
        RAISE EXCEPTION 'who answered or reviewed an item does not adjudicate it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'review_adjudicator_is_a_third', TABLE = 'annotate_review';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER annotate_review_a_third BEFORE INSERT ON annotate_review
    FOR EACH ROW EXECUTE FUNCTION sluice_adjudicator_is_a_third();
"""
ANYBODY = """
DROP TRIGGER IF EXISTS annotate_review_a_third ON annotate_review;
DROP FUNCTION IF EXISTS sluice_adjudicator_is_a_third();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('annotate', '0020_judging'),
    ]

    operations = [
        migrations.CreateModel(
            name='Adjudication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answers', models.JSONField(default=list)),
                ('origins', models.JSONField(default=dict)),
                ('aside', models.JSONField(default=list)),
                ('review', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='adjudication', to='annotate.review')),
            ],
        ),
        migrations.RunSQL(A_THIRD, ANYBODY),
        migrations.RunSQL(triggers.freeze("annotate_adjudication"), triggers.thaw("annotate_adjudication")),
    ]
