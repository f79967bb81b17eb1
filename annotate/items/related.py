"""Rows of rooms above this one that point at items, by the model's name: no import goes up."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import QuerySet


def rows(model: str) -> QuerySet[Any]:
    """All rows of a model of `annotate`, such as "Lease"."""
    return apps.get_model("annotate", model)._default_manager.all()
