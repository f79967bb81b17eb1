"""The load client, a program of its own: many people on kept-alive connections, each with their own pace.

`python -m tests.bench.crowd_client` reads one JSON object from standard input and writes one: see `main`.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
import uuid
from datetime import datetime
from typing import Any

PATIENCE = 60.0  # seconds until a call counts as not answered


class Line:
    """One person's connection; opened again when the server has closed it in between."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def open(self) -> None:
        self.streams = await asyncio.open_connection("127.0.0.1", self.port)

    async def call(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        """(status, JSON); status 0 when nothing came back."""
        raw = b"" if body is None else json.dumps(body).encode()
        head = f"{method} /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAuthorization: Bearer {self.token}\r\nContent-Length: {len(raw)}\r\n"
        head += ("Content-Type: application/json\r\n" if raw else "") + (f"Idempotency-Key: {key}\r\n" if key else "") + "\r\n"
        for _attempt in range(2):  # a connection that was closed while it was idle is no failure
            try:
                if self.streams is None:
                    await self.open()
                return await asyncio.wait_for(self._exchange(head.encode() + raw), PATIENCE)
            except (OSError, EOFError, asyncio.IncompleteReadError):
                self.close()
            except TimeoutError:
                self.close()
                return 0, None
        return 0, None

    async def _exchange(self, sent: bytes) -> tuple[int, Any]:
        assert self.streams is not None
        reader, writer = self.streams
        writer.write(sent)
        await writer.drain()
        status = int((await reader.readuntil(b"\r\n")).split()[1])
        length = 0
        while (line := await reader.readuntil(b"\r\n")) != b"\r\n":
            name, _colon, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        content = await reader.readexactly(length)
        return status, json.loads(content) if content else None

    def close(self) -> None:
        if self.streams is not None:
            self.streams[1].close()
        self.streams = None


class Crowd:
    """Everybody, what they called and what they were told (lines of `tests.concurrency.history.Call`)."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told
        self.lines = [Line(told["port"], token) for token in told["tokens"]]
        self.calls: list[dict[str, Any]] = []
        self.delays: dict[str, list[float]] = {}
        self.statuses: dict[str, int] = {}

    async def call(self, who: int, name: str, about: dict[str, Any], method: str, path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        start, began = time.time(), time.perf_counter()
        status, said = await self.lines[who].call(method, path, body, key)
        self.delays.setdefault(name, []).append(time.perf_counter() - began)
        self.statuses[f"{name} {status}"] = self.statuses.get(f"{name} {status}", 0) + 1
        answer = None if not status else {"status": status} | self._answer(name, status, said)
        self.calls.append({"call": name, "person": who, "start": start, "end": time.time(), "about": about, "answer": answer})
        return status, said

    def _answer(self, name: str, status: int, said: Any) -> dict[str, Any]:
        if name == "next" and status == 200:
            return _grant(said)
        if name == "submit" and status == 201:
            return {"annotation": said["annotation_id"], "revision": said["revision"]}
        return {"revision": said["revision"]} if name == "save" and status == 200 else {}

    async def work(self, who: int, until: float) -> None:
        """Take, draw for a while with a draft saved on the way, submit and be given the next, until the time is over."""
        queue, pace, chance = self.told["queue"], self.told["seconds_per_item"], random.Random(who)
        await asyncio.sleep(chance.random() * pace)
        _status, bundle = await self.call(who, "next", {"queue": queue, "slot": 0}, "POST", f"/queues/{queue}/next")
        while bundle and "lease" in bundle and time.time() < until:
            spent = pace * chance.uniform(0.5, 1.5)
            lease, task, mark = bundle["lease"]["id"], bundle["task"]["id"], str(uuid.uuid4())
            document = {"objects": [{"id": mark, "kind": "box", "label": "car", "box": [1, 2, 30, 40]}], "item": {}}
            if self.told["drafts"]:
                await asyncio.sleep(spent / 2)
                about = {"lease": lease, "task": task, "revision": 0, "mark": mark}
                await self.call(who, "save", about, "PUT", f"/leases/{lease}/draft", {"revision": 0, "annotation": document})
                spent /= 2
            await asyncio.sleep(spent)
            about = {"lease": lease, "task": task, "key": mark, "mark": mark}
            started = time.time()
            status, said = await self.call(
                who, "submit", about, "POST", f"/leases/{lease}/submit?next=1", {"annotation": document, "seconds": round(spent, 1)}, mark
            )
            if status != 201:
                return
            bundle = said["next"]
            answer = {"status": 204} if bundle is None else {"status": 200} | _grant(bundle)
            self.calls.append(
                {"call": "next", "person": who, "start": started, "end": time.time(), "about": {"queue": queue, "slot": 0}, "answer": answer}
            )

    async def rush(self) -> float:
        """Everybody asks for the next at the same moment; seconds until the last is answered."""
        for line in self.lines:
            await line.open()
        queue, began = self.told["queue"], time.perf_counter()
        await asyncio.gather(
            *(self.call(who, "next", {"queue": queue, "slot": 0}, "POST", f"/queues/{queue}/next") for who in range(len(self.lines)))
        )
        return time.perf_counter() - began


def _grant(bundle: dict[str, Any]) -> dict[str, Any]:
    lease, task = bundle["lease"], bundle["task"]
    expires = datetime.fromisoformat(lease["expires_at"]).timestamp()
    return {"lease": lease["id"], "slot": lease["slot"], "expires": expires, "task": task["id"], "queue": task["queue"], "round": task["round"],
            "item": bundle["item"]["id"]}  # fmt: skip


async def _play(told: dict[str, Any]) -> dict[str, Any]:
    crowd = Crowd(told)
    if told["part"] == "rush":
        lasted = await crowd.rush()
    else:
        began = time.time()
        await asyncio.gather(*(crowd.work(who, began + told["seconds"]) for who in range(len(crowd.lines))))
        lasted = time.time() - began
    for line in crowd.lines:
        line.close()
    return {"lasted": lasted, "calls": crowd.calls, "delays": crowd.delays, "statuses": crowd.statuses}


def main() -> None:
    """In: {part: "work"|"rush", port, tokens, queue, seconds, seconds_per_item, drafts}. Out: {lasted, calls, delays, statuses}."""
    json.dump(asyncio.run(_play(json.load(sys.stdin))), sys.stdout)


if __name__ == "__main__":
    main()
