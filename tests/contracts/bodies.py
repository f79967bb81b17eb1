"""What the matrix sends with each writing call: enough to be carried out, so that only permission decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.contracts.conftest import Line, document

PICTURE = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

BODIES: dict[str, Callable[[Line], Any]] = {
    "PATCH /me": lambda line: {"preferences": {"keys": {"submit": ["ctrl+m"]}}},
    "POST /organisations": lambda line: {"name": "Third", "owner": {"name": "third"}},
    "POST /people": lambda line: {"name": "newcomer", "organisation": line.world.organisation.pk},
    "POST /people/invite": lambda line: {"csv": "name,project\nfresh,streets\n", "organisation": line.world.organisation.pk},
    "PATCH /people/{person}": lambda line: {"email": "v@example.org"},
    "POST /teams": lambda line: {"name": "day", "project": line.world.project.pk},
    "PUT /batches/{batch}/collectors": lambda line: {"collectors": [{"person": "collector", "target": 5}]},
    "POST /batches/{batch}/assign": lambda line: {"team": line.ids["team"]},
    "PATCH /teams/{team}": lambda line: {"kind": "vendor"},
    "POST /tokens": lambda line: {"name": "t", "scopes": ["read"]},
    "POST /projects": lambda line: {"name": "another", "media": "image", "schema": line.world.schema},
    "PATCH /projects/{project}": lambda line: {"name": "avenues"},
    "POST /projects/{project}/schemas": lambda line: {"labels": [*line.world.schema["labels"], {"name": "tram", "kinds": ["box"]}]},
    "POST /projects/{project}/schema-changes": lambda line: {"operations": [{"op": "rename_label", "from": "car", "to": "auto"}]},
    "POST /projects/{project}/schema-changes/preview": lambda line: {"operations": [{"op": "rename_label", "from": "car", "to": "auto"}]},
    "POST /projects/{project}/members": lambda line: {"person": line.world.viewer.pk, "role": "reviewer"},
    "PATCH /projects/{project}/members/{person}": lambda line: {"role": "reviewer"},
    "POST /projects/{project}/batches": lambda line: {"name": "april"},
    "PATCH /batches/{batch}": lambda line: {"name": "may"},
    "DELETE /items/{item}": lambda line: {"reason": "asked for"},
    "POST /projects/{project}/queues": lambda line: {"name": "more", "stage": "annotate"},
    "PATCH /queues/{queue}": lambda line: {"priority": 3},
    "POST /projects/{project}/bulk": lambda line: {"act": "void", "queue": line.ids["queue"]},
    "POST /projects/{project}/bulk/preview": lambda line: {"act": "assign", "person": line.world.annotator2.pk},
    "POST /queues/{queue}/reservations": lambda line: {"items": [line.ids["free_item"]], "person": line.world.annotator2.pk},
    "PUT /leases/{lease}/draft": lambda line: {"revision": 0, "annotation": document()},
    "POST /leases/{lease}/submit": lambda line: {"annotation": document()},
    "POST /leases/{lease}/review": lambda line: {"verdict": "accept"},
    "POST /items/{item}/comments": lambda line: {"text": "look"},
    "POST /leases/{lease}/frame": lambda line: {"item": line.ids["item"]},
    "PUT /leases/{lease}/frames": lambda line: {"frames": [{"item": line.ids["item"]}]},
    "POST /leases/{lease}/ask": lambda line: {"text": "is it?"},
    "POST /questions/{question}/answer": lambda line: {"text": "it is"},
    "POST /projects/{project}/guidelines": lambda line: {"text": "closer"},
    "POST /projects/{project}/guidelines/seen": lambda line: {"number": 1},
    "POST /items/{item}/withdraw": lambda line: {"reason": "wrong"},
    "POST /versions/{version}/withdraw": lambda line: {"reason": "wrong"},
    "POST /projects/{project}/slices": lambda line: {"name": "cars", "q": "label = car"},
    "POST /projects/{project}/datasets": lambda line: {"name": "set"},
    "POST /datasets/{dataset}/versions": lambda line: {"q": "", "message": "more", "splits": {"train": 1.0}, "by": "item"},
    "POST /datasets/{dataset}/tags": lambda line: {"name": "gold", "version": line.ids.get("version")},
    "POST /versions/{version}/exports": lambda line: {"format": "jsonl"},
}
FORMS: dict[str, dict[str, Any]] = {
    "POST /language": {"language": "en", "next": "/"},
    "POST /people": {"name": "", "role": "member"},
    "POST /teams/{team}/change": {"name": "day"},
    "POST /p/{project}/settings/name": {"name": "avenues"},
    "POST /p/{project}/settings/labels/preview": {"l0-act": "rename", "l0-to": "auto"},
    "POST /p/{project}/settings/labels/apply": {"operations": '[{"op": "rename_label", "from": "car", "to": "auto"}]'},
    "POST /p/{project}/settings/members/{person}": {"role": "reviewer"},
    "POST /questions/{question}/answer": {"text": "it is"},
    "POST /p/{project}/people/{person}/pause": {"act": "pause"},
    "POST /p/{project}/guidelines/save": {"text": "closer"},
    "POST /p/{project}/guidelines/preview": {"text": "closer"},
    "POST /p/{project}/guidelines/read": {"number": "1"},
    "POST /p/{project}/settings/skip-reasons": {"reasons": "fog"},
    "POST /p/{project}/settings/archive": {"archived": "1"},
    "POST /p/{project}/bulk": {"act": "void", "step": "do"},
    "POST /items/{item}/comments": {"text": "look"},
    "POST /items/{item}/withdraw": {"reason": "wrong"},
    "POST /items/{item}/erase": {"reason": "asked for"},
    "POST /p/{project}/batches": {"name": "april"},
    "POST /batches/{batch}/change": {"name": "may"},
    "POST /p/{project}/datasets": {"name": "set"},
    "POST /versions/{version}/exports": {"format": "jsonl", "media": "reference"},
    "POST /versions/{version}/tags": {"name": "best"},
    "POST /people/{person}/active": {"active": "0"},
}
QUERIES: dict[str, str] = {
    "POST /batches/{batch}/import": "?format=coco",
    "GET /datasets/{dataset}/diff": "?from=1&to=1",
    "GET /versions/{version}/delta": "?since=1",
}
