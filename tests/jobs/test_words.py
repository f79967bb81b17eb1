"""How far, how fast, how long still: in words."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone, translation

from annotate.jobs.models import Job
from annotate.jobs.words import kind_words, pace, result_words, span_words

NOW = timezone.now()


def running(**values: Any) -> Job:
    return Job(kind="test.none", state="running", started_at=NOW - dt.timedelta(seconds=10), **values)


def test_the_pace_of_running_work() -> None:
    assert pace(running(done=1310, total=2000), NOW) == {
        "so_far": "1,310 of 2,000",
        "rate": "131 a second",
        "left": "5 s left",
    }
    assert pace(running(done=5, total=3605), NOW)["left"] == "2 h left"
    assert pace(running(done=5, total=None), NOW) == {"so_far": "5", "rate": "0.5 a second", "left": ""}
    assert pace(running(done=0, total=9), NOW) == {"so_far": "0 of 9", "rate": "", "left": ""}


@pytest.mark.parametrize(("seconds", "words"), [(0.2, "1 s"), (89, "89 s"), (600, "10 min"), (7200, "2 h")])
def test_spans(seconds: float, words: str) -> None:
    assert span_words(seconds) == words


def test_results_and_kinds() -> None:
    assert (
        result_words(Job(result={"accepted": 1500, "rejected": 0, "dry": True, "version": 3}))
        == "1,500 accepted, 0 rejected"
    )
    assert result_words(Job(result=None)) == ""
    assert kind_words("collection.files") == "Import of files"
    assert kind_words("strange.new_kind") == "Strange new kind"
    with translation.override("zh-hans"):
        assert pace(running(done=1310, total=2000), NOW)["so_far"]
