"""Roles and scopes, the words that policies speak in."""

from __future__ import annotations

ORGANISATION_ROLES = ("owner", "admin", "member")
PROJECT_ROLES = ("viewer", "collector", "annotator", "reviewer", "manager")
SCOPES = ("read", "label", "review", "manage", "export")
