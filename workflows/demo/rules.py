"""What the demo calls clean: the pack for pictures, and a dry run of it that waits to be looked at."""

from __future__ import annotations

from annotate.projects.models import Project
from workflows.cleaning.models import CheckRun, Rule
from workflows.cleaning.running import start
from workflows.cleaning.services import add_pack
from workflows.demo import accounts

PACK = "pictures"


def check(project: Project) -> None:
    """Goes on from what stands. The run itself is the job cluster's."""
    manager = accounts.actor("mira")
    if not Rule.objects.filter(project=project).exists():
        add_pack(project, PACK, by=manager)
    if not CheckRun.objects.filter(project=project).exists():
        start(project, by=manager)
