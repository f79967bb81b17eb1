"""The OpenAPI document: made without a warning, whole, true to what the server answers, and never poorer than it was.

`openapi.txt` keeps each operation with its parameters, the fields of its body and those of its answers. Additions are free,
but the list must be renewed with them:

    SLUICE_RENEW=1 python manage.py test tests/contracts/test_openapi.py

What goes or is renamed breaks outside clients: it shows as a removed line in the diff of `openapi.txt`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from tests.contracts.conftest import Line
from tests.contracts.routes import API, routes
from tests.contracts.test_who_sees_what import Asking

KEPT = Path(__file__).with_name("openapi.txt")
TYPES = {"integer": int, "number": (int, float), "string": str, "boolean": bool, "object": dict, "array": list}
# Answers whose shape is the user's own: a label schema, a document, a stream.
FREE: set[str] = set()


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    from drf_spectacular.generators import SchemaGenerator

    return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-any-return,no-untyped-call]


def resolve(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return resolve(document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]], document)
    if len(schema.get("allOf", ())) == 1:
        return resolve(schema["allOf"][0], document) | {"nullable": schema.get("nullable", False)}
    return schema


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path.removeprefix(API)): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def content(part: dict[str, Any]) -> dict[str, Any]:
    kinds = part.get("content", {})
    found: dict[str, Any] = next(iter(kinds.values()), {}).get("schema", {})
    return found


def fields(schema: dict[str, Any], document: dict[str, Any]) -> str:
    real = resolve(schema, document)
    if real.get("type") == "array":
        return f"[{fields(real['items'], document)}]"
    required = real.get("required", ())
    names = []
    for name, part in sorted(real.get("properties", {}).items()):
        inner = f"[{fields(part['items'], document)}]" if name == "results" else ""
        names.append(f"{name}{'' if name in required else '?'}{inner}")
    return " ".join(names) or real.get("type", "any")


def lines(document: dict[str, Any]) -> list[str]:
    """One operation per line, in a fixed order, without words."""
    out = []
    for (method, path), operation in sorted(operations(document).items(), key=lambda each: (each[0][1], each[0][0])):
        query = " ".join(sorted(each["name"] for each in operation["parameters"] if each["in"] == "query"))
        body = fields(content(operation["requestBody"]), document) if "requestBody" in operation else ""
        answers = [f"{status}: {fields(content(answer), document) if answer.get('content') else '-'}"
                   for status, answer in sorted(operation["responses"].items()) if status != "4XX"]  # fmt: skip
        out.append(" | ".join([f"{method} {path}", f"?{query}", f"body: {body}", *answers]))
    return out


def test_the_document_is_made_without_a_warning(tmp_path: Path) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "openapi.yml"))


def test_every_route_of_the_api_is_in_the_document(document: dict[str, Any]) -> None:
    there = set(operations(document))
    missing = [
        (method, route.path)
        for route in routes()
        if route.api and route.path != f"{API}/schema"
        for method in route.methods
        if (method, route.path.removeprefix(API)) not in there
    ]
    assert not missing


def test_every_operation_says_what_it_does_and_what_it_answers(document: dict[str, Any]) -> None:
    silent, shapeless = [], []
    for (method, path), operation in operations(document).items():
        if len(operation.get("description", "")) < 10:
            silent.append(f"{method} {path}: a docstring on the method")
        for status, answer in operation["responses"].items():
            schema = resolve(content(answer), document) if answer.get("content") else None
            bare = schema is not None and schema.get("type") in (None, "object") and not schema.get("properties")
            if bare and "oneOf" not in schema and f"{method} {path}" not in FREE:  # type: ignore[operator]
                shapeless.append(f"{method} {path} {status}: a line in workflows/server/answers.py, or a serializer")
    assert not silent and not shapeless, "\n".join([*silent, *shapeless])


def test_operations_have_names_of_their_own(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(document).values()]
    assert len(names) == len(set(names))


def test_nothing_of_the_contract_went(document: dict[str, Any]) -> None:
    now = lines(document)
    if os.environ.get("SLUICE_RENEW"):
        KEPT.write_text("\n".join(now) + "\n")
    kept = KEPT.read_text().splitlines()
    gone, new = [line for line in kept if line not in now], [line for line in now if line not in kept]
    assert now == kept, "see the top of this file; gone or changed:\n" + "\n".join(gone) + "\nnew:\n" + "\n".join(new)


def unlike(found: Any, schema: dict[str, Any], document: dict[str, Any], path: str = "") -> list[str]:
    """Where an answer is not of its documented shape."""
    real = resolve(schema, document)
    if found is None:
        return [] if real.get("nullable") or "type" not in real or None in real.get("enum", ()) else [f"{path}: null"]
    kind = TYPES.get(real.get("type", ""))
    if kind is not None and (not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool)):
        return [f"{path}: {type(found).__name__}, documented {real['type']}"]
    if isinstance(found, list):
        return [wrong for index, row in enumerate(found) for wrong in unlike(row, real.get("items", {}), document, f"{path}[{index}]")]
    parts = real.get("properties")
    if not isinstance(found, dict) or not parts:
        return []
    wrong = [f"{path}.{name}: not documented" for name in found if name not in parts]
    wrong += [f"{path}.{name}: missing" for name in real.get("required", ()) if name not in found]
    return wrong + [each for name in found if name in parts for each in unlike(found[name], parts[name], document, f"{path}.{name}")]


@pytest.mark.django_db
@pytest.mark.slow
def test_answers_have_the_documented_shapes(line: Line, document: dict[str, Any]) -> None:
    """Every call that the owner, or who holds the lease, may make is made, and its answer held against the document."""
    asking, wrong, checked = Asking(line), [], 0
    for (method, path), operation in operations(document).items():
        if not set(re.findall(r"\{(\w+)\}", path)) <= set(line.ids):
            continue
        for caller in ("owner", "annotator"):
            for status, body in asking.answer(method, f"{API}{path}", caller):
                shape = content(operation["responses"].get(status, {}))
                checked += 1
                wrong += [f"{method} {path} {status} {each}" for each in unlike(body, shape, document)]
                assert shape, f"{method} {path} answers {status}, which is not documented"
    assert not wrong, "\n".join(sorted(set(wrong)))
    assert checked > 40


@pytest.mark.django_db
def test_the_document_and_its_pages_are_open_and_need_no_other_host() -> None:
    assert Client().get(f"{API}/schema").status_code == 200
    body = Client().get(f"{API}/docs").content.decode()
    assert "/queues/{queue}/next" in body and not re.search(r"(?:src|href)=\"(?:https?:)?//", body)


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["application/vnd.oai.openapi", "application/yaml", "application/vnd.oai.openapi+json", "application/json"])
def test_a_document_that_is_kept_is_the_one_that_is_made(form: str) -> None:
    """With an indent of one's own, even the usual one, it is made anew."""
    client = Client()
    for language in ("en", "zh-hans"):
        made, first, kept = (client.get(f"{API}/schema?lang={language}", headers={"Accept": accepted}) for accepted in (f"{form}; indent=4", form, form))
        assert made.content == first.content == kept.content
        assert made.headers["Content-Type"] == kept.headers["Content-Type"]
        assert made.headers["Content-Disposition"] == kept.headers["Content-Disposition"]
