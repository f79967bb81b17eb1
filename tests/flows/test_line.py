"""The whole line through the API as outside clients walk it: collect → label → review → release → export."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.conftest import Api, World


def fetch(api: Api, path: str, **headers: str) -> bytes:
    answer = api.get(path, headers=headers)
    assert answer.status_code in (200, 206), answer.content
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def job_done(api: Api, answer: Any, run_jobs: Callable[[], int]) -> dict[str, Any]:
    assert answer.status_code == 202, answer.content
    run_jobs()
    job = api.get(f"/jobs/{answer.json()['id']}").json()
    assert job["state"] == "done", job
    return job["result"]


def download(api: Api, export: int, folder: Path) -> list[str]:
    """Every file of the export, checked by size and sha256 as its list says."""
    files = api.get(f"/exports/{export}").json()["files"]
    for file in files:
        content = fetch(api, f"/exports/{export}/files/{file['path']}")
        assert len(content) == file["size"] and hashlib.sha256(content).hexdigest() == file["sha256"]
        target = folder / file["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return [file["path"] for file in files]


@pytest.fixture
def line(world: World, run_jobs: Callable[[], int], picture: Callable[..., bytes]) -> dict[str, Any]:
    """A project with 12 pictures in 4 groups, an annotate and a review queue and a dataset, all made by API."""
    owner = world.api(world.owner)
    project = owner.post("/projects", {"name": "roads", "media": "image", "schema": world.schema}).json()["id"]
    for person, role in ((world.annotator, "annotator"), (world.annotator2, "annotator"), (world.reviewer, "reviewer")):
        assert owner.post(f"/projects/{project}/members", {"person": person.name, "role": role}).status_code in (200, 201)
    batch = owner.post(f"/projects/{project}/batches", {"name": "march"}).json()["id"]
    pictures = {f"p{n:02d}.jpg": picture(80, 60, color=(n * 20, 90, 120)) for n in range(12)}
    assert job_done(owner, owner.upload(f"/batches/{batch}/files", pictures), run_jobs) == {
        "accepted": 12, "rejected": 0, "duplicate": 0,
    }  # fmt: skip
    assert owner.post(f"/batches/{batch}/seal").status_code == 200
    queues = {
        stage: owner.post(f"/projects/{project}/queues", {"name": stage, "stage": stage, "q": 'batch = "march"'}).json()["id"]
        for stage in ("annotate", "review")
    }
    dataset = owner.post(f"/projects/{project}/datasets", {"name": "roads"}).json()["id"]
    return {"project": project, "batch": batch, "dataset": dataset, **queues}


def document(n: int) -> dict[str, Any]:
    return {
        "objects": [{"id": f"00000000-0000-4000-8000-{n:012d}", "kind": "box", "label": "car", "box": [1.5 + n, 2, 20, 10.25], "attributes": {"occluded": n % 2 == 0}}],
        "item": {"weather": "rain"},
    }


def label_all(api: Api, queue: int) -> int:
    """Answer everything there is by `submit?next=1`; how many."""
    answer = api.post(f"/queues/{queue}/next")
    bundle = answer.json() if answer.status_code == 200 else None
    n = 0
    while bundle is not None:
        done = api.post(f"/leases/{bundle['lease']['id']}/submit?next=1", {"annotation": document(n), "seconds": 2})
        assert done.status_code == 201, done.content
        bundle, n = done.json()["next"], n + 1
    return n


def test_pictures_become_a_verified_coco_export(
    line: dict[str, Any], world: World, run_jobs: Callable[[], int], tmp_path: Path
) -> None:
    owner, annotator, reviewer = (world.api(person) for person in (world.owner, world.annotator, world.reviewer))
    assert label_all(annotator, line["annotate"]) == 12
    assert annotator.post(f"/queues/{line['annotate']}/next").status_code == 204

    verdicts: list[str] = []
    while (answer := reviewer.post(f"/queues/{line['review']}/next")).status_code == 200:
        bundle = answer.json()
        verdict = {0: "return", 1: "fix"}.get(len(verdicts), "accept")
        body: dict[str, Any] = {"verdict": verdict}
        if verdict == "return":
            body |= {"reason": "geometry", "comments": [{"object": bundle["annotation"]["objects"][0]["id"], "text": "closer, please"}]}
        if verdict == "fix":
            body["annotation"] = {"objects": bundle["annotation"]["objects"][:1], "item": {"weather": "fog"}}
        said = reviewer.post(f"/leases/{bundle['lease']['id']}/review", body)
        assert said.status_code in (200, 201), said.content
        verdicts.append(verdict)
    assert verdicts == ["return", "fix", *["accept"] * 10]

    back = annotator.post(f"/queues/{line['annotate']}/next").json()
    assert back["returned"]["reason"] == "geometry" and back["comments"][0]["text"] == "closer, please"
    annotator.post(f"/leases/{back['lease']['id']}/submit", {"annotation": document(40), "seconds": 3})
    again = reviewer.post(f"/queues/{line['review']}/next").json()
    reviewer.post(f"/leases/{again['lease']['id']}/review", {"verdict": "accept"})
    assert owner.get(f"/projects/{line['project']}/items?q=state = approved&count=1").json()["count"] == 12

    asked = {"q": "", "message": "first", "splits": {"train": 0.5, "val": 0.25, "test": 0.25}, "by": "group"}
    version = job_done(owner, owner.post(f"/datasets/{line['dataset']}/versions", asked), run_jobs)["version"]
    found = owner.get(f"/versions/{version}").json()
    assert found["number"] == 1 and len(found["hash"]) == 64

    export = job_done(owner, owner.post(f"/versions/{version}/exports", {"format": "coco", "media": "include"}), run_jobs)["export"]
    paths = download(owner, export, tmp_path)
    assert "sluice-manifest.ndjson" in paths
    call_command("verify_export", str(tmp_path))
    images = [image for path in paths if path.endswith(".json") for image in json.loads((tmp_path / path).read_text()).get("images", [])]
    assert len(images) == 12


def test_a_part_of_an_export_file_comes_by_range(
    line: dict[str, Any], world: World, run_jobs: Callable[[], int]
) -> None:
    owner = world.api(world.owner)
    label_all(world.api(world.annotator), line["annotate"])
    while (answer := world.api(world.reviewer).post(f"/queues/{line['review']}/next")).status_code == 200:
        world.api(world.reviewer).post(f"/leases/{answer.json()['lease']['id']}/review", {"verdict": "accept"})
    version = job_done(owner, owner.post(f"/datasets/{line['dataset']}/versions", {"q": "", "message": "m"}), run_jobs)["version"]
    export = job_done(owner, owner.post(f"/versions/{version}/exports", {"format": "jsonl"}), run_jobs)["export"]
    file = next(one for one in owner.get(f"/exports/{export}").json()["files"] if one["path"].endswith("jsonl"))
    whole = fetch(owner, f"/exports/{export}/files/{file['path']}")
    assert fetch(owner, f"/exports/{export}/files/{file['path']}", Range="bytes=5-24") == whole[5:25]


def test_blood_cells_go_from_a_folder_to_a_coco_file_that_pycocotools_reads(
    world: World, run_jobs: Callable[[], int], data: Callable[[str], Path], tmp_path: Path
) -> None:
    """292 photographs with VOC boxes come in, are judged, released and exported with every sound box at its exact pixels."""
    from pycocotools.coco import COCO

    from annotate.items.models import Item
    from annotate.projects.models import Project
    from annotate.queues.models import Queue
    from tests.flows.voc import boxes_of

    folder = data("bccd_bbox")
    call_command("load", str(folder), project="blood-cells", batch="march", format="voc", organisation=world.organisation.name, by="owner")
    run_jobs()
    project = Project.objects.get(name="blood-cells")
    assert Item.objects.filter(project=project).count() == 292

    owner = world.api(world.owner)
    owner.post(f"/projects/{project.pk}/members", {"person": "reviewer", "role": "reviewer"})
    review = Queue.objects.get(project=project, stage="review").pk
    reviewer, accepted = world.api(world.reviewer), 0
    while (answer := reviewer.post(f"/queues/{review}/next")).status_code == 200:
        said = reviewer.post(f"/leases/{answer.json()['lease']['id']}/review", {"verdict": "accept"})
        assert said.status_code in (200, 201), said.content
        accepted += 1
    assert accepted == 292

    dataset = owner.get(f"/projects/{project.pk}/datasets").json()["results"][0]["id"]
    version = job_done(owner, owner.post(f"/datasets/{dataset}/versions", {"q": "", "message": "all"}), run_jobs)["version"]
    export = job_done(owner, owner.post(f"/versions/{version}/exports", {"format": "coco"}), run_jobs)["export"]
    paths = download(owner, export, tmp_path)
    call_command("verify_export", str(tmp_path))
    coco = COCO(str(tmp_path / next(path for path in paths if path.endswith(".json") and "manifest" not in path)))
    assert len(coco.imgs) == 292
    names = {category["id"]: category["name"] for category in coco.cats.values()}
    wanted = boxes_of(folder)
    assert sum(map(len, wanted.values())) == len(coco.anns)
    for image in coco.imgs.values():
        found = sorted((names[one["category_id"]], *one["bbox"]) for one in coco.imgToAnns[image["id"]])
        assert found == wanted[Path(image["file_name"]).stem]
