"""The demo, drawn small: what it loads, once, and what a visitor finds of gold and qualifications in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from annotate.gold.models import Gold
from annotate.jobs.models import Job
from annotate.people.models import Person
from annotate.projects.models import Project
from annotate.qualifications.models import Qualified, QualifyingRun
from annotate.queues.claim import next_task
from annotate.queues.models import Queue
from workflows.cleaning.models import CheckRun
from workflows.demo import accounts, load, newcomers, pictures
from workflows.quality.models import GoldScore

pytestmark = pytest.mark.django_db
PLANS = (pictures.Plan("downtown-march", "car 3, downtown loop", 9, 3), pictures.Plan("riverside-april", "car 5, riverside", 2, 4))


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Project:
    """The demo with one frame a take, loaded."""
    monkeypatch.setattr(pictures, "FRAMES", 1)
    monkeypatch.setattr(load, "PLANS", PLANS)
    monkeypatch.setattr(accounts, "_file", lambda: tmp_path / "secrets" / "demo.json")
    load.ensure(url="http://127.0.0.1:8080")
    return Project.objects.get(name=load.PROJECT)


def visitor(name: str, language: str = "en") -> Any:
    client = Client(headers={"Accept-Language": language})
    client.force_login(Person.objects.get(name=name))
    return client


def test_the_demo_lets_newcomers_in_by_a_run_and_is_loaded_once(demo: Project, run_jobs: Any) -> None:
    golden = Gold.objects.filter(project=demo, state="active")
    assert golden.count() >= newcomers.QUESTIONS
    assert set(golden.values_list("item__state", flat=True)) == {"approved"}
    noah = Qualified.objects.get(person__name=newcomers.PASSED)
    assert noah.given_by is None
    assert noah.score is not None
    assert noah.score >= newcomers.PASS_MARK
    assert not Qualified.objects.filter(person__name=newcomers.WAITING).exists()
    assert Qualified.objects.get(person__name="anna").given_by is not None
    boxes = Queue.objects.get(project=demo, name="Boxes")
    for name in ("anna", newcomers.PASSED):
        assert next_task(boxes, accounts.actor(name)) is not None or not boxes.tasks.filter(state="open").exists()
    before = (Gold.objects.count(), GoldScore.objects.count(), QualifyingRun.objects.count(), Qualified.objects.count(), Queue.objects.count())
    newcomers.let_in(demo, {}, boxes)  # as a start after one that was killed does
    assert before == (Gold.objects.count(), GoldScore.objects.count(), QualifyingRun.objects.count(), Qualified.objects.count(), Queue.objects.count())
    jobs = Job.objects.count()
    load.ensure(url="http://127.0.0.1:8080")
    assert Job.objects.count() == jobs

    # What they see, in both languages.
    run = Queue.objects.get(project=demo, qualification__name=newcomers.NAME)
    for language, words, mixed in (("en", "Take the run", "frame: in runs only"), ("zh-hans", "参加测验", "帧：仅用于测验")):
        home = visitor(newcomers.WAITING, language).get("/").content.decode()
        assert words in home
        assert f"/work/{run.pk}" in home
        page = visitor("mira", language).get(f"/p/{demo.pk}/gold")
        assert page.status_code == 200
        assert mixed in page.content.decode()
        assert newcomers.NAME in page.content.decode()
        listed = visitor("mira", language).get(f"/p/{demo.pk}/qualifications").content.decode()
        assert newcomers.NAME in listed

    # And what the manager finds of cleaning: a dry run that waits to be looked at.
    run_jobs()
    [check] = CheckRun.objects.filter(project=demo)
    assert check.state == "checked" and check.items == demo.items.count()
    dark = next(rule for rule in check.rule_set.document if rule["kind"] == "dark")
    assert check.results[str(dark["id"])]["checked"] == check.items
