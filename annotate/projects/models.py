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
