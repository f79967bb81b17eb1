"""Guidelines: versions, safe HTML, pictures, and who has read what."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from annotate.kernel.errors import Denied, Invalid
from annotate.projects import guidelines
from annotate.projects.markdown import to_html
from annotate.projects.models import Guideline

pytestmark = pytest.mark.django_db


def write(world: Any, text: str = "Draw close.", **more: Any) -> Guideline:
    return guidelines.change(world.project, text, by=world.actor(world.manager), **more)


def test_every_change_is_a_version_and_no_change_is_none(world: Any) -> None:
    first = write(world)
    assert write(world).pk == first.pk
    assert (first.number, write(world, "Draw closer.").number) == (1, 2)
    assert list(Guideline.objects.order_by("number").values_list("text", flat=True)) == ["Draw close.", "Draw closer."]


def test_only_managers_write(world: Any) -> None:
    for person in (world.reviewer, world.annotator, world.viewer):
        with pytest.raises(Denied):
            guidelines.change(world.project, "x", by=world.actor(person))


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt&#58;alert(1))",
        "![x](https://elsewhere.example/x.png)",
        "[x](data:text/html,<script>alert(1)</script>)",
        '<a href="javascript:alert(1)">x</a>',
        "[a]: javascript:alert(1)\n\n[a]",
        "`<script>`\n\n```<b>\n<script>\n```",
        '[x](https://a.example "onmouseover=alert(1)\\"><script>")',
    ],
)
def test_nothing_that_acts_gets_through(text: str) -> None:
    html = to_html(text)
    assert "<script" not in html and "<img" not in html and "onerror=alert" not in html.replace("&lt;img src=x onerror=alert", "")
    assert 'href="javascript' not in html.lower() and 'href="data' not in html.lower()


def test_what_markdown_is_for_works() -> None:
    html = to_html("# Cars\n\n- **vans** too\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[site](https://example.org)")
    assert "<h1>Cars</h1>" in html and "<strong>vans</strong>" in html and "<table>" in html
    assert 'rel="noopener noreferrer nofollow"' in html and 'href="https://example.org"' in html


def test_a_change_is_read_once_by_each(world: Any) -> None:
    write(world)
    actor = world.actor(world.annotator)
    assert guidelines.seen(actor, world.project) == 0
    assert guidelines.seen(world.actor(world.manager), world.project) == 1
    assert guidelines.acknowledge(world.project, 1, by=actor) == 1
    write(world, "More.")
    assert guidelines.acknowledge(world.project, 99, by=actor) == 2
    assert guidelines.acknowledge(world.project, 1, by=actor) == 2
    with pytest.raises(Invalid):
        guidelines.acknowledge(world.project, 0, by=actor)


def test_wrong_examples_are_named(world: Any) -> None:
    with pytest.raises(Invalid) as refused:
        write(world, examples=[{"label": "car", "text": "fine"}, {"label": "car", "picture": 999}])
    assert set(refused.value.fields) == {"examples[1].picture"}
    assert not Guideline.objects.exists()


def test_an_item_shows_its_part_until_it_is_erased(world: Any, make_items: Any) -> None:
    from annotate.items.erasure import erase

    [item] = make_items(1)
    made = guidelines.add_example(
        world.project, label="car", good=True, text="close", item_id=item.pk, shape={"kind": "box", "box": [10, 10, 20, 12]}, by=world.actor(world.manager)
    )
    api = world.api(world.annotator2)
    [row] = api.get(f"/projects/{world.project.pk}/guidelines").json()["results"]
    [example] = row["examples"]
    url = example["url"].removeprefix("/api/v1")
    shown = api.get(url)
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(shown.content)).size[0] <= 64
    assert world.api(world.outsider).get(url).status_code == 404
    erase(item, reason="asked for", by=world.actor(world.owner))
    assert api.get(url).status_code == 404
    assert made.number == 1


def test_the_bundle_says_which_version_counts_and_which_was_read(world: Any, make_items: Any) -> None:
    from annotate.queues.services import create_queue

    make_items(1)
    queue = create_queue(world.project, "q", stage="annotate", by=world.actor(world.owner))
    api = world.api(world.annotator)
    assert api.post(f"/queues/{queue.pk}/next").json()["guidelines"] is None
    write(world)
    assert api.post(f"/queues/{queue.pk}/next").json()["guidelines"] == {"number": 1, "seen": 0}
    assert api.post(f"/projects/{world.project.pk}/guidelines/seen", {"number": 1}).json() == {"seen": 1}
    assert api.post(f"/queues/{queue.pk}/next").json()["guidelines"] == {"number": 1, "seen": 1}


def test_the_routes_write_and_read(world: Any) -> None:
    place = f"/projects/{world.project.pk}/guidelines"
    made = world.api(world.manager).post(place, {"text": "# Close", "message": "first", "examples": [{"label": "car", "good": False, "text": "loose"}]})
    assert made.status_code == 201, made.content
    assert made.json()["html"] == "<h1>Close</h1>\n"
    assert world.api(world.annotator).post(place, {"text": "x"}).status_code == 403
    [row] = world.api(world.collector).get(place).json()["results"]
    assert (row["number"], row["author"], row["examples"][0]["good"]) == (1, "manager", False)
