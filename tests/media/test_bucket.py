"""Bytes in a bucket: written whole, read in parts, listed, deleted, and the store's troubles told as a folder's would be."""

from __future__ import annotations

import hashlib
import io
import os
import urllib.error
import urllib.request
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import RequestFactory

from annotate.media import store
from annotate.media.models import Blob
from annotate.media.services import purge, store_file, verify
from annotate.media.serving import serve
from tests.buckets import ObjectStore, keys, ranges

LARGE = os.urandom(1024) * 18_000  # more than two parts of an upload


def test_a_large_object_goes_in_parts_and_comes_out_the_same(bucket: Any) -> None:
    store.put("1/large", io.BytesIO(LARGE))
    assert keys(bucket) == {"data/sets/1/large"}
    with store.local("1/large") as file:
        assert hashlib.sha256(file.read()).digest() == hashlib.sha256(LARGE).digest()


def test_a_part_of_an_object_is_all_that_is_fetched(bucket: Any) -> None:
    store.put("1/large", io.BytesIO(LARGE))
    asked = ranges(bucket)
    request = RequestFactory().get("/", headers={"Range": "bytes=9000000-9000099"})
    answer: Any = serve(request, "1/large", type="image/png", etag="x", name="x")
    assert answer.status_code == 206 and answer.content == LARGE[9000000:9000100] and asked == ["bytes=9000000-9000099"]
    asked.clear()
    onward: Any = serve(RequestFactory().get("/", headers={"Range": "bytes=17000000-"}), "1/large", type="image/png", etag="x", name="x")
    assert b"".join(onward.streaming_content) == LARGE[17000000:]
    assert asked[0].startswith("bytes=17000000-") and asked[-1].endswith(f"-{len(LARGE) - 1}")


def test_a_file_can_be_read_from_any_place(bucket: Any) -> None:
    store.put("1/large", io.BytesIO(LARGE))
    with bucket.open("1/large") as file:
        assert file.size == len(LARGE)
        assert file.read(10) == LARGE[:10]
        file.seek(-5, io.SEEK_END)
        assert file.read() == LARGE[-5:] and file.read() == b""
        file.seek(3)
        assert file.read(700_000) == LARGE[3:700_003]


def test_an_empty_object_is_read_as_nothing(bucket: Any) -> None:
    store.put("1/empty", io.BytesIO(b""))
    with bucket.open("1/empty") as file:
        assert file.read() == b""
    whole: Any = serve(RequestFactory().get("/"), "1/empty", type="text/plain", etag="x", name="x")
    assert whole.status_code == 200 and whole.content == b""


def test_putting_again_replaces_and_removing_twice_is_no_error(bucket: Any) -> None:
    store.put("1/x/a.jpg", io.BytesIO(b"one"))
    store.put("1/x/a.jpg", io.BytesIO(b"two"))
    with bucket.open("1/x/a.jpg") as file:
        assert file.read() == b"two"
    assert store.listed("1/x") == ["a.jpg"] and store.listed("1/y") == [] and bucket.listdir("1") == (["x"], [])
    store.remove("1/x/a.jpg")
    store.remove("1/x/a.jpg")
    assert not store.exists("1/x/a.jpg") and not keys(bucket)


def test_what_is_not_there_is_not_found_however_it_is_asked_for(bucket: Any) -> None:
    for ask in (bucket.open, bucket.size, bucket.get_modified_time, lambda name: bucket.part(name, 0, 4).read(4)):
        with pytest.raises(FileNotFoundError):
            ask("1/none")


def test_a_bucket_that_is_not_there_is_trouble_of_the_store(bucket: Any) -> None:
    bucket.bucket_name = "sluice-none"
    for act in (lambda: bucket.save("1/a", ContentFile(b"x")), lambda: bucket.listdir("1")):
        with pytest.raises(OSError, match=r"NoSuchBucket|AccessDenied"):
            act()


def test_blobs_are_stored_once_looked_at_and_purged_with_all_that_was_made_of_them(world: Any, bucket: Any, picture: Any) -> None:
    from annotate.media.renditions import rendition

    blob = store_file(io.BytesIO(picture(400, 300)), organisation_id=world.organisation.pk)
    assert store_file(io.BytesIO(picture(400, 300)), organisation_id=world.organisation.pk).pk == blob.pk
    verify(blob)
    rendition(Blob.objects.get(), "thumb")
    assert len(keys(bucket)) == 2
    blob.delete()
    assert purge(world.organisation.pk, blob.sha256) and not keys(bucket)


def test_nothing_is_given_to_who_has_no_key(bucket: Any, object_store: ObjectStore) -> None:
    if not object_store.checks_signatures:
        pytest.skip("moto takes any signature")
    store.put("1/a", io.BytesIO(b"secret"))
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{object_store.endpoint}/{bucket.bucket_name}/data/sets/1/a")
    assert refused.value.code == 403
    bucket.secret_key = "wrong"
    bucket._made.clear()
    with pytest.raises(PermissionError):
        store.put("1/b", io.BytesIO(b"x"))
