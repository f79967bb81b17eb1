"""Help and the API's reference: open to all, in the words of the product, with every field that search knows."""

from __future__ import annotations

import pytest
from django.test import Client

from annotate.search.compile import compile_query
from annotate.search.explain import explain
from workflows.insight.reference import document, groups

pytestmark = pytest.mark.django_db


def test_help_names_every_field_of_the_query_language() -> None:
    body = Client().get("/help").content.decode()
    missing = [field.name for field in explain() if field.name.replace("<", "&lt;").replace(">", "&gt;") not in body]
    assert not missing and len(explain()) > 15


def test_the_examples_of_help_are_queries(world: object) -> None:
    import re
    from html import unescape

    body = Client().get("/help").content.decode()
    section = body[body.index('id="query"') :]
    for example in re.findall(r'<div class="copy"><code>(.*?)</code>', section):
        compile_query(unescape(example), world.project.pk)  # type: ignore[attr-defined]


def test_the_reference_shows_every_operation_with_a_line_to_copy() -> None:
    body = Client().get("/api/v1/docs").content.decode()
    shown = [operation for group in groups(document(), "http://testserver") for operation in group.operations]
    paths = document()["paths"]
    assert len(shown) == sum(len(methods) for methods in paths.values())
    for operation in shown:
        assert f'id="{operation.id}"' in body, operation.path
    assert body.count("curl -H") >= len(shown)


def test_help_is_there_in_chinese() -> None:
    body = Client(headers={"Accept-Language": "zh-hans"}).get("/help").content.decode()
    assert "流水线" in body and '<html lang="zh-hans"' in body


def test_the_reference_is_light() -> None:
    assert len(Client().get("/api/v1/docs").content) < 450_000
