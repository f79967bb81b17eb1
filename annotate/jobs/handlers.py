"""What each kind of job does: rooms register a function per kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from annotate.jobs.work import Work
from annotate.kernel.registry import Registry

Handler = Callable[[Work], dict[str, Any] | None]
handlers: Registry[Handler] = Registry("job handlers")

# kind → f(job) giving {"name": "/path"}: what the job made, for its `links` and its page.
links: Registry[Callable[[Any], dict[str, str]]] = Registry("job links")


# Kinds that go on where an earlier attempt stopped: its report lines stay.
resuming: set[str] = set()


def handler(kind: str, *, resumes: bool = False) -> Callable[[Handler], Handler]:
    """Registers `def run(work: Work) -> dict`: what the job does. It must be safe to run again from the start.

    With `resumes`, it keeps its own place (see `Work.save_report`), and a further attempt adds to the report.
    """
    if resumes:
        resuming.add(kind)
    return handlers.register(kind)
