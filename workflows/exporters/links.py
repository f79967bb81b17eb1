"""Signed addresses of an export's files: for readers that send no token, such as `load_dataset("parquet", data_files=[…])`.

A link speaks for whoever asked for it, by the token that they asked with: it is dead after its time, when the token is revoked
or has expired, when the person may not pull any more, and when the file was made anew because an item was erased.

Where bytes lie in a bucket, a link of at most an hour is the store's own: bytes do not pass through this server, and nothing but their
deletion (as by an erasure) takes it back. Longer ones are always ours.
"""

from __future__ import annotations

import time
from urllib.parse import quote

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from annotate.kernel.errors import Gone, Missing, SluiceError
from annotate.kernel.middleware import error_page
from annotate.media import store
from annotate.media.serving import disposition, serve
from annotate.people.actor import Actor
from annotate.people.auth import actor_behind
from workflows.exporters import queries
from workflows.exporters.files import kind_of
from workflows.releases.models import Export

LONGEST = 7 * 24 * 3600  # seconds
LONGEST_AT_STORE = 3600  # of a link that cannot be taken back
SCOPES = ("read", "export", "manage")
_SIGNER = signing.Signer(salt="sluice.export.file", sep="~")


def signed(actor: Actor, export: Export, file_id: int, name: str, *, seconds: int) -> str:
    """The path of a link to the file for so many seconds."""
    until = int(time.time()) + seconds
    held = f"{export.pk}.{file_id}.{export.version.dataset.project.organisation_id}.{actor.person_id}.{actor.token_id or 0}.{until}"
    return f"/signed/{_SIGNER.sign(held)}/{quote(name)}"


def at_store(stored: str, name: str, *, seconds: int) -> str | None:
    """The object store's own link to a file of an export; None where there is none, or for so long."""
    if seconds > LONGEST_AT_STORE:
        return None
    shown = disposition(name.rpartition("/")[2], download=True)
    return store.link(stored, seconds=seconds, type=kind_of(name), disposition=shown)


def opened(link: str, name: str) -> queries.Stored:
    """The file of a link; `Missing` for one that was made up or whose owner may not pull any more, `Gone` after its time."""
    try:
        export_id, file_id, organisation, person, token, until = map(int, _SIGNER.unsign(link).split("."))
    except (signing.BadSignature, ValueError) as error:
        raise Missing() from error
    if time.time() > until:
        raise Gone(_("This link was good for a time that is over; ask for a new one."), code="expired")
    actor = actor_behind(person, token_id=token or None, organisation_id=organisation)
    if actor is None or not actor.has_scope(*SCOPES):
        raise Missing()
    return queries.find_file(actor, export_id, name, file_id=file_id)


@require_safe
def signed_file(request: HttpRequest, link: str, name: str) -> HttpResponseBase:
    """Without sign-in. ETag is the sha256; takes Range, If-Range, If-None-Match and HEAD."""
    try:
        found = opened(link, name)
        file_name = name.rpartition("/")[2]
        response = serve(request, found.place, type=kind_of(name), etag=found.sha256.hex(), name=file_name, download=True, cache="private, no-cache")
    except FileNotFoundError:
        return error_page(request, Missing(code="missing_bytes"))
    except SluiceError as error:
        refused: HttpResponse = error_page(request, error)
        return refused
    response["Referrer-Policy"] = "no-referrer"
    return response


page_routes = [path("signed/<str:link>/<path:name>", signed_file)]
