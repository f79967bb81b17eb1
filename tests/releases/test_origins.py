"""A row says which round and which method stand behind it, and a version how good the work was, with how much that rests on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from annotate.items.models import Item
from tests.quality.test_consensus_of_project import decide, three
from tests.queues.conftest import a_document, queue_of
from tests.reviews.test_adjudicating import decide as adjudicate
from tests.reviews.test_adjudicating import dispute, said
from tests.rounds.conftest import fresh, line
from workflows.rounds import deciding

__all__ = ["a_document", "dispute", "line", "queue_of", "three"]
pytestmark = pytest.mark.django_db


def told(world: Any, version: Any, run_jobs: Any) -> dict[str, dict[str, Any]]:
    """Key → provenance, the same by API and in the exported lines."""
    manager = world.api(world.manager)
    rows = {row["key"]: row["provenance"] for row in manager.get(f"/versions/{version.pk}/items").json()["results"]}
    job = manager.post(f"/versions/{version.pk}/exports", {"format": "jsonl"}).json()["id"]
    run_jobs()
    export = manager.get(f"/jobs/{job}").json()["result"]["export"]
    answer = manager.get(f"/exports/{export}/files/items.jsonl")
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    lines = [json.loads(each) for each in content.splitlines()]
    assert {each["key"]: each["provenance"] for each in lines} == rows
    return rows


def pass_round(bench: Any, run_jobs: Any, *verdicts: str) -> Any:
    made = bench.plan("count", len(verdicts), pass_mark=0.5)
    bench.judge(made, *verdicts)
    deciding.decide_some()
    run_jobs()
    made = fresh(made)
    assert made.state == "passed"
    return made


def test_after_a_round_each_row_names_it_and_who_judged_what_was_looked_at(world: Any, line: Any, cut: Any, run_jobs: Any) -> None:
    bench = line(6)
    made = pass_round(bench, run_jobs, "accept", "accept", "fix")
    rows = told(world, cut(), run_jobs)
    assert {row["round"] for row in rows.values()} == {str(made.number)} and len(rows) == 6
    judged = [row for row in rows.values() if row["cause"] == "review"]
    passed = [row for row in rows.values() if row["cause"] == "round"]
    assert (len(judged), len(passed)) == (3, 3)
    assert {row["reviewed_by"] for row in judged} == {"reviewer"} and {row["reviewed_by"] for row in passed} == {None}
    assert {row["method"] for row in rows.values()} == {None}
    assert sorted(row["labelled_by"] for row in rows.values()) == ["annotator"] * 5 + ["reviewer"]


def test_a_row_frozen_before_its_round_was_over_names_it_then_and_later(world: Any, line: Any, dataset: Any, cut: Any, run_jobs: Any) -> None:
    bench = line(4)
    made = bench.plan("count", 2, pass_mark=0.5)
    bench.judge(made, "accept")
    [early] = told(world, cut(), run_jobs).values()
    bench.judge(made, "accept")
    deciding.decide_some()
    run_jobs()
    late = told(world, cut(), run_jobs)
    assert early["round"] == "1" and [row["round"] for row in late.values()] == ["1"] * 4


def test_a_review_outside_of_rounds_names_none(world: Any, line: Any, queue_of: Any, cut: Any, run_jobs: Any) -> None:
    from annotate.queues.claim import next_task
    from annotate.reviews.services import review

    bench = line(4)
    outside = queue_of("review", q=f"key = {bench.items[3].key}")
    lease = next_task(outside, world.actor(world.reviewer))
    assert lease is not None
    review(lease.pk, world.actor(world.reviewer), "accept")
    pass_round(bench, run_jobs, "accept")
    rows = told(world, cut(), run_jobs)
    assert rows[bench.items[3].key]["round"] is None and sorted(row["round"] or "" for row in rows.values()) == ["", "1", "1", "1"]


def test_after_a_consensus_each_row_names_its_method(world: Any, three: Any, cut: Any, run_jobs: Any) -> None:
    decide(world, run_jobs)
    rows = told(world, cut(), run_jobs)
    approved = Item.objects.filter(state="approved").values_list("key", flat=True)
    assert set(rows) == set(approved)
    assert sorted(row["method"] for row in rows.values()) == ["majority", "majority", "majority", "unanimous"]
    assert {row["cause"] for row in rows.values()} == {"consensus"} and {row["round"] for row in rows.values()} == {None}


def test_after_an_adjudication_the_row_says_that_a_person_decided(world: Any, dispute: Any, cut: Any, run_jobs: Any) -> None:
    item, _annotate, queue, _answers = dispute
    adjudicate(world, queue, said(weather="fog"))
    rows = told(world, cut(), run_jobs)
    assert {name: rows[item.key][name] for name in ("method", "cause", "approved_by", "reviewed_by", "round")} == {
        "method": "adjudication", "cause": "adjudication", "approved_by": "reviewer", "reviewed_by": "reviewer", "round": None,
    }  # fmt: skip


def test_figures_come_with_what_they_rest_on_or_say_that_it_is_not_enough(world: Any, line: Any, cut: Any, run_jobs: Any) -> None:
    bench = line(14)
    pass_round(bench, run_jobs, *["accept"] * 10)
    quality = cut().facts["quality"]
    assert (quality["returned_rate"]["value"], quality["returned_rate"]["of"], quality["returned_rate"]["why"]) == (0.0, 10, "")
    assert quality["returned_rate"]["low"] == 0 < quality["returned_rate"]["high"] < 1
    for name in ("agreement", "gold_accuracy"):
        assert (quality[name]["value"], quality[name]["of"], quality[name]["why"]) == (None, 0, "not_enough")


def test_the_rule_set_and_its_findings_stand_with_the_version(world: Any, approve: Any, cut: Any) -> None:
    from workflows.cleaning.running import start
    from workflows.cleaning.services import create_rule

    by = world.actor(world.owner)
    create_rule(world.project, name="big", kind="odd_size", parameters={}, action="flag", by=by)
    approve(["a.jpg"])
    start(world.project, by=by)
    version = cut()
    assert version.facts["rules"]["rules"] == 1 and len(version.facts["rules"]["digest"]) == 64 and version.facts["rules"]["findings"] == {}
