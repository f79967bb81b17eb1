"""Who is who: organisations, people, what they may do there, and the tokens that speak for them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models

from annotate.kernel.fields import DigestField, KeyField
from annotate.people.states import ORGANISATION_ROLES


class Organisation(models.Model):
    name = KeyField(unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class People(BaseUserManager["Person"]):
    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(name=username)


class Person(AbstractBaseUser):
    """An account. `name` is what one signs in with, unique on the server; rights come from memberships."""

    name = KeyField(unique=True, max_length=150)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=10, blank=True)
    preferences = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)
    is_server_owner = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[People] = People()
    USERNAME_FIELD = "name"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's role in an organisation; roles in a project are `projects.ProjectMember`."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["organisation", "person"], name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=ORGANISATION_ROLES), name="membership_role_known"),
        ]


class Team(models.Model):
    """People who work together: a vendor's, a shift, a class. Of the whole organisation, or of one project; `kind` is in
    the words of whoever made it. The lead sees the team and its work, and need not be one of its members."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="teams")
    project = models.ForeignKey("annotate.Project", models.CASCADE, null=True, blank=True, related_name="teams")
    name = KeyField()
    kind = models.CharField(max_length=100, blank=True)
    lead = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["organisation", "project", "name"], nulls_distinct=False, name="team_name_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    team = models.ForeignKey(Team, models.CASCADE, related_name="places")
    person = models.ForeignKey(Person, models.CASCADE, related_name="team_places")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["team", "person"], name="team_member_once"),
        ]


class Token(models.Model):
    """A bearer token: only its digest is kept. Bound to an organisation, optionally to one project or dataset."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="tokens")
    person = models.ForeignKey(Person, models.CASCADE, related_name="tokens")
    project = models.ForeignKey("annotate.Project", models.CASCADE, null=True, blank=True, related_name="+")
    dataset_id = models.BigIntegerField(null=True, blank=True)
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12)
    digest = DigestField(unique=True)
    scopes = ArrayField(models.CharField(max_length=10))
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)


class Invite(models.Model):
    """A one-time link: to set a password (`person` given), or to make the first organisation (none yet)."""

    person = models.ForeignKey(Person, models.CASCADE, null=True, blank=True, related_name="invites")
    digest = DigestField(unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)


class RequestKey(models.Model):
    """The first answer to a request that carried an Idempotency-Key: kept for a day, replayed to repeats."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    route = models.CharField(max_length=300)
    key = KeyField(max_length=255)
    body_digest = DigestField()
    status = models.SmallIntegerField()
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["person", "route", "key"], name="request_key_once"),
        ]


class SignInFailure(models.Model):
    """A failed sign-in, counted to slow down guessing; pruned after a day."""

    name = models.CharField(max_length=150)
    address = models.CharField(max_length=45)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["name", "at"], name="sign_in_failure_name"),
            models.Index(fields=["address", "at"], name="sign_in_failure_address"),
        ]
