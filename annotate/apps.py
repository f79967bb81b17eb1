"""Gathers the rooms for Django: each room that declares something for others does so when its module is imported here."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig

# Modules whose import registers something: search fields, job handlers, what the clock runs, hooks.
DECLARES = (
    "people.request_keys",
    "people.sign_in",
    "jobs.services",
    "jobs.sweeping",
    "projects.teams",
    "items.fields",
    "annotations.fields",
    "annotations.change_jobs",
    "queues.fields",
    "queues.relabelling",
    "reviews.fields",
    "activity.sealing",
    "items.collecting",
    "items.jobs",
    "queues.jobs",
    "queues.leavers",
    "queues.belongings",
    "queues.pausing",
    "gold.erasing",
    "qualifications.standing",
    "qualifications.running",
    "qualifications.requirements",
)


class AnnotateConfig(AppConfig):
    name = "annotate"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from annotate.activity.services import record
        from annotate.kernel import converters  # noqa: F401  registers the path converter
        from annotate.people.services import recorders

        recorders.add("activity", record)
        for module in DECLARES:
            if find_spec(f"annotate.{module}"):
                import_module(f"annotate.{module}")
