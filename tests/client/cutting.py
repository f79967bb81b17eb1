"""A line that breaks: hands connections on to the server, and cuts answers off after so many bytes, so many times."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from types import TracebackType
from urllib.parse import urlsplit


class Cutting:
    """`cuts`: how many answers longer than `after` bytes are cut off there; `pause` seconds between chunks of `chunk` bytes; `rate`: how many
    bytes a second pass on all connections together (0: as they come)."""

    def __init__(self, address: str, *, after: int = 0, cuts: int = 0, pause: float = 0.0, chunk: int = 65536, rate: float = 0.0) -> None:
        parts = urlsplit(address)
        self._there = (parts.hostname or "", parts.port or 80)
        self.after, self.cuts, self.pause, self.chunk = after, cuts, pause, chunk
        self.sent = 0
        self._rate, self._free, self._turn = rate, 0.0, threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Cutting:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                here, _from = self._listening.accept()
                threading.Thread(target=self._serve, args=(here,), daemon=True).start()

    def _serve(self, here: socket.socket) -> None:
        with contextlib.suppress(OSError), here, socket.create_connection(self._there) as there:
            threading.Thread(target=self._forward, args=(here, there), daemon=True).start()
            passed = 0
            while data := there.recv(self.chunk):
                if self.cuts > 0 and passed + len(data) > self.after:
                    self.cuts -= 1
                    here.sendall(data[: max(0, self.after - passed)])
                    self.sent += max(0, self.after - passed)
                    here.shutdown(socket.SHUT_RDWR)
                    return
                here.sendall(data)
                passed += len(data)
                self.sent += len(data)
                if self.pause:
                    time.sleep(self.pause)
                if self._rate:
                    time.sleep(self._wait(len(data)))
            here.shutdown(socket.SHUT_WR)  # to close says nothing while the other thread reads

    def _wait(self, size: int) -> float:
        """Seconds until so many bytes have passed, behind those that came before."""
        with self._turn:
            now = time.monotonic()
            self._free = max(self._free, now) + size / self._rate
            return self._free - now

    @staticmethod
    def _forward(here: socket.socket, there: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := here.recv(65536):
                there.sendall(data)
            there.shutdown(socket.SHUT_WR)
