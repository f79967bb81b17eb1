"""How the OpenAPI document is made: names, groups, shared parameters, errors, and the shapes of answers.

A route documents its own input beside its code (`extend_schema`). What all routes have in common is added here, and the
shapes of answers come from `shapes.py` where a route only says that it answers an object.
"""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema

from workflows.server.answers import RESPONSES
from workflows.server.shapes import LINES, SHAPES, fields_of, page_of, reference

PREFIX = "/api/v1"
_PROBLEM = {"$ref": "#/components/responses/Problem"}
_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "maxLength": 255},
    "description": "Kept for 24 hours or more: the same key and body get the first answer again; another body is refused (422).",
}
_LIST = {
    "cursor": ({"type": "string"}, "`next` of the page before."),
    "limit": ({"type": "integer", "minimum": 1, "maximum": 500}, "Rows of a page."),
    "count": ({"type": "integer", "enum": [0, 1]}, "1 adds `count`, the total."),
}


class SluiceSchema(AutoSchema):
    """One operation, described by its view's class, its docstrings and its `extend_schema`."""

    def get_operation_id(self) -> str:
        """`get_projects_project_items`: method and path, so it is unique and says the address."""
        words = re.findall(r"[A-Za-z0-9]+", self.path.removeprefix(PREFIX))
        return "_".join([self.method.lower(), *words])

    def get_tags(self) -> list[str]:
        """The room whose code answers."""
        return [type(self.view).__module__.split(".")[-2]]

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        """The class's name after its room's: two rooms may each have a `CommentShape`."""
        room = type(serializer).__module__.split(".")[-2].capitalize()
        return room + str(super().get_serializer_name(serializer, direction))

    def get_description(self) -> str:
        method = getattr(type(self.view), self.method.lower(), None)
        own = method.__doc__ or type(self.view).__dict__.get("__doc__")
        return re.sub(r"\s+", " ", own).strip() if own else ""

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        operation["summary"] = operation.get("description", "").split(". ")[0].rstrip(".")
        known = {(each["in"], each["name"]) for each in operation.setdefault("parameters", [])}
        for name in getattr(self.view, "query", ()):
            if ("query", name) not in known:
                operation["parameters"].append({"in": "query", "name": name, "schema": {"type": "string"}})
        if self.method == "GET" and getattr(self.view, "lists", False):
            for name in self.view.list_query:
                schema, words = _LIST[name]
                if ("query", name) not in known:
                    operation["parameters"].append({"in": "query", "name": name, "schema": schema, "description": words})
        if self.method == "POST":
            operation["parameters"].append(_KEY)
        self._answers(operation)
        scopes = getattr(self.view, "scopes", {}).get(self.method)
        if scopes:
            operation["x-token-scopes"] = list(scopes)
        return operation

    def _answers(self, operation: dict[str, Any]) -> None:
        """The shape from the table where the route only says "an object", and the one shape of errors."""
        route = f"{self.method} {self.path.removeprefix(PREFIX)}"
        for status, found in operation["responses"].items():
            shape = RESPONSES.get(f"{route} {status}") or RESPONSES.get(route)
            for kind, content in found.get("content", {}).items():
                schema = content.get("schema", {})
                lists = self.method == "GET" and getattr(self.view, "lists", False)
                bare = schema.get("type") == "object" and not schema.get("properties")
                if shape is not None and bare and status.startswith("2"):
                    content["schema"] = page_of(reference(shape)) if lists else reference(shape)
                elif lists and schema.get("type") == "array":
                    content["schema"] = page_of(schema["items"])
                elif kind == LINES:
                    content["schema"] = {"type": "string", "description": "One JSON object per line."}
            found.setdefault("description", "")
            found["description"] = found["description"] or _STATUS.get(status, "")
        operation["responses"]["4XX"] = _PROBLEM


_STATUS = {
    "200": "Done.", "201": "Made.", "202": "Accepted: a job follows it up.", "204": "Done, nothing to say.",
    "206": "The part asked for.", "304": "Unchanged.",
}  # fmt: skip


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """`Authorization: Bearer slc_…`, or the session's cookie with its CSRF token."""

    target_class = "annotate.people.auth.SluiceAuthentication"
    name = ["token", "session"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        return [
            {"type": "http", "scheme": "bearer", "bearerFormat": "slc_…"},
            {"type": "apiKey", "in": "cookie", "name": "sluice_session"},
        ]


class _PersonName(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """A person by id or by name, wherever an input takes one."""

    target_class: Any = None

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return {"oneOf": [{"type": "integer"}, {"type": "string"}], "description": "A person's id or name."}


class MemberName(_PersonName):  # type: ignore[no-untyped-call]
    target_class = "annotate.projects.person_field.PersonName"


class QueueMemberName(_PersonName):  # type: ignore[no-untyped-call]
    target_class = "annotate.queues.api.PersonName"


def shared_parts(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Spectacular's last hook: the shapes that operations refer to, and the shape of every error."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {}).update({name: fields_of(fields) for name, fields in SHAPES.items()})
    components.setdefault("responses", {})["Problem"] = {
        "description": "What was wrong, where, and its mend (RFC 9457).",
        "content": {"application/problem+json": {"schema": reference("Problem")}},
    }
    components["schemas"] = dict(sorted(components["schemas"].items()))
    return result
