"""What each kind of job does: rooms register a function per kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from annotate.jobs.work import Work
from annotate.kernel.registry import Registry

Handler = Callable[[Work], dict[str, Any] | None]
handlers: Registry[Handler] = Registry("job handlers")

# kind → f(job) giving {"version": "/api/v1/versions/5"}: what the job made; pages show the same path without its prefix.
links: Registry[Callable[[Any], dict[str, str]]] = Registry("job links")

# Where a result's ids lead, for kinds without a function of their own.
_NAMED = {name: f"/api/v1/{name}s/{{}}" for name in ("version", "export", "batch", "evaluation")} | {
    "batch": "/api/v1/batches/{}"
}


# Kinds that go on where an earlier attempt stopped: its report lines stay.
resuming: set[str] = set()


def handler(kind: str, *, resumes: bool = False) -> Callable[[Handler], Handler]:
    """Registers `def run(work: Work) -> dict`: what the job does. It must be safe to run again from the start.

    With `resumes`, it keeps its own place (see `Work.save_report`), and a further attempt adds to the report.
    """
    if resumes:
        resuming.add(kind)
    return handlers.register(kind)


def made_by(job: Any) -> dict[str, str]:
    """Addresses of what the job made: by its kind's function, else from ids in its result."""
    if job.kind in links:
        return links.get(job.kind)(job)
    result = job.result if isinstance(job.result, dict) else {}
    ids = {name: result[name] for name in _NAMED if isinstance(result.get(name), int)}
    return {name: _NAMED[name].format(found) for name, found in ids.items()}
