"""The OpenAPI document as one page: operations in groups, parameters, bodies, and a curl line to copy. No foreign host."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator

from annotate.kernel.pages import PageRequest, open_page, render_page

METHODS = ("get", "post", "put", "patch", "delete")
PREFIX = "/api/v1"
DEEPEST = 4


@dataclass(frozen=True)
class Parameter:
    name: str
    place: str
    type: str
    required: bool
    words: str


@dataclass(frozen=True)
class Answer:
    """`fields` in a line, those of the rows in brackets: "next results[id name]"."""

    status: str
    fields: str


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: str
    words: str
    parameters: list[Parameter]
    body: list[Parameter]
    body_type: str
    answers: list[Answer]
    scopes: str
    example: str

    @property
    def summary(self) -> str:
        return self.words.split(". ")[0].rstrip(".")


@dataclass(frozen=True)
class Group:
    name: str
    operations: list[Operation]


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The OpenAPI document; routes do not change while a process runs."""
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


def _resolve(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    if not reference and len(schema.get("allOf", ())) == 1:
        reference = schema["allOf"][0].get("$ref")
    if not reference:
        return schema
    found: Mapping[str, Any] = whole["components"]["schemas"].get(str(reference).rsplit("/", 1)[-1], {})
    return found


def _type(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> str:
    real = _resolve(schema, whole)
    if real.get("enum"):
        return " | ".join(json.dumps(value) for value in real["enum"])
    kind = real.get("type", "object")
    if isinstance(kind, list):
        kind = " | ".join(kind)
    if kind == "array":
        return f"[{_type(real.get('items', {}), whole)}]"
    return str(real.get("format") or kind) if kind == "string" and real.get("format") else str(kind)


def _example(schema: Mapping[str, Any], whole: Mapping[str, Any], depth: int = 0) -> Any:
    real = _resolve(schema, whole)
    if real.get("enum"):
        return real["enum"][0]
    kind = real.get("type")
    if kind == "array":
        return [_example(real.get("items", {}), whole, depth + 1)] if depth < DEEPEST else []
    if kind in ("integer", "number"):
        return 1
    if kind == "boolean":
        return True
    if kind == "string":
        return "2026-01-01T00:00:00Z" if real.get("format") == "date-time" else "…"
    required = set(real.get("required", ()))
    parts = real.get("properties", {})
    wanted = [name for name in parts if name in required] or list(parts)[:3]
    return {name: _example(parts[name], whole, depth + 1) for name in wanted} if depth < DEEPEST else {}


def _body(operation: Mapping[str, Any], whole: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    content = operation.get("requestBody", {}).get("content", {})
    for kind in ("application/json", *content):
        if kind in content:
            return kind, content[kind].get("schema", {})
    return "", {}


def _fields(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> list[Parameter]:
    real = _resolve(schema, whole)
    required = set(real.get("required", ()))
    return [
        Parameter(name, "body", _type(part, whole), name in required, str(_resolve(part, whole).get("description", "")))
        for name, part in real.get("properties", {}).items()
    ]


def _names(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> str:
    real = _resolve(schema, whole)
    if real.get("type") == "array":
        return f"[{_names(real.get('items', {}), whole)}]"
    rows = real.get("properties", {})
    return ", ".join(f"{name}[{_names(part['items'], whole)}]" if name == "results" else name for name, part in rows.items())


def _answer(status: str, answer: Mapping[str, Any], whole: Mapping[str, Any]) -> Answer:
    content = answer.get("content", {})
    kind = next(iter(content), "")
    fields = _names(content[kind].get("schema", {}), whole) if kind else ""
    return Answer(status, fields or kind)


def _curl(method: str, route: str, kind: str, schema: Mapping[str, Any], whole: Mapping[str, Any], server: str) -> str:
    parts = ['curl -H "Authorization: Bearer $TOKEN"']
    if method != "get":
        parts.append(f"-X {method.upper()}")
    if kind == "application/json":
        body = json.dumps(_example(schema, whole), ensure_ascii=False)
        parts.append(f"-H 'Content-Type: application/json' -d '{body}'")
    elif kind.startswith("multipart/"):
        parts.append("-F files=@FILE")
    elif kind:
        parts.append(f"-H 'Content-Type: {kind}' --data-binary @FILE")
    return f"{' '.join(parts)} '{server}{route}'"


def _operation(method: str, route: str, operation: Mapping[str, Any], whole: Mapping[str, Any], server: str) -> Operation:
    kind, schema = _body(operation, whole)
    parameters = [
        Parameter(each["name"], each["in"], _type(each.get("schema", {}), whole), bool(each.get("required")), str(each.get("description", "")))
        for each in operation.get("parameters", ())
    ]
    answers = [_answer(status, answer, whole) for status, answer in operation.get("responses", {}).items() if status != "4XX"]
    return Operation(
        f"{method}-{route.removeprefix(PREFIX).strip('/').replace('/', '-').replace('{', '').replace('}', '')}",
        method.upper(),
        route.removeprefix(PREFIX),
        str(operation.get("description") or operation.get("summary") or ""),
        parameters,
        _fields(schema, whole),
        kind,
        answers,
        ", ".join(operation.get("x-token-scopes", ())),
        _curl(method, route, kind, schema, whole, server),
    )


def groups(whole: Mapping[str, Any], server: str) -> list[Group]:
    """The operations by the first word of their path, in the order of the alphabet."""
    out: dict[str, list[Operation]] = {}
    for route, methods in sorted(whole.get("paths", {}).items()):
        name = route.removeprefix(PREFIX).strip("/").split("/")[0] or "/"
        for method in METHODS:
            if method in methods:
                out.setdefault(name, []).append(_operation(method, route, methods[method], whole, server))
    return [Group(name, operations) for name, operations in out.items()]


@open_page
def reference(request: PageRequest) -> HttpResponse:
    server = f"{request.scheme}://{request.get_host()}"
    return render_page(request, "insight/reference.html", {"groups": groups(document(), server), "server": server}, section="help")
