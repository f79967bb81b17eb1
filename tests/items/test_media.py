"""An item's picture by its address: whole or by range, cached for good, and never active content."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from annotate.items import services
from annotate.items.services import NewItem
from annotate.media import store
from annotate.media.services import store_file
from annotate.media.serving import disposition, span


@pytest.fixture
def batch(world: Any) -> Any:
    return services.create_batch(world.project, "march", by=world.actor(world.manager))


def _item(world: Any, batch: Any, content: bytes, key: str = "a.jpg") -> int:
    blob = store_file(io.BytesIO(content), organisation_id=world.organisation.pk)
    return services.add_items(batch, [NewItem(key=key, blob_id=blob.pk)], world.actor(world.manager)).accepted[key]


def _body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else bytes(response.content)


def test_headers_let_nothing_act(world: Any, batch: Any, picture: Any) -> None:
    pk = _item(world, batch, picture(), key="a.html")
    response = world.api(world.viewer).get(f"/items/{pk}/media?size=full")
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "immutable" in response["Cache-Control"] and "private" in response["Cache-Control"]
    assert response["Content-Disposition"].startswith("inline; filename=")


def test_the_accept_header_of_an_image_is_fine(world: Any, batch: Any, picture: Any) -> None:
    pk = _item(world, batch, picture())
    assert world.api(world.viewer).get(f"/items/{pk}/media", headers={"Accept": "image/png"}).status_code == 200


@pytest.mark.parametrize(
    "content", [b"<html><script>alert(1)</script></html>", b"<svg onload='x'/>", b"\xff\xd8\xff junk"]
)
def test_what_is_no_picture_is_never_served(world: Any, batch: Any, content: bytes) -> None:
    pk = _item(world, batch, content, key="a.png")
    response = world.api(world.viewer).get(f"/items/{pk}/media?size=full")
    assert response.status_code in (404, 415)
    assert content not in response.content


def test_an_etag_saves_the_bytes(world: Any, batch: Any, picture: Any) -> None:
    pk = _item(world, batch, picture())
    first = world.api(world.viewer).get(f"/items/{pk}/media?size=thumb")
    again = world.api(world.viewer).get(f"/items/{pk}/media?size=thumb", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = world.api(world.viewer).get(f"/items/{pk}/media?size=full", headers={"If-None-Match": first["ETag"]})
    assert other.status_code == 200


def test_ranges_put_together_are_the_whole(world: Any, batch: Any) -> None:
    import numpy as np

    noise = np.random.default_rng(7).integers(0, 255, (500, 700, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, "JPEG", quality=95)
    pk = _item(world, batch, out.getvalue())
    api = world.api(world.viewer)
    whole = _body(api.get(f"/items/{pk}/media?size=full"))
    assert whole == out.getvalue()
    parts, at = b"", 0
    while at < len(whole):
        response = api.get(f"/items/{pk}/media?size=full", headers={"Range": f"bytes={at}-{at + 299_999}"})
        assert response.status_code == 206
        part = _body(response)
        assert response["Content-Range"] == f"bytes {at}-{at + len(part) - 1}/{len(whole)}"
        assert int(response["Content-Length"]) == len(part)
        parts, at = parts + part, at + len(part)
    assert parts == whole
    past = api.get(f"/items/{pk}/media?size=full", headers={"Range": f"bytes={len(whole)}-"})
    assert (past.status_code, past["Content-Range"]) == (416, f"bytes */{len(whole)}")
    stale = api.get(f"/items/{pk}/media?size=full", headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert stale.status_code == 200


def test_head_says_the_size(world: Any, batch: Any, picture: Any) -> None:
    pk = _item(world, batch, picture())
    response = world.api(world.viewer).call("HEAD", f"/items/{pk}/media?size=full")
    assert response.status_code == 200
    assert int(response["Content-Length"]) == len(picture())


def test_spans_of_a_range_header() -> None:
    assert span("bytes=2-4", 10) == (2, 5)
    assert span("bytes=-3", 10) == (7, 10)
    assert span("bytes=-30", 10) == (0, 10)
    assert span("bytes=7-", 10) == (7, 10)
    assert span("bytes=7-99", 10) == (7, 10)
    for whole in (None, "", "bytes=-", "lines=1-2", "bytes=1-2,4-5", "bytes=5-2", "bytes=a-b"):
        assert span(whole, 10) is None
    for outside in ("bytes=10-", "bytes=-0"):
        with pytest.raises(ValueError, match="range"):
            span(outside, 10)


def test_file_names_stay_inside_their_header() -> None:
    for name in ('a"b.jpg', "a;b.jpg", "雨.jpg", "a\r\nSet-Cookie: x", "\u202egpj.exe"):
        header = disposition(name)
        assert header.isascii() and "\n" not in header
        assert header.count('"') == 2


def test_an_unknown_size_or_parameter_is_refused(world: Any, batch: Any, picture: Any) -> None:
    pk = _item(world, batch, picture())
    assert world.api(world.viewer).get(f"/items/{pk}/media?size=huge").json()["fields"]["size"]
    assert world.api(world.viewer).get(f"/items/{pk}/media?filepath=/etc/passwd").status_code == 400


def test_a_reference_says_so(world: Any, batch: Any) -> None:
    added = services.add_items(batch, [NewItem(key="a", uri="s3://bucket/a.jpg")], world.actor(world.manager))
    response = world.api(world.viewer).get(f"/items/{added.accepted['a']}/media")
    assert (response.status_code, response.json()["code"]) == (404, "reference")


def test_a_text_is_served_as_text(world: Any, batch: Any) -> None:
    added = services.add_items(batch, [NewItem(key="a", text="<b>雨</b>")], world.actor(world.manager))
    response = world.api(world.viewer).get(f"/items/{added.accepted['a']}/media")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode() == "<b>雨</b>"
    assert response["Content-Security-Policy"].endswith("sandbox")


def test_bytes_lost_from_the_store_are_a_404(world: Any, batch: Any, picture: Any) -> None:
    pk = _item(world, batch, picture())
    api = world.api(world.viewer)
    assert api.get(f"/items/{pk}/media?size=thumb").status_code == 200
    from annotate.media.models import Blob

    blob = Blob.objects.get()
    folder = store.rendition_folder(blob.organisation_id, blob.hex)
    store.remove(f"{folder}/thumb.jpg")
    assert api.get(f"/items/{pk}/media?size=thumb").status_code == 200
    assert store.exists(f"{folder}/thumb.jpg")
    store.remove(f"{folder}/thumb.jpg")
    store.remove(store.blob_path(blob.organisation_id, blob.hex))
    for size in ("thumb", "full"):
        response = api.get(f"/items/{pk}/media?size={size}")
        assert (response.status_code, response.json()["code"]) == (404, "missing_bytes")
