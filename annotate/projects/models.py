"""Project, its people, and the versions of its label schema."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from annotate.kernel.fields import DigestField, KeyField
from annotate.people.states import PROJECT_ROLES

MEDIA = ("image", "text")


class Project(models.Model):
    organisation = models.ForeignKey("annotate.Organisation", models.CASCADE, related_name="projects")
    name = KeyField()
    media = models.CharField(max_length=10)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    skip_reasons = models.JSONField(default=list, blank=True, help_text="names to choose from; none: the usual ones")
    return_reasons = models.JSONField(default=list, blank=True, help_text='{"key", "words"} to choose from; none: the usual ones')

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["organisation", "name"], name="project_name_once"),
            models.CheckConstraint(condition=models.Q(media__in=MEDIA), name="project_media_known"),
        ]

    def __str__(self) -> str:
        return self.name


class ProjectMember(models.Model):
    project = models.ForeignKey(Project, models.CASCADE, related_name="members")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="project_memberships")
    role = models.CharField(max_length=10)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["project", "person"], name="project_member_once"),
            models.CheckConstraint(condition=models.Q(role__in=PROJECT_ROLES), name="project_member_role_known"),
        ]


class SchemaVersion(models.Model):
    """One version of a project's label schema; frozen by a trigger: a change is a new version."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="schema_versions")
    number = models.IntegerField()
    document = models.TextField(help_text="canonical JSON")
    digest = DigestField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["project", "number"], name="schema_version_once"),
        ]

    @cached_property
    def content(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.document)
        return parsed


class Guideline(models.Model):
    """One version of a project's guidelines. `examples`: a list of {"label", "good", "text", "picture"}; see `guidelines.py`."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="guidelines")
    number = models.IntegerField()
    text = models.TextField(blank=True, help_text="Markdown")
    examples = models.JSONField(default=list)
    message = models.CharField(max_length=500, blank=True, help_text="what changed, for those who read it")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["project", "number"], name="guideline_once"),
        ]


class GuidelinePicture(models.Model):
    """What an example shows: an uploaded picture, or a part of an item (which goes when the item is erased)."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    blob = models.ForeignKey("annotate.Blob", models.SET_NULL, null=True, blank=True, related_name="+")
    item = models.ForeignKey("annotate.Item", models.SET_NULL, null=True, blank=True, related_name="+")
    shape = models.JSONField(null=True, blank=True, help_text="the object shown, as it was")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=models.functions.Now())


class GuidelineSeen(models.Model):
    """Up to which version a person has said that they read the guidelines."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    number = models.IntegerField()
    seen_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["project", "person"], name="guideline_seen_once"),
        ]
