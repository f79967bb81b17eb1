"""Measured facts as fields of queries: each means what was measured, and what has none is neither more nor less."""

from __future__ import annotations

import json
import operator
from typing import Any

import pytest

from annotate.items.models import Item
from annotate.items.services import NewItem, add_items, create_batch
from annotate.projects.services import create
from annotate.search.compile import compile_query
from annotate.search.errors import QueryError
from workflows.cleaning.models import PictureFacts, TextFacts

pytestmark = pytest.mark.django_db
COLUMNS = {"brightness": "bright_p99", "blur": "blur", "contrast": "contrast", "information": "information"}
SIGNS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, "!=": operator.ne}
TEXTS = {"en": "The weather was fine and we walked along the river until the evening.", "de": "Das Wetter war schön und wir gingen bis zum Abend am Fluss entlang.", "marks": "!!! ??? ... ###", "": ""}


def matching(q: str, project: Any) -> set[str]:
    return set(Item.objects.filter(compile_query(q, project.pk), project=project).values_list("key", flat=True))


@pytest.fixture
def pictures(world: Any, picture: Any, collected: Any) -> Any:
    """Three grey tones, the darkest twice, and one item without bytes."""
    batch = collected({f"{tone}.png": picture(color=(tone, tone, tone)) for tone in (8, 120, 240)} | {"again.png": picture(color=(8, 8, 8))})
    add_items(batch, [NewItem(key="away", uri="s3://b/away.jpg", width=9, height=9)], by=world.actor(world.manager))
    return batch


@pytest.fixture
def texts(world: Any, run_jobs: Any) -> Any:
    project = create("texts", media="text", schema={"labels": [{"name": "PER", "kinds": ["span"]}]}, organisation_id=world.organisation.pk, by=world.actor(world.owner))
    batch = create_batch(project, "march", by=world.actor(world.owner))
    body = "\n".join(json.dumps({"key": f"t{key}", "text": text}) for key, text in TEXTS.items() if text).encode()
    assert world.api(world.owner).client.post(f"/api/v1/batches/{batch.pk}/manifest", data=body, content_type="application/x-ndjson").status_code == 202
    run_jobs()
    return batch


@pytest.mark.parametrize("field", COLUMNS)
def test_numbers_of_pictures_compare_as_numbers_do(pictures: Any, world: Any, field: str) -> None:
    known = dict(PictureFacts.objects.exclude(**{COLUMNS[field]: None}).values_list("blob__items__key", COLUMNS[field]))
    assert len(known) == 4
    for line in sorted({0.0, 0.3, *(round(value, 3) + 0.001 for value in known.values())}):
        for sign in ("<", "<=", ">", ">="):
            assert matching(f"{field} {sign} {line}", world.project) == {key for key, value in known.items() if SIGNS[sign](value, line)}, (sign, line)
        assert matching(f"not {field} < {line}", world.project) == {key for key, value in known.items() if not value < line} | {"away"}


def test_what_was_never_measured_is_neither_more_nor_less(pictures: Any, world: Any) -> None:
    assert matching("not brightness >= 0", world.project) == {"away"}
    assert matching("blur >= 0 and brightness < 0.1", world.project) == {"8.png", "again.png"}


@pytest.mark.parametrize("field", ["characters", "words", "symbols", "repetition"])
def test_numbers_of_texts_compare_as_numbers_do(texts: Any, field: str) -> None:
    column = {"repetition": "repeated"}.get(field, field)
    known = {bytes(digest): value for digest, value in TextFacts.objects.values_list("sha256", column)}
    items = {item.key: known[bytes(item.sha256 or b"")] for item in texts.items.all()}
    for line in (0, 1, 5, 12):
        for sign in ("<", ">", ">="):
            assert matching(f"{field} {sign} {line}", texts.project) == {key for key, value in items.items() if value is not None and SIGNS[sign](value, line)}


def test_a_text_is_found_by_its_language_and_its_length(texts: Any) -> None:
    assert matching('language = "en"', texts.project) == {"ten"} and matching("language in (en, de)", texts.project) == {"ten", "tde"}
    assert matching("language != en", texts.project) >= {"tde"}
    assert matching(f"characters = {len(TEXTS['de'])}", texts.project) == {"tde"}


@pytest.mark.parametrize("field", COLUMNS)
def test_null_is_what_has_no_such_fact(pictures: Any, world: Any, field: str) -> None:
    PictureFacts.objects.filter(blob__items__key="8.png").update(**{COLUMNS[field]: None})
    nothing, every = {"8.png", "again.png", "away"}, {"8.png", "again.png", "away", "120.png", "240.png"}  # the first two are of one content
    assert matching(f"{field} = null", world.project) == nothing and matching(f"{field} != null", world.project) == every - nothing
    PictureFacts.objects.filter(blob__items__key="240.png").update(**{COLUMNS[field]: 0.5})
    assert matching(f"{field} in (null, 0.5)", world.project) == nothing | {"240.png"}
    assert matching(f"not {field} in (null, 0.5)", world.project) == {"120.png"}


def test_null_of_texts_is_a_text_that_tells_none_and_every_picture(texts: Any, pictures: Any, world: Any) -> None:
    assert matching("language = null", texts.project) == {"tmarks"} and matching("language != null", texts.project) == {"ten", "tde"}
    assert matching("characters = null", texts.project) == set() and len(matching("characters = null", world.project)) == 5
    TextFacts.objects.all().delete()
    assert matching("words = null and symbols = null and language in (null, en)", texts.project) == {"ten", "tde", "tmarks"}


def test_facts_of_another_organisation_tell_nothing(world: Any, texts: Any) -> None:
    add_items(create_batch(world.other_project, "theirs", by=world.actor(world.outsider)), [NewItem(key="x", text=TEXTS["en"])], by=world.actor(world.outsider))
    assert matching('language = "en"', world.other_project) == set() and matching("characters > 0", world.other_project) == set()


@pytest.mark.parametrize(
    ("q", "column"),
    [("blur < soft", 8), ("brightness ~ 3", 12), ("characters > 1.5", 14), ('blur < "0.3"', 8), ("contrast <", 11), ("blurr < 0.3", 1), ("blur < null", 8), ("language > 3", 10)],
)
def test_what_cannot_be_asked_is_refused_at_its_column(world: Any, q: str, column: int) -> None:
    with pytest.raises(QueryError) as error:
        compile_query(q, world.project.pk)
    assert error.value.extra["column"] == column, error.value.detail
    answer = world.api(world.manager).get(f"/projects/{world.project.pk}/items", data=None, QUERY_STRING=f"q={q}")
    assert answer.status_code == 400
