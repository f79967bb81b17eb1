"""Reads on what is left of a refused request's body, so that its sender gets to see why.

A sender that is cut off while it still sends sees a broken connection instead of the answer (413, 401, 409 …). What comes is
thrown away, within bounds: who sends on for too long is cut off after all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

MOST, LONGEST, CHUNK = 512 * 1024 * 1024, 30.0, 1024 * 1024  # bytes, seconds, bytes


class Draining:
    """Around a WSGI application."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        refused = False

        def start(status: str, *rest: Any) -> Any:
            nonlocal refused
            refused = status[:1] in ("4", "5")
            return start_response(status, *rest)

        answer = self.application(environ, start)
        if refused and (environ.get("CONTENT_LENGTH") or environ.get("HTTP_TRANSFER_ENCODING")):
            drain(environ["wsgi.input"])
        return answer


def drain(body: Any) -> int:
    """How many bytes were left, of those that were waited for."""
    count, end = 0, time.monotonic() + LONGEST
    while count < MOST and time.monotonic() < end:
        try:
            part = body.read(CHUNK)
        except Exception:  # noqa: BLE001  the sender has gone: there is nobody to answer
            break
        if not part:
            break
        count += len(part)
    return count
