"""Gathers the rooms for Django: modules whose import registers job handlers, hooks and what the clock runs."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig

DECLARES = ("collection.jobs", "assignment.jobs", "quality.asked", "quality.jobs", "quality.stopping", "quality.erasing", "quality.fields", "quality.origin", "cleaning.fields", "cleaning.alike", "cleaning.flagging", "cleaning.erasing", "cleaning.looking", "cleaning.jobs", "rounds.fields", "rounds.origin", "rounds.holding", "rounds.jobs", "gating.releasing", "wall.fields", "wall.jobs", "releases.jobs", "releases.erasure", "releases.holding", "releases.naming", "exporters.jobs", "evaluations.jobs", "evaluations.erasing", "evaluations.telling", "automation.fields", "automation.news", "automation.jobs", "webhooks.following", "webhooks.jobs", "webhooks.pruning", "rounds.sampled")


class WorkflowsConfig(AppConfig):
    name = "workflows"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        for module in DECLARES:
            if find_spec(f"workflows.{module}"):
                import_module(f"workflows.{module}")
