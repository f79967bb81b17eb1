"""Bytes are stored once per organisation, whole, and gone when nothing speaks for them."""

from __future__ import annotations

import io
import re
import threading
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection

from annotate.kernel.errors import TooLarge
from annotate.media import store
from annotate.media.models import Blob
from annotate.media.probe import Refused
from annotate.media.queries import by_sha256
from annotate.media.services import probe_and_store_picture, probe_and_store_text, purge, store_file


class Stream:
    """A body that can be read once."""

    def __init__(self, content: bytes) -> None:
        self.inner = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        return self.inner.read(size)


def _bytes(blob: Blob) -> bytes:
    with default_storage.open(store.blob_path(blob.organisation_id, blob.hex)) as file:
        return bytes(file.read())


def test_the_same_bytes_are_one_blob(world: Any, picture: Any) -> None:
    content = picture()
    first = store_file(io.BytesIO(content), organisation_id=world.organisation.pk)
    second = store_file(Stream(content), organisation_id=world.organisation.pk)
    assert first.pk == second.pk
    assert _bytes(first) == content
    assert (first.size, first.type) == (len(content), "image/jpeg")


def test_organisations_do_not_share(world: Any, picture: Any) -> None:
    mine = store_file(io.BytesIO(picture()), organisation_id=world.organisation.pk)
    theirs = store_file(io.BytesIO(picture()), organisation_id=world.other_organisation.pk)
    assert mine.pk != theirs.pk
    assert by_sha256(world.organisation.pk, [mine.sha256]) == {bytes(mine.sha256): mine}


def test_a_large_stream_is_stored_whole(world: Any) -> None:
    content = bytes(range(256)) * 50_000
    assert _bytes(store_file(Stream(content), organisation_id=world.organisation.pk)) == content


def test_the_cap_holds_to_the_byte(world: Any, settings: Any) -> None:
    settings.MAX_UPLOAD_FILE = 1000
    store_file(io.BytesIO(b"x" * 1000), organisation_id=world.organisation.pk)
    for source in (io.BytesIO(b"x" * 1001), Stream(b"x" * 1001)):
        with pytest.raises(TooLarge):
            store_file(source, organisation_id=world.organisation.pk)


def test_pictures_are_stored_with_their_facts(world: Any, picture: Any) -> None:
    blob = probe_and_store_picture(io.BytesIO(picture(80, 60, format="PNG")), organisation_id=world.organisation.pk)
    assert (blob.type, blob.width, blob.height) == ("image/png", 80, 60)
    assert blob.facts == {"format": "PNG", "mode": "RGB", "frames": 1, "orientation": 1, "pixels": blob.facts["pixels"]}
    assert re.fullmatch("[0-9a-f]{16}", blob.facts["pixels"])


def test_what_is_refused_is_not_stored(world: Any) -> None:
    with pytest.raises(Refused):
        probe_and_store_picture(io.BytesIO(b"<html>"), organisation_id=world.organisation.pk)
    assert not Blob.objects.exists()


def test_bytes_known_without_facts_learn_them(world: Any, picture: Any) -> None:
    plain = store_file(io.BytesIO(picture(30, 20)), organisation_id=world.organisation.pk)
    learnt = probe_and_store_picture(io.BytesIO(picture(30, 20)), organisation_id=world.organisation.pk)
    assert (learnt.pk, learnt.width) == (plain.pk, 30)


def test_texts_are_stored_too(world: Any) -> None:
    blob, text = probe_and_store_text(io.BytesIO("雨".encode()), organisation_id=world.organisation.pk)
    assert (text, blob.type, blob.facts["characters"]) == ("雨", "text/plain", 1)


def test_lost_bytes_come_back_with_the_next_upload(world: Any, picture: Any) -> None:
    blob = store_file(io.BytesIO(picture()), organisation_id=world.organisation.pk)
    store.remove(store.blob_path(blob.organisation_id, blob.hex))
    assert _bytes(store_file(io.BytesIO(picture()), organisation_id=world.organisation.pk)) == picture()


def test_purge_spares_bytes_with_a_row(world: Any, picture: Any) -> None:
    blob = store_file(io.BytesIO(picture()), organisation_id=world.organisation.pk)
    path = store.blob_path(blob.organisation_id, blob.hex)
    assert not purge(blob.organisation_id, blob.sha256)
    assert store.exists(path)
    blob.delete()
    assert purge(blob.organisation_id, blob.sha256)
    assert not store.exists(path)
    assert purge(blob.organisation_id, blob.sha256)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_store_one(picture: Any) -> None:
    from annotate.people.models import Organisation

    organisation = Organisation.objects.create(name="Crowd")
    content = picture(300, 200)
    found: list[int] = []

    def run() -> None:
        try:
            found.append(store_file(io.BytesIO(content), organisation_id=organisation.pk).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    blob = Blob.objects.get()
    assert _bytes(blob) == content
    folder = default_storage.path(f"{organisation.pk}/blobs/{blob.hex[:2]}/{blob.hex[2:4]}")
    import os

    assert os.listdir(folder) == [blob.hex]
