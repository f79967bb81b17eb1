"""The documented shapes of the hot routes; a test holds their hand-written answers against these."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotate.queues.naming import PersonName


class TaskShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    queue = serializers.IntegerField()
    round = serializers.IntegerField()
    stage = serializers.ChoiceField(choices=["annotate", "review", "adjudicate"])
    state = serializers.CharField()


class LeaseShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    slot = serializers.IntegerField(help_text="0: worked on, 1: fetched ahead")
    expires_at = serializers.DateTimeField()


class ItemShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    key = serializers.CharField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    group = serializers.CharField(allow_null=True)
    frame = serializers.IntegerField(allow_null=True)
    text = serializers.CharField(allow_null=True)
    meta = serializers.DictField()


class MediaShape(serializers.Serializer[Any]):
    url = serializers.CharField()
    display = serializers.CharField()
    thumb = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()


class SchemaShape(serializers.Serializer[Any]):
    """The label schema's document, with the version that the lease pins beside its own fields."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    labels = serializers.ListField(child=serializers.DictField())
    item = serializers.ListField(child=serializers.DictField(), required=False)
    relations = serializers.ListField(child=serializers.DictField(), required=False)


class DraftShape(serializers.Serializer[Any]):
    revision = serializers.IntegerField()
    annotation = serializers.DictField()


class PredictionShape(serializers.Serializer[Any]):
    objects = serializers.ListField(child=serializers.DictField())
    item = serializers.DictField()
    model = serializers.CharField()
    score = serializers.FloatField(allow_null=True)


class AnnotationShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    revision = serializers.IntegerField()
    objects = serializers.ListField(child=serializers.DictField())
    item = serializers.DictField()


class DisputedShape(serializers.Serializer[Any]):
    state = serializers.CharField()
    text = serializers.CharField()
    answer = serializers.CharField(allow_blank=True)
    decided_by = serializers.CharField(allow_null=True)


class ReturnedShape(serializers.Serializer[Any]):
    review = serializers.IntegerField(help_text="the verdict, which its author may dispute")
    reason = serializers.CharField(allow_blank=True)
    reason_key = serializers.CharField(allow_blank=True, help_text="of the project's return_reasons")
    dispute = DisputedShape(allow_null=True, help_text="what was decided about it; null: it was not disputed")
    author = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()


class CommentShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    object = serializers.UUIDField(allow_null=True)
    at = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    text = serializers.CharField()
    author = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()


class SettledShape(CommentShape):
    settled_by = serializers.CharField(allow_null=True)


class AnswerShape(serializers.Serializer[Any]):
    label = serializers.CharField(help_text="A, B, …")
    annotation = AnnotationShape()


class QuestionShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    object = serializers.UUIDField(allow_null=True)
    at = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    text = serializers.CharField()
    answer = serializers.CharField(allow_blank=True)
    answered_by = serializers.CharField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)


class GuidelinesShape(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="the newest version")
    seen = serializers.IntegerField(help_text="the version that the caller acknowledged, 0 for none")


class BundleShape(serializers.Serializer[Any]):
    task = TaskShape()
    lease = LeaseShape()
    item = ItemShape()
    media = MediaShape(allow_null=True, help_text="null for a text, and for a reference that was not fetched")
    schema = SchemaShape()
    draft = DraftShape(allow_null=True)
    prediction = PredictionShape(allow_null=True)
    annotation = AnnotationShape(allow_null=True, help_text="the revision to judge, or one's own answer that came back")
    returned = ReturnedShape(allow_null=True)
    comments = CommentShape(many=True, help_text="open ones")
    settled = SettledShape(many=True, help_text="for a review: comments of the round before that were settled since")
    previous = AnnotationShape(allow_null=True, help_text="for a review: the revision judged last, else the one it began from")
    answers = AnswerShape(many=True, help_text="for an adjudication: the answers that differ, without names")
    questions = QuestionShape(many=True, help_text="one's own about this task, with their answers")
    guidelines = GuidelinesShape(allow_null=True)


class SubmitInput(serializers.Serializer[Any]):
    annotation = serializers.DictField()
    seconds = serializers.FloatField(required=False, allow_null=True)
    draft = serializers.IntegerField(
        required=False, min_value=0, help_text="the draft's revision that this has seen; 409 stale_draft when it moved on"
    )


class SubmittedShape(serializers.Serializer[Any]):
    annotation_id = serializers.IntegerField()
    revision = serializers.IntegerField()
    next = BundleShape(allow_null=True, required=False, help_text="only with ?next=1")


class RemarkInput(serializers.Serializer[Any]):
    text = serializers.CharField()
    object = serializers.UUIDField(required=False, allow_null=True, help_text="an object of the revision judged")
    at = serializers.ListField(
        child=serializers.FloatField(), required=False, allow_null=True, help_text="[x, y] in pixels"
    )


class VerdictInput(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(choices=["accept", "return", "fix"])
    reason = serializers.CharField(
        required=False, allow_blank=True, allow_null=True, max_length=500, help_text="to return, this or reason_key"
    )
    reason_key = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=40, help_text="one of the project's return_reasons")
    to = PersonName(required=False, allow_null=True, help_text="to return: who does it anew, by id or name; without, its author")
    annotation = serializers.DictField(required=False, allow_null=True, help_text="only to fix: as it should be")
    comments = RemarkInput(many=True, required=False, allow_null=True)
    seconds = serializers.FloatField(required=False, allow_null=True, help_text="active time, as for submit")


class JudgedShape(serializers.Serializer[Any]):
    review_id = serializers.IntegerField()
    verdict = serializers.ChoiceField(choices=["accept", "return", "fix"])
    annotation_id = serializers.IntegerField(help_text="the revision judged or, after a fix, the fixed one")
    revision = serializers.IntegerField()
    next = BundleShape(allow_null=True, required=False, help_text="only with ?next=1")


class UndoneShape(serializers.Serializer[Any]):
    review_id = serializers.IntegerField()
    item = serializers.IntegerField()
    state = serializers.CharField(help_text="of the item")
    bundle = BundleShape(allow_null=True, help_text="the item to judge again, for who gave the verdict; null when it waits in the queue")
