"""The whole line with bytes in a bucket: uploaded, looked at, cut, exported, pulled, resumed, packed, linked to, erased."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from annotate.items.models import Item
from annotate.items.services import create_batch, erase
from annotate.media import store
from tests.buckets import ObjectStore, keys
from tests.exporters.test_api import body
from workflows.exporters.links import LONGEST_AT_STORE
from workflows.releases import sweeping

Freeze = Callable[..., Any]


def fetched(url: str, **headers: str) -> tuple[int, bytes, Any]:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=20) as answer:
        return answer.status, answer.read(), answer.headers


def status(url: str) -> int:
    try:
        return fetched(url)[0]
    except urllib.error.HTTPError as refused:
        return refused.code


def links_of(api: Any, made: Any, seconds: int) -> dict[str, str]:
    return {file["path"]: file["signed_url"] for file in api.get(f"/exports/{made.pk}?signed={seconds}").json()["files"]}


def test_an_upload_becomes_items_that_are_shown_and_leaves_nothing_that_waits(world: Any, bucket: Any, picture: Any, run_jobs: Callable[[], int]) -> None:
    batch, api = create_batch(world.project, "march", by=world.actor(world.manager)), world.api(world.manager)
    content = picture(400, 300)
    asked = api.upload(f"/batches/{batch.pk}/files", {"a.jpg": content, "b.jpg": picture(30, 20)})
    assert asked.status_code == 202 and any("/uploads/" in key for key in keys(bucket))
    run_jobs()
    item = Item.objects.get(key="a.jpg")
    assert Item.objects.count() == 2 and not any("/uploads/" in key for key in keys(bucket))
    assert body(api.get(f"/items/{item.pk}/media?size=thumb"))[:3] == b"\xff\xd8\xff"
    part = api.get(f"/items/{item.pk}/media?size=full", headers={"Range": "bytes=0-9"})
    assert part.status_code == 206 and len(body(part)) == 10


def test_an_export_is_pulled_whole_in_parts_and_as_an_archive(world: Any, bucket: Any, freeze: Freeze, exported: Freeze) -> None:
    made, api = exported(freeze(3, splits={}), media="include"), world.api(world.viewer)
    files = api.get(f"/exports/{made.pk}").json()["files"]
    whole = {file["path"]: body(api.client.get(file["url"])) for file in files}
    for file in files:
        assert hashlib.sha256(whole[file["path"]]).hexdigest() == file["sha256"]
    resumed = api.client.get(files[0]["url"], headers={"Range": "bytes=100-", "If-Range": f'"{files[0]["sha256"]}"'})
    assert resumed.status_code == 206 and body(resumed) == whole[files[0]["path"]][100:]
    with zipfile.ZipFile(io.BytesIO(body(api.get(f"/exports/{made.pk}/archive?type=zip")))) as packed:
        assert packed.testzip() is None and {name: packed.read(name) for name in packed.namelist()} == whole


def test_a_link_is_the_buckets_own_and_says_what_it_sends(world: Any, bucket: Any, object_store: ObjectStore, freeze: Freeze, exported: Freeze) -> None:
    made, api = exported(freeze(2, splits={}), media="include"), world.api(world.viewer)
    link = links_of(api, made, 600)["annotations/instances_all.json"]
    assert link.startswith(f"{object_store.endpoint}/{bucket.bucket_name}/data/sets/") and "X-Amz-Expires=600" in link
    code, content, headers = fetched(link)
    assert code == 200 and content == body(api.get(f"/exports/{made.pk}/files/annotations/instances_all.json"))
    assert headers["Content-Type"].startswith("application/json") and headers["Content-Disposition"].startswith('attachment; filename="instances_all.json"')
    assert fetched(link, Range="bytes=5-9")[:2] == (206, content[5:10])
    if object_store.checks_signatures:
        other = links_of(api, made, 600)["sluice-manifest.ndjson"].partition("?")[0]
        assert status(f"{other}?{link.partition('?')[2]}") == 403 and status(other) == 403


def test_a_link_of_the_buckets_dies_with_its_time(world: Any, bucket: Any, object_store: ObjectStore, freeze: Freeze, exported: Freeze) -> None:
    if not object_store.checks_signatures:
        pytest.skip("moto takes any signature")
    link = links_of(world.api(world.viewer), exported(freeze(1), "jsonl"), 2)["items.jsonl"]
    assert status(link) == 200
    time.sleep(3.1)
    assert status(link) == 403


def test_a_link_that_could_not_be_taken_back_for_longer_is_the_servers_own(world: Any, bucket: Any, freeze: Freeze, exported: Freeze) -> None:
    made, api = exported(freeze(1), "jsonl"), world.api(world.viewer)
    link = links_of(api, made, LONGEST_AT_STORE + 1)["items.jsonl"]
    assert link.startswith("http://testserver/signed/")
    assert body(Client().get(link.removeprefix("http://testserver"))) == body(api.get(f"/exports/{made.pk}/files/items.jsonl"))
    bucket.public = "no"
    assert links_of(api, made, 60)["items.jsonl"].startswith("http://testserver/signed/")
    bucket.public = "https://pictures.example"
    assert links_of(api, made, 60)["items.jsonl"].startswith(f"https://pictures.example/{bucket.bucket_name}/data/sets/")


def test_an_erasure_deletes_from_the_bucket_and_links_to_it_are_dead(
    world: Any, bucket: Any, freeze: Freeze, exported: Freeze, run_jobs: Callable[[], int], django_capture_on_commit_callbacks: Any
) -> None:
    made, api = exported(freeze(keys=["a.jpg", "secret-name.jpg"], splits={}), media="include"), world.api(world.viewer)
    links, item = links_of(api, made, 600), Item.objects.get(key="secret-name.jpg")
    blob = store.blob_path(world.organisation.pk, bytes(item.sha256).hex())
    assert store.exists(blob)
    assert item.blob == Item.objects.get(key="a.jpg").blob  # the same bytes: they go with the last item that has them
    with django_capture_on_commit_callbacks(execute=True):
        erase(item, reason="asked for", by=world.actor(world.manager))
    assert status(links["annotations/instances_all.json"]) in (403, 404)
    run_jobs()
    made.refresh_from_db()
    assert made.state == "ready" and "images/secret-name.jpg" not in links_of(api, made, 600)
    assert store.exists(blob) and not any(b"secret-name" in bucket.open(key.removeprefix("data/sets/")).read() for key in keys(bucket))
    with django_capture_on_commit_callbacks(execute=True):
        erase(Item.objects.get(key="a.jpg"), reason="asked for", by=world.actor(world.manager))
    run_jobs()
    assert not store.exists(blob) and status(links["images/secret-name.jpg"]) in (403, 404)


def test_shards_that_nobody_knows_are_swept(world: Any, bucket: Any, freeze: Freeze) -> None:
    freeze(2)
    known = {key for key in keys(bucket) if "/shards/" in key}
    store.put(f"{world.organisation.pk}/shards/aa/aa-left.parquet", io.BytesIO(b"left"))
    assert sweeping.sweep() == 0
    assert sweeping.sweep(timezone.now() + dt.timedelta(days=2)) == 1
    assert {key for key in keys(bucket) if "/shards/" in key} == known
