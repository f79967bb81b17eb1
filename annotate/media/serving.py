"""Stored bytes as a response: whole or by Range, never changed for an address, in a type that the server chose.

No stored byte can act in a browser: `nosniff`, and a content policy that allows nothing, in a sandbox.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO
from urllib.parse import quote

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from annotate.kernel.errors import SluiceError
from annotate.kernel.http import problem
from annotate.media import store

CHUNK = 256 * 1024
POLICY = "default-src 'none'; sandbox"
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def span(header: str | None, size: int) -> tuple[int, int] | None:
    """(start, end) of a Range header, end exclusive; None for the whole; ValueError when it lies outside.

    >>> span("bytes=2-4", 10), span("bytes=-3", 10), span("bytes=7-", 10), span("lines=1-2", 10)
    ((2, 5), (7, 10), (7, 10), None)
    """
    found = _RANGE.fullmatch((header or "").replace(" ", ""))
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        if int(last) == 0:
            raise ValueError("an empty range")
        return max(0, size - int(last)), size
    start, end = int(first), min(int(last) + 1, size) if last else size
    if start >= size:
        raise ValueError("a range past the end")
    return (start, end) if end > start else None


def _read(file: IO[bytes], start: int, end: int) -> Iterator[bytes]:
    with file:
        left = end - start
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk


class OutOfRange(SluiceError):
    status, code, title = 416, "range", "No such part of the file"


def disposition(name: str, *, download: bool = False) -> str:
    """Content-Disposition with a file name that cannot break out of its header (RFC 6266)."""
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", name)[-150:] or "file"
    way = "attachment" if download else "inline"
    return f"{way}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def serve(
    request: HttpRequest,
    path: str,
    *,
    type: str,
    etag: str,
    name: str,
    download: bool = False,
    cache: str = "private, max-age=31536000, immutable",
) -> HttpResponse | StreamingHttpResponse:
    """The stored file at `path`; raises FileNotFoundError when it is not there. `etag` names its content."""
    quoted = f'"{etag}"'
    response: HttpResponse | StreamingHttpResponse
    wanted = [mark.strip().removeprefix("W/") for mark in request.headers.get("If-None-Match", "").split(",")]
    if quoted in wanted or wanted == ["*"]:
        response = HttpResponse(status=304)
    else:
        size = default_storage.size(path)
        response = _body(request, path, size, quoted)
        if response.status_code != 416:
            response["Content-Type"] = type
            response["Content-Disposition"] = disposition(name, download=download)
        response["Accept-Ranges"] = "bytes"
    response["ETag"] = quoted
    response["Cache-Control"] = cache
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = POLICY
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _body(request: HttpRequest, path: str, size: int, quoted: str) -> HttpResponse | StreamingHttpResponse:
    header = request.headers.get("Range")
    if request.headers.get("If-Range", quoted) != quoted:
        header = None
    try:
        part = span(header, size)
    except ValueError:
        refused = problem(OutOfRange(f"the file has {size} bytes"), request)
        refused["Content-Range"] = f"bytes */{size}"
        return refused
    start, end = part or (0, size)
    if request.method == "HEAD":
        response: HttpResponse | StreamingHttpResponse = HttpResponse(status=206 if part else 200)
    elif end - start <= CHUNK:
        with store.part(path, start, end) as file:
            response = HttpResponse(file.read(end - start), status=206 if part else 200)
    else:
        response = StreamingHttpResponse(_read(store.part(path, start, end), start, end), status=206 if part else 200)
    response["Content-Length"] = str(end - start)
    if part:
        response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response
