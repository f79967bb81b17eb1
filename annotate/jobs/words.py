"""Background work in words: what it is, how fast it goes, how long it will take, what came of it; rooms may add to `KINDS` and `RESULTS`."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from annotate.jobs.models import Job

KINDS: dict[str, Any] = {
    "collection.files": gettext_lazy("Import of files"),
    "collection.manifest": gettext_lazy("Import of a manifest"),
    "collection.labels": gettext_lazy("Import of labels"),
    "media.renditions": gettext_lazy("Small pictures"),
    "media.purge": gettext_lazy("Removing erased files"),
}

# What a job leads to, by the name of its link.
MADE: dict[str, Any] = {
    "batch": gettext_lazy("Batch"),
    "version": gettext_lazy("Version"),
    "export": gettext_lazy("Export"),
    "evaluation": gettext_lazy("Evaluation"),
}

# Counts of a result, in the order in which they are told; "n" picks the plural, "shown" is how the page writes it.
RESULTS: dict[str, Any] = {
    "accepted": gettext_lazy("%(shown)s accepted"),
    "rejected": gettext_lazy("%(shown)s rejected"),
    "duplicate": ngettext_lazy("%(shown)s duplicate", "%(shown)s duplicates", "n"),
    "objects": ngettext_lazy("%(shown)s object", "%(shown)s objects", "n"),
    "rejected_objects": ngettext_lazy("%(shown)s rejected object", "%(shown)s rejected objects", "n"),
    "annotations": ngettext_lazy("%(shown)s annotation", "%(shown)s annotations", "n"),
    "items": ngettext_lazy("%(shown)s item", "%(shown)s items", "n"),
    "files": ngettext_lazy("%(shown)s file", "%(shown)s files", "n"),
    "made": gettext_lazy("%(shown)s made"),
    "filled": ngettext_lazy("%(shown)s task added", "%(shown)s tasks added", "n"),
}


def kind_words(kind: str) -> str:
    """The kind as people say it."""
    return str(KINDS[kind]) if kind in KINDS else kind.replace(".", " ").replace("_", " ").capitalize()


def span_words(seconds: float) -> str:
    """A length of time, roughly."""
    if seconds < 90:
        return ngettext("%(n)d s", "%(n)d s", max(1, round(seconds))) % {"n": max(1, round(seconds))}
    if seconds < 5400:
        return ngettext("%(n)d min", "%(n)d min", round(seconds / 60)) % {"n": round(seconds / 60)}
    return ngettext("%(n)d h", "%(n)d h", round(seconds / 3600)) % {"n": round(seconds / 3600)}


def _count(n: int) -> str:
    return f"{n:,}"


def pace(job: Job, now: dt.datetime | None = None) -> dict[str, str]:
    """ "so_far" ("1,310 of 2,000"), "rate" and "left" in words; empty when they cannot be known yet."""
    told = {"so_far": "", "rate": "", "left": ""}
    if job.total:
        told["so_far"] = _("%(done)s of %(total)s") % {"done": _count(job.done), "total": _count(job.total)}
    elif job.done:
        told["so_far"] = _count(job.done)
    if job.state != "running" or job.started_at is None or job.done <= 0:
        return told
    seconds = ((now or timezone.now()) - job.started_at).total_seconds()
    if seconds < 2:
        return told
    rate = job.done / seconds
    shown = _count(round(rate)) if rate >= 10 else formats.number_format(round(rate, 1), 1)
    told["rate"] = _("%(n)s a second") % {"n": shown}
    if job.total and job.total > job.done:
        told["left"] = _("%(time)s left") % {"time": span_words((job.total - job.done) / rate)}
    return told


def result_words(job: Job) -> str:
    """What came of it: the counts that are known by name, in one sentence."""
    if not isinstance(job.result, dict):
        return ""
    counts = {name: job.result[name] for name in RESULTS if _is_count(job.result.get(name))}
    return ", ".join(str(RESULTS[name] % {"n": n, "shown": _count(n)}) for name, n in counts.items())


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
