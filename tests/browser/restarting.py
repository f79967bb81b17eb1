"""A server of its own that a test stops and starts again: nothing listens meanwhile, and what was open is cut off."""

from __future__ import annotations

import contextlib
import socket
from typing import Any

from django.test.testcases import LiveServerThread, QuietWSGIRequestHandler, ThreadedWSGIServer


class _Server(ThreadedWSGIServer):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.open: list[socket.socket] = []
        super().__init__(*arguments, **options)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.open.append(request)
        super().process_request(request, client_address)


class _Thread(LiveServerThread):
    def _create_server(self, connections_override: Any = None) -> _Server:
        address = (self.host, self.port)
        return _Server(address, QuietWSGIRequestHandler, allow_reuse_address=True, connections_override=connections_override)


class Restart:
    """Runs from the start on; `url` stays the same from one run to the next."""

    def __init__(self, static_handler: Any) -> None:
        self.static_handler = static_handler
        self.port = 0
        self.thread: Any = None
        self.start()

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        self.thread = _Thread("localhost", self.static_handler, port=self.port)
        self.thread.daemon = True
        self.thread.start()
        self.thread.is_ready.wait()
        if self.thread.error:
            raise self.thread.error
        self.port = self.thread.port

    def stop(self) -> None:
        if self.thread is None:
            return
        self.thread.httpd.shutdown()
        for one in self.thread.httpd.open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self.thread.terminate()
        self.thread = None
