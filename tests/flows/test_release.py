"""From dirty pictures to a label that a training calls wrong: collected, checked, labelled, judged, cut, exported, verified, pulled, flagged."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.client.conftest import sluice
from tests.conftest import World
from tests.flows.test_line import download, job_done, label_all
from workflows.rounds.deciding import decide_some

__all__ = ["sluice"]


def judge_all(api: Any, queue: int) -> int:
    n = 0
    while (answer := api.post(f"/queues/{queue}/next")).status_code == 200:
        assert api.post(f"/leases/{answer.json()['lease']['id']}/review", {"verdict": "accept"}).status_code in (200, 201)
        n += 1
    return n


@pytest.mark.django_db(transaction=True)
def test_a_flag_of_a_training_comes_back_to_the_item_that_was_collected(
    world: World, live_server: Any, run_jobs: Callable[[], int], picture: Callable[..., bytes], sluice: Any, tmp_path: Path
) -> None:
    manager, annotator, reviewer, viewer = (world.api(person) for person in (world.manager, world.annotator, world.reviewer, world.viewer))
    project = world.project.pk

    batch = manager.post(f"/projects/{project}/batches", {"name": "april"}).json()["id"]
    pictures = {f"p{n}.jpg": picture(80, 60, color=(n * 20 + 60, 90, 120)) for n in range(6)} | {"night.jpg": picture(80, 60, color=(3, 3, 3))}
    assert job_done(manager, manager.upload(f"/batches/{batch}/files", pictures), run_jobs)["accepted"] == 7
    manager.post(f"/projects/{project}/rules", {"name": "night", "kind": "dark", "action": "quarantine"})
    manager.post(f"/batches/{batch}/checks", {"dry_run": False})
    run_jobs()
    assert manager.get(f"/projects/{project}/items?q=quarantined&count=1").json()["count"] == 1

    queue = manager.post(f"/projects/{project}/queues", {"name": "april", "stage": "annotate", "q": 'batch = "april"'}).json()["id"]
    assert label_all(annotator, queue) == 6
    made = manager.post(f"/batches/{batch}/rounds", {"sample": {"kind": "count", "value": 2}}).json()
    assert judge_all(reviewer, made["queue"] if isinstance(made["queue"], int) else made["queue"]["id"]) == 2
    decide_some()
    run_jobs()
    assert manager.get(f"/rounds/{made['id']}").json()["state"] == "passed"

    dataset = manager.post(f"/projects/{project}/datasets", {"name": "roads"}).json()["id"]
    asked = {"message": "first", "splits": {"train": 0.5, "test": 0.5}, "stratify": "label", "together": ["same_bytes"]}
    draft = manager.post(f"/datasets/{dataset}/versions?draft=1", asked).json()
    version = job_done(manager, manager.post(f"/datasets/{dataset}/versions", asked), run_jobs)["version"]
    frozen = manager.get(f"/versions/{version}").json()
    assert draft["items"] == frozen["counts"]["items"] == 6 and draft["splits"] == {"train": 3, "test": 3}

    for format in ("jsonl", "coco", "parquet"):
        export = job_done(manager, manager.post(f"/versions/{version}/exports", {"format": format, "media": "include"}), run_jobs)["export"]
        download(manager, export, tmp_path / format)
        call_command("verify_export", str(tmp_path / format))

    client = ["--server", live_server.url, "--token", world.token(world.viewer, "read", "export"), "--patience", "5"]
    assert sluice.main(["pull", "roads", "--to", str(tmp_path / "pulled"), "--media", "include", *client]) == 0
    lines = [json.loads(line) for line in (tmp_path / "pulled" / "items.jsonl").read_text().splitlines()]
    assert {line["provenance"]["round"] for line in lines} == {"1"} and {line["split"] for line in lines} == {"train", "test"}

    answer = viewer.post(f"/versions/{version}/flags", {"key": lines[0]["key"], "reason": "the car is a van"})
    assert answer.status_code == 201, answer.content
    [item] = manager.get(f"/projects/{project}/items?q=key = {lines[0]['key']}").json()["results"]
    asked_of = world.page(world.manager).get(f"/items/{item['id']}").content.decode()
    assert "the car is a van" in asked_of
