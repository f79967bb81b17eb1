"""The pages about quality share one bar. A page is a line of `TABS`; it is shown where its address is known, to whom it is for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _

from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.projects.policies import may_view


@dataclass(frozen=True)
class Tab:
    """`path` is of a page of a project, after "/p/{project}/". `own`: for people who see nothing but their own figures, too."""

    name: str
    word: Any
    path: str
    own: bool = False


TABS = (
    Tab("person", _("By person"), "quality", own=True),
    Tab("label", _("By label"), "quality?by=label"),
    Tab("batch", _("By batch"), "quality?by=batch"),
    Tab("confusion", _("Confusion"), "quality/confusion"),
    Tab("reviewers", _("Reviewers"), "quality/reviewers"),
    Tab("consensus", _("Consensus"), "consensus"),
    Tab("wall", _("Wall"), "wall"),
)


@lru_cache(maxsize=64)
def _there(path: str) -> bool:
    try:
        resolve(f"/p/1/{path.partition('?')[0]}")
    except Resolver404:
        return False
    return True


def tabs(project: Project, actor: Actor, here: str) -> list[tuple[str, Any, bool]]:
    """(address, word, whether it is this one); nothing where there is but one to choose."""
    sees = bool(may_view(actor, project))
    shown = [one for one in TABS if (sees or one.own) and _there(one.path)]
    return [(f"/p/{project.pk}/{one.path}", one.word, one.name == here) for one in shown] if len(shown) > 1 else []
