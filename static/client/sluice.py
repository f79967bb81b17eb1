#!/usr/bin/env python3
"""sluice.py: pulls versions of training sets from a Sluice server, checks them, and says back what was found.

One file, Python 3.9 or newer, nothing but the standard library. Get it from any server at /client/sluice.py.

    export SLUICE_SERVER=https://sluice.example SLUICE_TOKEN=slc_...
    python3 sluice.py pull streets@production --to data     # a name or an id, @TAG or @NUMBER; without: the latest
    python3 sluice.py status --to data --verify
    python3 sluice.py check --gate gate.toml --to data      # 0 passes, 1 fails, 2 cannot tell

DIR holds links to what was pulled; all of them go through DIR/.sluice/current, one link that is replaced in one step, so
that a reader sees the old version or the new one. A reader of many files follows that link once (`os.path.realpath`); the
version before stays until the next pull. Bytes lie in DIR/.sluice/files under their sha256, and are fetched once.

In Python:  from sluice import Dataset;  samples = Dataset("data", split="train");  samples[0]["objects"]
"""

from __future__ import annotations

import argparse
import array
import base64
import bisect
import collections
import contextlib
import errno
import hashlib
import http.client
import json
import mmap
import os
import queue
import random
import re
import shutil
import ssl
import sys
import threading
import time
import urllib.parse
import urllib.request
import zlib
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Tuple

VERSION = "1"
CHUNK = 256 * 1024
MANIFEST, LINES, COLUMNS = "sluice-manifest.ndjson", "items.jsonl", ".parquet"
PARTS = re.compile(r"items/part-[0-9]+\.jsonl")  # of lines, where the version is large
Json = Dict[str, Any]

# -- What can go wrong, and the exit code that says so --------------------------------------------------------------------

OK, FAILS, UNSURE, SIGN_IN, MISSING, GONE, BUSY, DISK, WRONG, REFUSED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130
CODES = """exit codes:
    0  done; a check passes
    1  a check fails, or files are not what was pulled (status --verify)
    2  a check cannot tell; or the command line is wrong
    3  not signed in, or the token may not do this (401, 403)
    4  nothing of this name, or not yours to see (404); nothing was pulled here
    5  it was erased or withdrawn (410)
    6  the server is busy or cannot be reached; tried again for a while (429, 5xx)
    7  the disk is full or cannot be written
    8  bytes that came are not those that were promised: nothing was switched, pull again
    9  the server refused, or its work failed (400, 409)
  130  interrupted: what came so far is kept, pull again to go on"""


class Problem(Exception):
    """One clear line, and the exit code."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


class Changed(Exception):
    """The export is not what it was a moment ago (an item was erased): look at it again."""


def disk(error: OSError, what: str) -> Problem:
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", -1)):
        return Problem(DISK, f"the disk is full ({what}); make room and pull again, what came so far is kept")
    return Problem(DISK, f"{what}: {error.strerror or error}")


# -- Talking to the server ------------------------------------------------------------------------------------------------


class Server:
    """Calls of the API, tried again when the server is busy or the line breaks; one connection per thread, kept open."""

    def __init__(self, address: str, token: str, *, patience: float = 60.0, timeout: float = 60.0) -> None:
        parts = urllib.parse.urlsplit(address if "//" in address else f"http://{address}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Problem(UNSURE, f"--server {address!r} is no address such as https://sluice.example")
        self.address = urllib.parse.urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))
        self._parts, self._base, self._token = parts, parts.path.rstrip("/"), token
        self.patience, self.timeout, self.received = patience, timeout, 0
        self._here, self._counting = threading.local(), threading.Lock()

    def _connection(self) -> Tuple[http.client.HTTPConnection, str]:
        """(connection, what stands before the path): with a proxy named by the environment the path is a whole address."""
        parts, secure = self._parts, self._parts.scheme == "https"
        host, port = parts.hostname or "", parts.port or (443 if secure else 80)
        proxy = "" if urllib.request.proxy_bypass(host) else urllib.request.getproxies().get(parts.scheme, "")
        via = urllib.parse.urlsplit(proxy if "//" in proxy else f"http://{proxy}") if proxy else None
        if getattr(self._here, "connection", None) is None:
            first = (via.hostname or "", via.port or 80) if via else (host, port)
            if secure:
                self._here.connection = http.client.HTTPSConnection(*first, timeout=self.timeout, context=ssl.create_default_context())
            else:
                self._here.connection = http.client.HTTPConnection(*first, timeout=self.timeout)
            if via and secure:
                self._here.connection.set_tunnel(host, port)
        return self._here.connection, (f"http://{parts.netloc}" if via and not secure else "")

    def _drop(self) -> None:
        connection, self._here.connection = getattr(self._here, "connection", None), None
        if connection is not None:
            connection.close()

    @contextlib.contextmanager
    def open(self, method: str, path: str, *, body: Any = None, headers: Optional[Json] = None) -> Iterator[http.client.HTTPResponse]:
        """The answer, whatever its status but 429 and 5xx, which are asked again until patience ends (`Problem` BUSY)."""
        sent = {"Authorization": f"Bearer {self._token}", "User-Agent": f"sluice.py/{VERSION}", "Accept": "application/json", **(headers or {})}
        data: Any = None
        if hasattr(body, "read"):  # a file, from its beginning at every try; its kind stands in the headers
            data, sent["Content-Length"] = body, str(os.fstat(body.fileno()).st_size)
        elif body is not None:
            data, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        began, pause, why = time.monotonic(), 0.5, ""
        while True:
            known = getattr(self._here, "connection", None) is not None
            try:
                connection, before = self._connection()
                if hasattr(data, "seek"):
                    data.seek(0)
                connection.request(method, before + self._base + path, body=data, headers=sent)
                answer = connection.getresponse()
                if answer.status not in (429, 500, 502, 503, 504):
                    break
                why = f"{answer.status} {_words(answer)}"
                asked = answer.getheader("Retry-After", "")
                pause = max(pause, float(asked)) if asked.isdigit() else pause
            except (OSError, http.client.HTTPException) as error:
                why = f"{type(error).__name__}: {error}"
                if known and isinstance(error, (http.client.RemoteDisconnected, ConnectionError)):
                    self._drop()  # kept open, and closed by the other side meanwhile
                    continue
                if isinstance(error, ssl.SSLCertVerificationError):
                    raise Problem(BUSY, f"{self.address}: its certificate is not trusted ({error.verify_message})") from None
            self._drop()
            if time.monotonic() - began + pause > self.patience:
                raise Problem(BUSY, f"{self.address} is busy or cannot be reached: {why}") from None
            time.sleep(pause * (1 + random.random() / 4))
            pause = min(pause * 2, 20.0)
        try:
            yield answer
        except BaseException:
            self._drop()
            raise
        if not answer.isclosed() and (answer.length is None or answer.length > CHUNK):
            self._drop()
        else:
            answer.read()

    def read(self, answer: http.client.HTTPResponse, *, early: bool = False) -> Iterator[bytes]:
        """The answer's bytes, many at a time; `early`: as they come."""
        while True:
            try:
                # Of an answer of known length older Pythons do not count what `read1` took, and would wait for more.
                chunk = answer.read1(CHUNK) if early and answer.chunked else answer.read(CHUNK)
            except OSError as error:
                raise http.client.IncompleteRead(b"") from error
            if not chunk:
                return
            with self._counting:
                self.received += len(chunk)
            yield chunk

    def call(self, method: str, path: str, body: Any = None, what: str = "", kind: str = "") -> Any:
        """Parsed JSON; a refusal is a `Problem` in the server's words. `body` is JSON, or an open file of this `kind`."""
        once = {**({"Idempotency-Key": os.urandom(16).hex()} if method == "POST" else {}), **({"Content-Type": kind} if kind else {})}
        for attempt in (1, 2, 3, 4):
            try:
                with self.open(method, f"/api/v1{path}", body=body, headers=once) as answer:
                    content = b"".join(self.read(answer))
                    if answer.length:
                        raise http.client.IncompleteRead(b"", answer.length)
                    if answer.status >= 300:
                        raise refusal(answer, content, what or path)
                break
            except http.client.HTTPException:
                if attempt == 4:
                    raise Problem(BUSY, f"{self.address}: the line broke again and again") from None
        try:
            return json.loads(content) if content else None
        except ValueError:
            raise Problem(WRONG, f"{self.address}{path} did not answer JSON: is it a Sluice server?") from None

    def all(self, path: str) -> Iterator[Json]:
        """The rows of a list, page by page."""
        join, cursor = "&" if "?" in path else "?", ""
        while True:
            found = self.call("GET", f"{path}{join}limit=500{cursor}")
            yield from found["results"]
            if not found["next"]:
                return
            cursor = "&cursor=" + urllib.parse.quote(found["next"], safe="")

    def lines(self, path: str) -> Iterator[bytes]:
        for some in self.blocks(path):
            yield from some

    def blocks(self, path: str, most: Optional[int] = None) -> Iterator[List[bytes]]:
        """The lines of an NDJSON answer without their ends, as many as came together; `Changed` when there are more than `most` bytes, or it breaks off."""
        with self.open("GET", f"/api/v1{path}", headers={"Accept": "application/x-ndjson", "Accept-Encoding": "gzip"}) as answer:
            if answer.status >= 300:
                raise refusal(answer, b"".join(self.read(answer)), path)
            unpack = zlib.decompressobj(31) if answer.getheader("Content-Encoding") == "gzip" else None
            rest, size = b"", 0
            for chunk in self.read(answer, early=True):
                try:
                    data = unpack.decompress(chunk, 0 if most is None else most - size + 1) if unpack else chunk
                except zlib.error:
                    raise Changed("the answer is not what it says it is") from None
                size += len(data)
                if most is not None and size > most:
                    raise Changed("it is shorter to fetch the whole file")
                *whole, rest = (rest + data).split(b"\n")
                yield whole
            if rest or (unpack and not unpack.eof):
                raise Changed("the answer broke off")


def _words(answer: http.client.HTTPResponse) -> str:
    with contextlib.suppress(Exception):
        return str(json.loads(answer.read(CHUNK))["detail"])
    return str(answer.reason)


def refusal(answer: http.client.HTTPResponse, content: bytes, what: str) -> Problem:
    try:
        said = str(json.loads(content)["detail"])
    except (ValueError, KeyError, TypeError):
        said = str(answer.reason)
    code = {401: SIGN_IN, 403: SIGN_IN, 404: MISSING, 410: GONE}.get(answer.status, REFUSED)
    if 300 <= answer.status < 400:
        said = f"it sends on to {answer.getheader('Location')}: give that address as --server"
    if answer.status == 404:
        said = f"{what}: nothing of this name, or this token does not see it"
    return Problem(code, f"{said} ({answer.status})")


# -- The root hash: what a manifest must add up to ------------------------------------------------------------------------

CUT_MASK = (1 << 14) - 1


def ends_range(key: bytes) -> bool:
    return int.from_bytes(hashlib.sha256(key).digest()[-2:], "big") & CUT_MASK == 0


# A quotation mark within a key is escaped, so that these bare patterns are the fields themselves, once a line.
_LEAF = re.compile(rb'"leaf":"([0-9a-f]{64})"')
_FIELD, _ENDING = b'"leaf":"', b',"ends":true'
Ranges = List[List[Any]]  # of each range of a manifest, in order: [bytes of its lines, its digest in hex, how many leaves]


def _range_digest(leaves: bytes) -> bytes:
    return hashlib.sha256(b"sluice.range.1\n" + leaves).digest()


def _range(lines: bytes) -> List[Any]:
    leaves = [part[:64] for part in lines.split(_FIELD)[1:]]
    raw = bytes.fromhex(b"".join(leaves).decode())
    if len(raw) != 32 * len(leaves):
        raise ValueError("a leaf of another length")
    return [len(lines), _range_digest(raw).hex(), len(leaves)]


def _plain(entry: Json) -> bytes:
    if not _SHA256.fullmatch(entry["leaf"]):
        raise ValueError(entry["leaf"])
    return json.dumps({"leaf": entry["leaf"], **({"ends": True} if entry.get("ends") else {})}, separators=(",", ":")).encode() + b"\n"


def sound_ranges(found: Any) -> Ranges:
    """What a record says of ranges, when it is of that shape; else nothing is known of them."""
    kinds = (int, str, int)
    try:
        sound = all(len(one) == 3 and all(map(isinstance, one, kinds)) and one[0] > 0 and _SHA256.fullmatch(one[1]) for one in found)
    except TypeError:
        return []
    return list(found) if sound else []


class Rooting:
    """The root of a manifest whose lines come in pieces.

    `known` are ranges of a manifest that was right, from `first` on: of a `Run` of it, whole ranges are not read again. `found` are this one's.
    """

    def __init__(self, known: Optional[Ranges] = None, first: int = 0) -> None:
        self._known: Dict[int, List[Any]] = {}
        for one in known or ():
            self._known[first] = one
            first += one[0]
        self._bounds = [*self._known, first]
        self.found: Ranges = []
        self.count = 0
        self._root, self._text = hashlib.sha256(b"sluice.root.1\n"), []  # type: ignore[var-annotated]

    def feed(self, piece: Any) -> None:
        """Whole lines; ValueError, KeyError or TypeError when one is not a leaf."""
        if not isinstance(piece, Run):
            self._read(bytes(piece))
            return
        at = piece.start
        while at < piece.end:
            one = None if self._text else self._known.get(at)
            if one and at + one[0] <= piece.end:
                self._take(one)
                at += one[0]
                continue
            bound, cut = bisect.bisect_right(self._bounds, at), piece.old.find(b"\n", min(at + PIECE, piece.end - 1))
            end = min(piece.end, self._bounds[bound] if bound < len(self._bounds) else piece.end, cut + 1 or piece.end)
            self._read(bytes(piece.old[at:end]))
            at = end

    def _read(self, block: bytes) -> None:
        if block.count(_FIELD) != block.count(b"\n"):  # written in another way than ours
            block = b"".join(_plain(json.loads(line)) for line in block.splitlines())
        start = 0
        while (ends := block.find(_ENDING, start)) >= 0:
            end = block.find(b"\n", ends) + 1 or len(block)
            self._text.append(block[start:end])
            self._end()
            start = end
        if start < len(block):
            self._text.append(block[start:])

    def _end(self) -> None:
        self._take(_range(b"".join(self._text)))
        self._text = []

    def _take(self, one: List[Any]) -> None:
        self.found.append(one)
        self._root.update(bytes.fromhex(one[1]))
        self.count += int(one[2])

    def root(self) -> str:
        if self._text:
            self._end()
        return self._root.hexdigest()


def root_of(manifest: str, rooting: Optional[Rooting] = None) -> Tuple[Json, str]:
    """(head, root in hex computed from the leaves); `Problem` WRONG when a line is not a leaf."""
    rooting = rooting or Rooting()
    try:
        with open(manifest, "rb") as file:
            head = json.loads(file.readline())
            while True:
                block = file.read(PIECE)
                block += file.readline()
                if not block:
                    break
                rooting.feed(block)
        root = rooting.root()
    except (ValueError, KeyError, TypeError, IndexError):
        raise Problem(WRONG, f"{MANIFEST} is not a manifest") from None
    if head.get("items") != rooting.count:
        raise Problem(WRONG, f"{MANIFEST} has {rooting.count} leaves, its head says {head.get('items')}")
    return head, root


# -- Files of lines, made from those of the version before and what changed -----------------------------------------------


PIECE = 8 * 1024 * 1024
ENDS = _ENDING + b"}"  # how a leaf line ends that ends its range


class Patch(NamedTuple):
    """`changes`: (key's bytes, the line or None) in the order of keys; `graves`: leaf of an erased item → its line or None."""

    changes: Any
    graves: Dict[str, Optional[bytes]]


def _leaf_line(head: Json, erased: bool = False) -> bytes:
    line: Json = {"key": head["key"], "split": head["split"], "leaf": head["leaf"]}
    if not erased and ends_range(head["key"].encode()):
        line["ends"] = True
    if erased:
        line["erased"] = True
    return json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode()


Change = Tuple[bytes, Optional[bytes]]  # an item's key, and its line when it has one now
Changes = Iterator[Change]
# As the server writes an item that is there: what begins a leaf's line but for its end, by parts.
_KEPT = re.compile(rb'(\{"key":"([^"\\]+)"),"change":"(?:added|changed)"(,"split":(null|"[^"\\]*"),"leaf":"[0-9a-f]{64}")(?:,"line":|\})')


def patches(blocks: Iterator[List[bytes]], split: str, told: Callable[[List[Change], List[Change]], None] = lambda leaves, items: None) -> Tuple[Patch, Patch]:
    """(for the manifest, for the lines of items) from the answer of GET /versions/{id}/patch; the changes of both are `told` as they come."""
    leaves, items = Patch([], {}), Patch([], {})
    wanted = json.dumps(split, ensure_ascii=False).encode()
    for block in blocks:
        first = len(leaves.changes)
        for raw in block:
            found = _KEPT.match(raw)
            if found is None:
                _patch_by_json(raw, split, leaves, items)
                continue
            begins, key, goes_on, of = found.groups()
            leaves.changes.append((key, begins + goes_on + (ENDS if ends_range(key) else b"}")))
            items.changes.append((key, raw[found.end() : -1] if found.end() < len(raw) and (not split or of == wanted) else None))
        told(leaves.changes[first:], items.changes[first:])
    return leaves, items


def _patch_by_json(raw: bytes, split: str, leaves: Patch, items: Patch) -> None:
    """A line of the patch of any kind, added to both."""
    place = raw.find(b',"line":')  # quotes inside strings are escaped: this stands for itself only
    head = json.loads(raw[:place] + b"}" if place >= 0 else raw)
    chosen = not split or head.get("split") == split
    if head["change"] == "erased":
        held = head["held"]
        leaves.graves[head["leaf"]] = _leaf_line(head, True) if held else None
        grave = {"key": head["key"], "split": head["split"], "leaf": head["leaf"], "erased": True}
        items.graves[head["leaf"]] = json.dumps(grave, separators=(",", ":")).encode() if held and chosen else None
        return
    key, kept = head["key"].encode(), head["change"] != "removed"
    leaves.changes.append((key, _leaf_line(head) if kept else None))
    items.changes.append((key, raw[place + 8 : -1] if kept and chosen and place >= 0 else None))


def coming(told: Any) -> Changes:
    """Changes out of a queue of lists until None comes; what went wrong is raised here too."""
    for some in iter(told.get, None):
        if isinstance(some, Exception):
            raise some
        yield from some


def _key_of(line: bytes) -> bytes:
    end = line.find(b'","split":')
    raw = line[8:end]
    return raw if b"\\" not in raw else str(json.loads(b'"' + raw + b'"')).encode()


def patched(old: Iterator[bytes], patch: Patch) -> Iterator[bytes]:
    """The lines of the new version, from the old ones in the order of keys."""
    changes = iter(patch.changes)
    due = next(changes, None)
    for line in old:
        line = line.rstrip(b"\n")
        key = _key_of(line)
        found = _LEAF.search(line) if patch.graves else None
        leaf = found.group(1).decode() if found else ""
        if key.startswith(b"erased:"):
            if patch.graves.get(leaf) is not None:
                yield line
            continue
        while due is not None and due[0] < key:
            if due[1] is not None:
                yield due[1]
            due = next(changes, None)
        if due is not None and due[0] == key:
            line, due = due[1], next(changes, None)  # type: ignore[assignment]
            if line is None and leaf in patch.graves:
                line = patch.graves[leaf]  # type: ignore[assignment]
        elif leaf in patch.graves:
            line = patch.graves[leaf]  # type: ignore[assignment]
        if line is not None:
            yield line
    while due is not None:
        if due[1] is not None:
            yield due[1]
        due = next(changes, None)


def _line_at(old: Any, place: int) -> int:
    """Where the line begins that the place is in."""
    return int(old.rfind(b"\n", 0, place)) + 1


def _key_at(old: Any, start: int) -> bytes:
    return _key_of(old[start : old.find(b'","split":', start) + 10])


def _first_from(old: Any, key: bytes, low: int) -> int:
    """Where the first line begins, at or after `low`, whose key is not below this one; the length when there is none."""
    high, step = low, 512  # what changed lies together more often than not: so from `low` on in growing steps, then by halving
    while high < len(old):
        start = max(_line_at(old, high), low)
        if _key_at(old, start) >= key:
            high = start
            break
        low = old.find(b"\n", start) + 1
        high, step = low + step, step * 2
    high = min(high, len(old))
    while low < high:
        start = max(_line_at(old, (low + high) // 2), low)
        if _key_at(old, start) < key:
            low = old.find(b"\n", start) + 1
        else:
            high = start
    return low


def spliced(old: Any, changes: Changes, first: int = 0) -> Iterator[Any]:
    """Like `patched`, of a file in memory or mapped, from `first` on: what stays comes as runs, what is new line by line.

    Only where nothing was erased: lines are found by halving, and tombstones stand where the key stood that they lost.
    """
    at = first
    for key, line in changes:
        place = _first_from(old, key, at)
        if place > at:
            yield Run(old, at, place)
        at = place
        if at < len(old) and _key_at(old, at) == key:
            at = old.find(b"\n", at) + 1
        if line is not None:
            yield line + b"\n"
    if at < len(old):
        yield Run(old, at, len(old))


class Ahead:
    """Changes in the order of keys, taken as far as a key."""

    def __init__(self, changes: Changes) -> None:
        self._changes, self._next = changes, []  # type: ignore[var-annotated]

    def any(self, last: Optional[bytes] = None) -> bool:
        """Whether there is one whose key is not after `last`."""
        if not self._next:
            self._next.append(next(self._changes, None))
        return self._next[0] is not None and (last is None or self._next[0][0] <= last)

    def until(self, last: Optional[bytes] = None) -> Changes:
        while self.any(last):
            yield self._next.pop()


def spliced_parts(olds: Iterator[Any], changes: Changes) -> Iterator[Any]:
    """Like `spliced`, of files of which each but the last ends where a range does: pieces of those that come to be, None where one ends.

    Where nothing changed a file is what it was, and left out.
    """
    ahead, begun = Ahead(changes), False
    for old in olds:
        last = _key_at(old, _line_at(old, len(old) - 1))
        until = last if ends_range(last) else None  # what comes after the last of all belongs to its file
        if not begun and not ahead.any(until):
            continue
        for piece in spliced(old, ahead.until(until)):
            yield piece
            within = isinstance(piece, Run) and piece.end < len(old)
            begun = within or not ends_range(last if isinstance(piece, Run) else _key_of(piece))
            if not begun:
                yield None
    for _key, line in ahead.until():
        if line is not None:
            yield line + b"\n"
            begun = not ends_range(_key_of(line))
            if not begun:
                yield None
    if begun:
        yield None


def patched_parts(lines: Iterator[bytes]) -> Iterator[Any]:
    """Lines, and None after each that ends a file."""
    begun = False
    for line in lines:
        yield line + b"\n"
        key = _key_of(line)
        begun = key.startswith(b"erased:") or not ends_range(key)
        if not begun:
            yield None
    if begun:
        yield None


class Mapped(mmap.mmap):
    """A file that is read in place; it goes with the last piece of it."""

    file: Any = None


@contextlib.contextmanager
def mapped(path: str) -> Iterator[Mapped]:
    with open(path, "rb") as file:
        old = Mapped(file.fileno(), 0, access=mmap.ACCESS_READ)
        old.file = file
        yield old


def remade(olds: List[str], parts: bool, patch: Patch) -> Iterator[Any]:
    """The lines of the new version in pieces, and None where a file of them ends, from those of the version before: one file, or `parts`."""
    if patch.graves:
        lines = patched(_lines_of(olds), patch)
        yield from patched_parts(lines) if parts else (line + b"\n" for line in lines)
    elif parts:
        yield from spliced_parts(_mapped_all(olds), patch.changes)
    else:
        with mapped(olds[0]) as old:
            yield from spliced(old, patch.changes)
    if not parts:
        yield None


def _lines_of(paths: List[str]) -> Iterator[bytes]:
    for path in paths:
        with open(path, "rb") as file:
            yield from file


def _mapped_all(paths: List[str]) -> Iterator[Mapped]:
    for path in paths:
        with mapped(path) as old:
            yield old


class Run:
    """Bytes of the old file that stay as they are."""

    def __init__(self, old: Any, start: int, end: int) -> None:
        self.old, self.start, self.end = old, start, end

    def __len__(self) -> int:
        return self.end - self.start

    def __bytes__(self) -> bytes:
        return bytes(self.old[self.start : self.end])

    def view(self) -> memoryview:
        return memoryview(self.old)[self.start : self.end]

    def copy(self, target: Any) -> None:
        """To the end of the file `target`; the kernel does it where it can, which takes a third of the time."""
        at, source = self.start, getattr(self.old, "file", None)
        if source is not None and hasattr(os, "copy_file_range"):
            with contextlib.suppress(OSError):  # not here; and what else is wrong is said when it is written
                while at < self.end:
                    done = os.copy_file_range(source.fileno(), target.fileno(), self.end - at, at)
                    if not done:
                        break
                    at += done
        write_all(target, memoryview(self.old)[at : self.end])


def write_all(file: Any, data: Any) -> None:
    """To a file that is open without a buffer."""
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]


class Making:
    """A file that comes to be of pieces: they are hashed in the `pool`, which has one thread, while they are written."""

    def __init__(self, path: str, pool: ThreadPoolExecutor, stop: threading.Event) -> None:
        self.path, self._pool, self._stop = path, pool, stop
        self._file, self._digest = open(path, "wb", buffering=0), hashlib.sha256()  # noqa: SIM115
        self._held: List[bytes] = []
        self._many, self._hashing = 0, collections.deque()  # type: ignore[var-annotated]

    def close(self) -> None:
        self._file.close()

    def add(self, piece: Any) -> None:
        if isinstance(piece, Run) and len(piece) >= CHUNK:
            self._flush()
            self._hash(piece.view())
            piece.copy(self._file)
            return
        self._held.append(bytes(piece))
        self._many += len(piece)
        if self._many >= CHUNK:
            self._flush()

    def _flush(self) -> None:
        data, self._held, self._many = b"".join(self._held), [], 0
        self._hash(memoryview(data))
        write_all(self._file, data)

    def _hash(self, data: memoryview) -> None:
        if self._stop.is_set():
            raise Changed("stopped")
        self._hashing.append(self._pool.submit(self._update, data))
        if len(self._hashing) > 8:
            self._hashing.popleft().result()

    def _update(self, data: memoryview) -> None:
        for at in range(0, len(data), PIECE):
            if self._stop.is_set():
                raise Changed("stopped")
            self._digest.update(data[at : at + PIECE])

    def end(self) -> str:
        """The sha256 of the file, which is whole now."""
        self._flush()
        for each in self._hashing:
            each.result()
        self._file.close()
        return self._digest.hexdigest()


def unending(old: Any, patch: Patch, first: int) -> Patch:
    """The patch of a manifest, and that what was its last line ends its range no more where others follow."""
    if len(old) <= first:
        return patch
    start = _line_at(old, len(old) - 1)
    line, key = old[start : len(old) - 1], _key_at(old, start)
    if not line.endswith(ENDS) or ends_range(key):
        return patch

    def changes() -> Iterator[Tuple[bytes, Optional[bytes]]]:
        due = True
        for each in patch.changes:
            if due and each[0] >= key:
                if each[0] != key:
                    yield key, line[: -len(ENDS)] + b"}"
                due = False
            yield each

    return patch._replace(changes=changes())


def together(pieces: Iterator[Any]) -> Iterator[Any]:
    """Lines by themselves as fewer pieces."""
    held: List[bytes] = []
    for piece in pieces:
        if isinstance(piece, Run) or len(held) > 1000:
            if held:
                yield b"".join(held)
            held = []
        if isinstance(piece, Run):
            yield piece
        else:
            held.append(piece)
    if held:
        yield b"".join(held)


def closing(pieces: Iterator[Any]) -> Iterator[Any]:
    """Whole leaf lines, of which the last ends its range."""
    before: Any = b""
    for piece in pieces:
        if before:
            yield before
        before = piece
    if isinstance(before, Run):
        start = _line_at(before.old, before.end - 1)
        if start > before.start:
            yield Run(before.old, before.start, start)
        before = bytes(before.old[start : before.end])
    if before:
        start = before.rfind(b"\n", 0, len(before) - 1) + 1
        yield before if ENDS[:-1] in before[start:] else before[:-2] + ENDS + b"\n"


def ending(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Leaf lines of a manifest: the last one ends its range, and one that was last before does so no more."""
    before: Optional[bytes] = None
    for line in lines:
        if before is not None:
            yield before
        before = line
        if line.endswith(ENDS) and not ends_range(_key_of(line)):
            before = line[: -len(ENDS)] + b"}"
    if before is not None:
        yield before if ENDS[:-1] in before else before[:-1] + ENDS


# -- A folder that holds pulled versions ----------------------------------------------------------------------------------


class Place:
    """DIR and what lies below DIR/.sluice: files by sha256, parts of files, versions as folders of links, the current one."""

    def __init__(self, root: str) -> None:
        self.root = os.path.abspath(root)
        self.inner = os.path.join(self.root, ".sluice")
        self.current = os.path.join(self.inner, "current")

    def path(self, *steps: str) -> str:
        return os.path.join(self.inner, *steps)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One pull at a time; the lock goes with the process that holds it."""
        try:
            for name in ("files", "parts", "versions"):
                os.makedirs(self.path(name), exist_ok=True)
            lock = open(self.path("lock"), "w")  # noqa: SIM115
        except OSError as error:
            raise disk(error, self.root) from None
        with lock:
            try:
                import fcntl

                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except ImportError:
                pass
            except OSError:
                raise Problem(REFUSED, f"another pull into {self.root} is running") from None
            yield

    def name(self) -> str:
        """The current version's folder below `versions`, "" when there is none."""
        try:
            if os.path.islink(self.current):
                return os.path.basename(os.readlink(self.current))
            with open(self.current, encoding="utf-8") as file:
                return file.read().strip()
        except OSError:
            return ""

    def record(self, name: str = "") -> Optional[Json]:
        """What is known of a pulled version (the current one): dataset, number, root, files."""
        try:
            with open(self.path("versions", (name or self.name() or "-") + ".json"), encoding="utf-8") as file:
                found: Json = json.load(file)
                return found
        except (OSError, ValueError):
            return None

    def held(self) -> Dict[str, Tuple[int, int]]:
        """sha256 → (size, mtime in ns) of files that were verified when they came."""
        found: Dict[str, Tuple[int, int]] = {}
        with contextlib.suppress(OSError):
            for name in os.listdir(self.path("versions")):
                if name.endswith(".json"):
                    for _path, size, sha256, at in (self.record(name[:-5]) or {}).get("files", ()):
                        found[sha256] = (size, at)
        return found

    def sound(self, sha256: str, size: int, held: Dict[str, Tuple[int, int]]) -> bool:
        """Whether the file is here and right: untouched since it was verified, or hashed again."""
        path = self.path("files", sha256)
        try:
            stat = os.stat(path)
            if stat.st_size == size and (held.get(sha256) == (size, stat.st_mtime_ns) or digest(path) == sha256):
                return True
            os.remove(path)
        except FileNotFoundError:
            pass
        return False

    def keep(self, temporary: str, sha256: str) -> None:
        """A verified file takes its place; nobody changes it there by accident."""
        os.chmod(temporary, 0o444)
        os.replace(temporary, self.path("files", sha256))

    def switch(self, name: str, record: Json) -> None:
        """Make the version's folder whole, then current, in one step; then the links in DIR."""
        folder, making = self.path("versions", name), self.path("versions", "." + name)
        shutil.rmtree(making, ignore_errors=True)
        os.makedirs(making)
        for entry in record["files"]:
            path, _size, sha256, _at = entry
            target = os.path.join(making, *path.split("/"))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            source = self.path("files", sha256)
            try:
                os.link(source, target)
            except OSError as error:
                if error.errno == errno.ENOSPC:
                    raise
                shutil.copy2(source, target)
            entry[3] = os.stat(source).st_mtime_ns
        self._write(folder + ".json", json.dumps(record))
        os.rename(making, folder)
        tops = sorted({path.split("/")[0] for path, *_rest in record["files"]})
        for top in tops:
            self._link(top)
        beside = self.path(".current")
        with contextlib.suppress(FileNotFoundError):
            os.remove(beside)
        try:
            os.symlink(os.path.join("versions", name), beside)
        except (OSError, NotImplementedError):  # no links here: a file names the folder, and `Dataset` follows it
            self._write(beside, name)
        os.replace(beside, self.current)
        for found in os.listdir(self.root):
            if found not in tops and self._ours(os.path.join(self.root, found)):
                os.remove(os.path.join(self.root, found))

    @staticmethod
    def _write(path: str, text: str) -> None:
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(path + ".new", path)

    @staticmethod
    def _ours(path: str) -> bool:
        return os.path.islink(path) and os.readlink(path).startswith(os.path.join(".sluice", "current") + os.sep)

    def _link(self, top: str) -> None:
        path = os.path.join(self.root, top)
        if self._ours(path):
            return
        if os.path.lexists(path):
            say(f"{path} is not of a pull and stays; the version's own is {os.path.join(self.current, top)}")
            return
        with contextlib.suppress(OSError, NotImplementedError):
            os.symlink(os.path.join(".sluice", "current", top), path)

    def prune(self, keep: int) -> None:
        """Remove versions but the current one and the `keep` newest before it, and files that no version has any more."""
        current, of = self.name(), (self.record() or {}).get("version")
        names = [name[:-5] for name in os.listdir(self.path("versions")) if name.endswith(".json")]
        names.sort(key=lambda name: os.stat(self.path("versions", name + ".json")).st_mtime_ns, reverse=True)
        # Another state of the same version holds what was erased since: it does not stay.
        others = [name for name in names if name != current]
        same = [name for name in others if (self.record(name) or {}).get("version") == of]
        for name in same + [name for name in others if name not in same][keep:]:
            os.remove(self.path("versions", name + ".json"))
            shutil.rmtree(self.path("versions", name), ignore_errors=True)
        held = self.held()
        for kind in ("files", "parts"):
            for found in os.listdir(self.path(kind)):
                if found not in held:
                    os.remove(self.path(kind, found))


def digest(path: str) -> str:
    found = hashlib.sha256()
    with open(path, "rb") as file:
        for chunk in iter(lambda: file.read(1024 * 1024), b""):
            found.update(chunk)
    return found.hexdigest()


_SHA256 = re.compile(r"[0-9a-f]{64}")


def safe_path(path: str) -> str:
    """The path, when it leads nowhere but below the export."""
    steps = path.split("/")
    if not path or any(step in ("", ".", "..") or step.startswith(".sluice") for step in steps) or "\\" in path or "\0" in path or (os.name == "nt" and ":" in path):
        raise Problem(WRONG, f"the server names a file {path!r}, which is no path inside an export")
    return path


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


class Progress:
    """How far it is: on a terminal in place, else at the end of each step only."""

    def __init__(self) -> None:
        self._lock, self._last, self._wide = threading.Lock(), 0.0, sys.stderr.isatty()

    def show(self, words: str) -> None:
        with self._lock:
            if self._wide and time.monotonic() - self._last > 0.1:
                self._last = time.monotonic()
                sys.stderr.write(f"\r\033[K{words}")
                sys.stderr.flush()

    def end(self) -> None:
        if self._wide:
            sys.stderr.write("\r\033[K")


# -- Which dataset, which version -----------------------------------------------------------------------------------------


def dataset_of(server: Server, name: str) -> Json:
    """By id or by name, among what the token sees."""
    if name.isascii() and name.isdigit():
        found: Json = server.call("GET", f"/datasets/{name}", what=f"dataset {name}")
        return found
    rows = list(server.all("/datasets?name=" + urllib.parse.quote(name, safe="")))
    if len(rows) > 1:
        raise Problem(UNSURE, f"{len(rows)} datasets are called {name!r}: name one by its id ({', '.join(str(row['id']) for row in rows)})")
    if not rows:
        raise Problem(MISSING, f"dataset {name!r}: nothing of this name, or this token does not see it")
    return rows[0]


def version_of(server: Server, dataset: Json, wanted: str) -> Json:
    """By number or tag; "" is the newest that was not withdrawn."""
    if not wanted:
        latest: Optional[Json] = server.call("GET", f"/datasets/{dataset['id']}")["latest"]
        if latest is None:
            raise Problem(MISSING, f"{dataset['name']} has no frozen version yet")
        return latest
    number = int(wanted) if wanted.isascii() and wanted.isdigit() else None
    if number is None:
        for tag in server.all(f"/datasets/{dataset['id']}/tags"):
            if tag["name"] == wanted:
                found: Json = server.call("GET", f"/versions/{tag['version']}")
                return found
        raise Problem(MISSING, f"{dataset['name']} has no tag {wanted!r}")
    for version in server.all(f"/datasets/{dataset['id']}/versions"):
        if version["number"] == number:
            return version
    raise Problem(MISSING, f"{dataset['name']} has no version {number}")


def named(text: str) -> Tuple[str, str]:
    """DATASET[@TAG|@NUMBER] → (dataset, tag or number)."""
    name, _at, version = text.rpartition("@") if "@" in text else (text, "", "")
    return name, version


# -- Pull -----------------------------------------------------------------------------------------------------------------


class Wish(NamedTuple):
    dataset: str
    version: str = ""
    split: str = ""
    format: str = "jsonl"
    media: str = "reference"


class Plan(NamedTuple):
    """A file in parts from its beginning: [size] to fetch, or [size, n, offset] that the nth source has at that offset; then the tail."""

    sources: List[str]
    parts: List[List[int]]
    tail: str


class Pull:
    """One pull of one version into one place."""

    def __init__(self, server: Server, place: Place, wish: Wish, *, jobs: int = 4, keep: int = 1, run: str = "") -> None:
        self.server, self.place, self.wish, self.jobs, self.keep, self.run = server, place, wish, max(1, jobs), keep, run
        self.progress, self.reused, self.fetched = Progress(), 0, 0
        self._stop = threading.Event()
        self._rooted: Tuple[str, Tuple[Json, str, Ranges]] = ("", ({}, "", []))
        self._ranges: Ranges = []

    def go(self) -> Json:
        with self.place.locked():
            try:
                return self._go()
            except OSError as error:
                raise disk(error, self.place.root) from None
            finally:
                self.progress.end()

    def _go(self) -> Json:
        dataset = dataset_of(self.server, self.wish.dataset)
        version = version_of(self.server, dataset, self.wish.version)
        if version["state"] != "frozen":
            say(f"v{version['number']} was {version['state']}: it is not offered for training any more")
        for _attempt in range(4):
            try:
                export = self._ready(version)
                files = [[safe_path(each["path"]), each["size"], each["sha256"], 0] for each in export["files"]]
                if not all(isinstance(size, int) and _SHA256.fullmatch(sha256) for _path, size, sha256, _at in files):
                    raise Problem(WRONG, "the server's list of files is not one")
                self._bring(version, export, files)
                break
            except Changed as change:
                say(f"the export changed while it was pulled ({change}): looking again")
        else:
            raise Problem(BUSY, "the export kept changing while it was pulled; pull again")
        self._verify_root(version, files)
        record = {
            "server": self.server.address, "dataset": dataset["id"], "name": dataset["name"], "version": version["id"],
            "number": version["number"], "root": version["hash"], "asked": self.wish.version, "split": self.wish.split,
            "format": self.wish.format, "media": self.wish.media, "export": export["id"], "files": files, "ranges": self._ranges,
            "pulled_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }  # fmt: skip
        before = self.place.record() or {}
        same = [entry[:3] for entry in before.get("files", ())] == [entry[:3] for entry in files] and before.get("root") == version["hash"]
        if not (same and before.get("dataset") == dataset["id"] and before.get("server") == self.server.address and self._whole(files)):
            listed = hashlib.sha256(json.dumps([entry[:3] for entry in files]).encode()).hexdigest()[:8]
            split = f"-{self.wish.split}" if self.wish.split else ""
            name = f"v{version['number']}-{self.wish.format}{split}-{listed}"
            if os.path.exists(self.place.path("versions", name)):  # somebody may be reading it
                name += f"-{time.time_ns()}"
            self.place.switch(name, record)
        self.place.prune(self.keep)
        self._tell(version)
        return record

    def _whole(self, files: List[Any]) -> bool:
        """Whether the current folder has every file as it was verified."""
        folder = self.place.path("versions", self.place.name())
        try:
            for path, size, sha256, _at in files:
                there, right = os.stat(os.path.join(folder, *path.split("/"))), os.stat(self.place.path("files", sha256))
                if (there.st_size, there.st_mtime_ns) != (size, right.st_mtime_ns):
                    return False
        except OSError:
            return False
        return True

    def _ready(self, version: Json) -> Json:
        """A ready export of the version as it is wanted: one that there is, one that is being made, or a new one."""
        wish = self.wish
        makes = None
        for row in self.server.all(f"/versions/{version['id']}/exports"):
            if (row["format"], row["split"] or "", row["media"]) != (wish.format, wish.split, wish.media):
                continue
            if row["state"] == "ready":
                found: Json = self.server.call("GET", f"/exports/{row['id']}")
                if found["state"] == "ready":
                    return found
            if row["state"] == "making" and makes is None:
                makes = row
        if makes is not None:
            return self._made(makes["id"])
        body = {"format": wish.format, "media": wish.media, **({"split": wish.split} if wish.split else {})}
        try:
            job = self.server.call("POST", f"/versions/{version['id']}/exports", body)
        except Problem as refused:
            if refused.code == SIGN_IN:
                raise Problem(SIGN_IN, f"there is no {wish.format} export of v{version['number']} yet, and this token may not ask for one: {refused}") from None
            raise
        while job["state"] in ("queued", "running"):
            whole = f" of {job['total']}" if job["total"] else ""
            self.progress.show(f"the server makes the export: {job['done']}{whole}")
            time.sleep(0.5)
            job = self.server.call("GET", f"/jobs/{job['id']}")
        if job["state"] != "done":
            raise Problem(REFUSED, f"the export was not made ({job['state']}): {job['error'] or 'no reason given'}")
        return self._made(job["result"]["export"])

    def _made(self, export_id: int) -> Json:
        while True:
            found: Json = self.server.call("GET", f"/exports/{export_id}")
            if found["state"] == "ready":
                return found
            if found["state"] != "making":
                raise Problem(REFUSED, "the export was not made; ask for it again")
            self.progress.show("the server makes the export")
            time.sleep(0.5)

    def _bring(self, version: Json, export: Json, files: List[Any]) -> None:
        """Every file is in its place, verified, when this returns."""
        held = self.place.held()
        wanted: Dict[str, Tuple[str, int]] = {}
        for path, size, sha256, _at in files:
            wanted.setdefault(sha256, (path, size))
        missing = {}
        for sha256, (path, size) in wanted.items():
            if self.place.sound(sha256, size, held):
                self.reused += 1
            else:
                missing[sha256] = (path, size)
        lines = {sha256: found for sha256, found in missing.items() if found[0] in (MANIFEST, LINES) or PARTS.fullmatch(found[0])}
        rest = {sha256: found for sha256, found in missing.items() if sha256 not in lines}
        self._stop.clear()
        with ThreadPoolExecutor(1) as beside:
            patching = beside.submit(self._patch, version, export, lines)
            self._fetch_all(export, rest, self._plans(version, export, rest))
            made = patching.result()
        self._fetch_all(export, {sha256: found for sha256, found in lines.items() if sha256 not in made}, {})
        self.fetched += len(missing) - len(made)

    def _fetch_all(self, export: Json, missing: Dict[str, Tuple[str, int]], plans: Dict[str, Plan]) -> None:
        if not missing:
            return
        done, total, whole = 0, len(missing), sum(size for _path, size in missing.values())
        with ThreadPoolExecutor(self.jobs) as pool:
            running = set()
            try:
                # Few at a time are handed out, so that an interrupt does not wait for a long list.
                for sha256, (path, size) in sorted(missing.items(), key=lambda each: -each[1][1]):
                    running.add(pool.submit(self._fetch, export["id"], path, size, sha256, plans.get(sha256)))
                    while len(running) >= 2 * self.jobs:
                        ended, running = wait(running, return_when=FIRST_EXCEPTION, timeout=0.05)
                        for each in ended:
                            each.result()
                        done += len(ended)
                        self.progress.show(f"{done} of {total} files, {self.server.received / 1e6:.1f} MB of about {whole / 1e6:.1f}")
                while running:
                    ended, running = wait(running, return_when=FIRST_EXCEPTION, timeout=0.05)
                    for each in ended:
                        each.result()
                    done += len(ended)
                    self.progress.show(f"{done} of {total} files, {self.server.received / 1e6:.1f} MB of about {whole / 1e6:.1f}")
            except BaseException:
                self._stop.set()
                raise

    def _fetch(self, export_id: int, path: str, size: int, sha256: str, plan: Optional[Plan] = None) -> None:
        part, address = self.place.path("parts", sha256), f"/api/v1/exports/{export_id}/files/{urllib.parse.quote(path)}"
        for attempt in (1, 2):
            if plan is not None and attempt == 1:
                self._assemble(address, path, part, size, sha256, plan)
            self._download(address, path, part, size, sha256)
            if os.path.getsize(part) == size and digest(part) == sha256:
                self.place.keep(part, sha256)
                return
            os.remove(part)
            if attempt == 2:
                raise Problem(WRONG, f"{path}: the bytes that came twice are not those of sha256 {sha256}")

    def _download(self, address: str, path: str, part: str, size: int, sha256: str, until: Optional[int] = None) -> None:
        """Append to the part until it is as long as the file, or `until`; each try goes on where the last one broke off."""
        failures, end = 0, size if until is None else until
        while True:
            have = os.path.getsize(part) if os.path.exists(part) else 0
            if end <= have <= size and os.path.exists(part):
                return
            if have > size:
                os.remove(part)
                have = 0
            headers = {"Accept": "*/*"}
            if have or end < size:
                headers.update({"Range": f"bytes={have}-{end - 1}", "If-Range": f'"{sha256}"'})
            try:
                with self.server.open("GET", address, headers=headers) as answer:
                    if answer.status in (404, 409, 410):
                        raise Changed(f"{path}: {_words(answer)}")
                    if answer.status not in (200, 206):
                        raise refusal(answer, answer.read(CHUNK), path)
                    if answer.getheader("ETag", "").strip('"') != sha256:
                        raise Changed(f"{path} has other bytes now")
                    onward = answer.status == 206
                    if onward and not answer.getheader("Content-Range", "").startswith(f"bytes {have}-"):
                        raise Problem(WRONG, f"{path}: the server answered another part than was asked for")
                    with open(part, "ab" if onward else "wb", buffering=0) as file:  # nothing is left to be written when it closes
                        for chunk in self.server.read(answer):
                            if self._stop.is_set():
                                raise Changed("stopped")
                            try:
                                while chunk:
                                    chunk = chunk[file.write(chunk) :]
                            except OSError as error:
                                raise disk(error, part) from None
                    if size == 0:
                        return
            except (OSError, http.client.HTTPException) as error:  # the line broke: go on where it did
                failures += 1
                if failures > 8:
                    raise Problem(BUSY, f"{path}: the line broke {failures} times ({error})") from None
                if os.path.exists(part) and os.path.getsize(part) > have:
                    failures = 0  # it goes forward
                else:
                    time.sleep(min(0.1 * 2**failures, 10))
                continue
            if os.path.getsize(part) <= have:
                failures += 1
                if failures > 3:
                    raise Problem(WRONG, f"{path}: the server sends fewer bytes than it promised")

    def _plans(self, version: Json, export: Json, missing: Dict[str, Tuple[str, int]]) -> Dict[str, Plan]:
        """What of files of columns lies in those of the version before, as the server says it; nothing when it does not."""
        old = self.place.record()
        wish = (self.server.address, version["dataset"], self.wish.split, self.wish.format, self.wish.media)
        if old is None or wish != tuple(old.get(name) for name in ("server", "dataset", "split", "format", "media")) or not any(path.endswith(COLUMNS) for path, _size in missing.values()):
            return {}
        try:
            said = self.server.call("GET", f"/exports/{export['id']}/parts?since={old['number']}")
            sources = [self.place.path("files", sha256) for sha256 in said["from"] if _SHA256.fullmatch(sha256)]
            return {each["sha256"]: Plan(sources, each["parts"], each["tail"]) for each in said["files"]}
        except (Problem, ValueError, KeyError, TypeError, http.client.HTTPException):
            return {}  # whole files will do

    def _assemble(self, address: str, path: str, part: str, size: int, sha256: str, plan: Plan) -> None:
        """The part as far as the plan leads: what lies here is copied, the rest fetched. What is there of it already is its beginning."""
        end = 0
        try:
            for many, *place in plan.parts:
                end += many
                have = os.path.getsize(part) if os.path.exists(part) else 0
                if not 0 < many <= end <= size:
                    return
                if have >= end:
                    continue
                if not place:
                    self._download(address, path, part, size, sha256, end)
                    continue
                source, offset = place
                with open(plan.sources[source], "rb") as old, open(part, "ab") as file:
                    old.seek(offset + many - (end - have))
                    for left in range(end - have, 0, -PIECE):
                        file.write(old.read(min(left, PIECE)))
            tail = zlib.decompressobj().decompress(base64.b64decode(plan.tail), size)
            if os.path.getsize(part) == end == size - len(tail):
                with open(part, "ab") as file:
                    file.write(tail)
        except (FileNotFoundError, ValueError, TypeError, IndexError, zlib.error):
            return  # what is missing is fetched, what is wrong is seen by its sha256

    def _patch(self, version: Json, export: Json, missing: Dict[str, Tuple[str, int]]) -> List[str]:
        """Files of lines that change with every version are made from those of the version before: which are. What is not right is fetched."""
        old = self.place.record()
        if old is None or (old["server"], old["dataset"], old["split"]) != (self.server.address, version["dataset"], self.wish.split):
            return []
        before = {path: self.place.path("files", sha256) for path, _size, sha256, _at in old["files"]}
        lines = [before[path] for path in sorted(before) if path == LINES or PARTS.fullmatch(path)]
        begun = set(os.listdir(self.place.path("parts")))
        wanted = {sha256: found for sha256, found in missing.items() if sha256 not in begun and (found[0] == MANIFEST or (found[0] == LINES) == (LINES in before))}
        leaf = next((sha256 for sha256, (path, _size) in wanted.items() if path == MANIFEST), "")
        if not wanted or MANIFEST not in before:
            return []
        items = wanted.keys() - {leaf} if lines else set()
        come: Tuple[Any, Any] = queue.SimpleQueue(), queue.SimpleQueue()
        makes = []
        if leaf:
            makes.append(lambda leaves, _items: self._make_manifest(export["id"], before[MANIFEST], leaf, leaves))
        if items:
            makes.append(lambda _leaves, patch: self._make_lines(lines, LINES not in before, items, patch))
        query = f"/versions/{version['id']}/patch?since={old['number']}&lines={int(bool(items))}"
        most = sum(wanted[sha256][1] for sha256 in {leaf, *items} if sha256) // 4

        def told(leaves: Any, items: Any) -> None:
            come[0].put(leaves)
            come[1].put(items)

        try:
            with ThreadPoolExecutor(2) as pool:
                making = [pool.submit(make, *(Patch(coming(each), {}) for each in come)) for make in makes]  # while the patch comes
                try:
                    patch = patches(self.server.blocks(query, most=most), self.wish.split, told)
                except BaseException:
                    told(*[Changed("there is no whole patch")] * 2)
                    raise
                lost = bool(patch[0].graves)  # lines are not where they were
                told(*[Changed("lines were lost") if lost else None] * 2)
                if lost:
                    wait(making)
                    making = [pool.submit(make, *patch) for make in makes]
                return [sha256 for each in making for sha256 in each.result()]
        except (Changed, Problem, ValueError, KeyError, TypeError, IndexError, FileNotFoundError, http.client.HTTPException):
            return []  # whole files will do

    def _make_manifest(self, export_id: int, old: str, sha256: str, patch: Patch) -> List[str]:
        """The new manifest when it is right, and in its place; its root is known then."""
        path, head, known = self.place.path("parts", "made.manifest"), self._head(export_id), sound_ranges((self.place.record() or {}).get("ranges"))
        with mapped(old) as source, ThreadPoolExecutor(1) as pool, contextlib.closing(Making(path, pool, self._stop)) as made:
            made.add(head + b"\n")
            first = source.find(b"\n") + 1
            if patch.graves:
                source.seek(first)
                pieces: Iterator[Any] = (line + b"\n" for line in ending(patched(iter(source.readline, b""), patch)))
            else:
                pieces = closing(together(spliced(source, unending(source, patch, first).changes, first)))
            rooting = Rooting(known, first)
            for piece in pieces:
                made.add(piece)
                rooting.feed(piece)
            if made.end() != sha256:
                return []
        self._rooted = sha256, (json.loads(head), rooting.root(), rooting.found)
        self.place.keep(path, sha256)
        return [sha256]

    def _make_lines(self, olds: List[str], parts: bool, wanted: Any, patch: Patch) -> List[str]:
        """Which of the wanted files came to be, and are in their place."""
        path, found = self.place.path("parts", "made.lines"), []
        made: Optional[Making] = None
        with ThreadPoolExecutor(1) as pool:
            try:
                for piece in remade(olds, parts, patch):
                    if piece is not None:
                        made = made or Making(path, pool, self._stop)
                        made.add(piece)
                    elif made is not None:
                        sha256, made = made.end(), None
                        if sha256 in wanted:
                            self.place.keep(path, sha256)
                            found.append(sha256)
            finally:
                if made is not None:
                    made.close()
        return found

    def _head(self, export_id: int) -> bytes:
        """The first line of the new manifest: all that is fetched of it."""
        with self.server.open("GET", f"/api/v1/exports/{export_id}/files/{MANIFEST}", headers={"Range": "bytes=0-2047", "Accept": "*/*"}) as answer:
            if answer.status != 206:
                raise Changed("no part of the manifest")
            return b"".join(self.server.read(answer)).split(b"\n")[0]

    def _verify_root(self, version: Json, files: List[Any]) -> None:
        sha256 = next((sha256 for path, _size, sha256, _at in files if path == MANIFEST), None)
        if sha256 is None:
            raise Problem(WRONG, f"the export has no {MANIFEST}")
        before = self.place.record() or {}
        if before.get("root") == version["hash"] and any((path, known) == (MANIFEST, sha256) for path, _size, known, _at in before["files"]):
            self._ranges = sound_ranges(before.get("ranges"))
            return  # it gave this root when it came, and is untouched since (`Place.sound`)
        if self._rooted[0] == sha256:
            head, root, self._ranges = self._rooted[1]
        if self._rooted[0] != sha256 or root != version["hash"]:  # what was known of ranges may be damaged
            rooting = Rooting()
            head, root = root_of(self.place.path("files", sha256), rooting)
            self._ranges = rooting.found
        if not root == head.get("root") == version["hash"]:
            raise Problem(WRONG, f"the leaves give the root {root}, the version's is {version['hash']}")

    def _tell(self, version: Json) -> None:
        """Say at the server what was pulled, and for which run; a server that will not listen stops nothing."""
        body = {"run": self.run, "format": self.wish.format, "split": self.wish.split}
        try:
            self.server.call("POST", f"/versions/{version['id']}/pulls", body)
        except Problem as refused:
            if self.run:
                say(f"the run {self.run!r} was not recorded: {refused}")


# -- Reading what was pulled: for training loops --------------------------------------------------------------------------


class Dataset:
    """The samples of a pulled version, by place (`len`, `[]`) and in a stream that can be resumed exactly.

    A sample is the item's line (of `items.jsonl`, or of `items/`) as a dict (key, split, text, objects, item, meta, media, …), with `picture`,
    the path of its file, when pictures were pulled; of a parquet export, with pyarrow, the row. PyTorch's `DataLoader` takes
    it as a map-style dataset, and `samples.stream()` as an iterable one.

    Iterating gives rank and worker their share, each sample to one of them: `rank` and `world` as given, else those of
    torch.distributed when it is in use; workers as torch tells. `seed` shuffles, anew each epoch. `state_dict()` after k
    samples and `load_state_dict()` in another process go on with sample k + 1.

    `samples.loader(batch_size=…, num_workers=…)` is a `DataLoader` whose state and epochs are right with worker processes too:
    `state_dict()` after k batches, and batch k + 1 comes next, with however many workers. A stream in worker processes keeps its
    state there, where torchdata's `StatefulDataLoader` asks for it; tell it each epoch by `set_epoch`.
    """

    def __init__(self, place: str, split: str = "", *, rank: Optional[int] = None, world: Optional[int] = None, seed: Optional[int] = None, transform: Optional[Callable[[Json], Any]] = None) -> None:
        held = Place(place)
        record = held.record() or {}
        self.folder = held.path("versions", held.name()) if held.name() else os.path.realpath(place)
        self.split, self.rank, self.world, self.seed, self.transform = split, rank, world, seed, transform
        self.root = record.get("root", "")
        self.pictures = {sha256: path for path, _size, sha256, _at in record.get("files", ()) if path.startswith("images/")}
        self.epoch, self._taken, self._resume, self._shard_of_state = 0, 0, 0, None
        self._lines = self._files_of_lines()
        self._cached: Tuple[Any, List[Json]] = (None, [])
        if self._lines:
            self._index: Any = array.array("Q", self._offsets())
            self._count = len(self._index) // 2
        else:
            self._index = list(self._groups())
            self._count = sum(len(places) for _path, _group, places in self._index)

    def _files_of_lines(self) -> List[Tuple[int, str]]:
        """(where it begins, path) of each file of lines, as if they were one."""
        names = [LINES] if os.path.exists(os.path.join(self.folder, LINES)) else []
        if not names and os.path.isdir(os.path.join(self.folder, "items")):
            names = sorted(filter(PARTS.fullmatch, (f"items/{name}" for name in os.listdir(os.path.join(self.folder, "items")))))
        found, at = [], 0
        for path in (os.path.join(self.folder, *name.split("/")) for name in names):
            found.append((at, path))
            at += os.path.getsize(path)
        return found

    def _offsets(self) -> Iterator[int]:
        wanted = b'","split":' + json.dumps(self.split, ensure_ascii=False).encode() + b","
        for at, path in self._lines:
            with open(path, "rb") as file:
                for line in file:
                    gone = line.endswith(b'"erased":true}\n')
                    chosen = not self.split or line[line.find(b'","split":') :].startswith(wanted)
                    if chosen and not gone:
                        yield at
                        yield len(line)
                    at += len(line)

    def _groups(self) -> Iterator[Tuple[str, int, List[int]]]:
        """(file, row group, places of the chosen rows in it) of a parquet export."""
        folder = os.path.join(self.folder, "rows")
        names = sorted(name for name in os.listdir(folder) if name.endswith(".parquet")) if os.path.isdir(folder) else []
        if not names:
            raise Problem(MISSING, f"{self.folder} holds no lines of items and no rows/*.parquet: pull the format jsonl or parquet")
        try:
            import pyarrow.parquet as parquet
        except ImportError:
            raise Problem(UNSURE, "a parquet export is read with pyarrow, which is not installed here; pull --format jsonl") from None
        for name in names:
            file = parquet.ParquetFile(os.path.join(folder, name))
            for group in range(file.num_row_groups):
                splits = file.read_row_group(group, columns=["split"]).column("split").to_pylist()
                yield os.path.join(folder, name), group, [at for at, split in enumerate(splits) if not self.split or split == self.split]

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, place: int) -> Any:
        if place < 0:
            place += self._count
        if not 0 <= place < self._count:
            raise IndexError(place)
        if isinstance(self._index, array.array):
            begins, path = self._lines[bisect.bisect_right(self._lines, (self._index[2 * place], "\U0010ffff")) - 1]
            with open(path, "rb") as file:
                file.seek(self._index[2 * place] - begins)
                sample = json.loads(file.read(self._index[2 * place + 1]))
            sha256 = (sample.get("media") or {}).get("sha256")
        else:
            sample = self._row(place)
            sha256 = sample["media_sha256"].hex() if sample.get("media_sha256") else None
        picture = self.pictures.get(sha256)
        sample["picture"] = os.path.join(self.folder, *picture.split("/")) if picture else None
        return self.transform(sample) if self.transform else sample

    def _row(self, place: int) -> Json:
        import pyarrow.parquet as parquet

        for path, group, places in self._index:
            if place < len(places):
                if self._cached[0] != (path, group):
                    self._cached = ((path, group), parquet.ParquetFile(path).read_row_group(group).to_pylist())
                row = dict(self._cached[1][places[place]])
                for name in ("meta", "item", "document"):
                    if isinstance(row.get(name), str):
                        row[name] = json.loads(row[name])
                return row
            place -= len(places)
        raise IndexError(place)

    def shard(self) -> Tuple[int, int]:
        """(which share, of how many) is this process's."""
        torch = sys.modules.get("torch")
        rank, world = (0, 1) if self.rank is None else (self.rank, self.world or 1)
        worker, workers = 0, 1
        if torch is not None:
            spread = getattr(torch, "distributed", None)
            if self.rank is None and spread is not None and spread.is_available() and spread.is_initialized():
                rank, world = spread.get_rank(), spread.get_world_size()
            told = torch.utils.data.get_worker_info()
            if told is not None:
                worker, workers = told.id, told.num_workers
        if not 0 <= rank < world:
            raise ValueError(f"rank {rank} of {world}")
        return rank * workers + worker, world * workers

    def _order(self) -> Any:
        if self.seed is None:
            return range(self._count)
        order = array.array("Q", range(self._count))
        random.Random(f"{self.seed}/{self.epoch}").shuffle(order)
        return order

    def _begin(self) -> Tuple[int, int]:
        """This process's share, from where the state that was loaded left off."""
        shard, shards = self.shard()
        if self._shard_of_state not in (None, (shard, shards)):
            raise ValueError(f"the state is that of share {self._shard_of_state}, this is share {(shard, shards)}: resume with as many ranks and workers as before")
        self._taken, self._resume, self._shard_of_state = self._resume, 0, None
        return shard, shards

    def _end(self) -> None:
        self.epoch, self._taken = self.epoch + 1, 0

    def __iter__(self) -> Iterator[Any]:
        shard, shards = self._begin()
        order = self._order()
        while (at := self._taken * shards + shard) < self._count:
            self._taken += 1  # before it is handed out: a state taken afterwards counts it
            yield self[order[at]]
        self._end()

    def set_epoch(self, epoch: int) -> None:
        """Which epoch comes next, 0 the first: for streams in worker processes, which are gone when the next one begins. A state that
        was loaded goes on where it is only in its own epoch."""
        if epoch != self.epoch:
            self.epoch, self._taken, self._resume, self._shard_of_state = epoch, 0, 0, None

    def loader(self, batch_size: int = 1, *, drop_last: bool = False, **more: Any) -> "Loader":
        """Batches of this rank's share by a `torch.utils.data.DataLoader`, which takes `more` (num_workers, collate_fn, …)."""
        return Loader(self, batch_size, drop_last, more)

    def state_dict(self) -> Json:
        taken = self._taken or self._resume
        return {"root": self.root, "split": self.split, "seed": self.seed, "count": self._count, "epoch": self.epoch, "shard": list(self.shard()), "taken": taken}

    def load_state_dict(self, state: Json) -> None:
        """`ValueError` when the state is that of another version, split or seed."""
        mine = self.state_dict()
        for name in ("root", "split", "seed", "count"):
            if state[name] != mine[name]:
                raise ValueError(f"the state has {name} {state[name]!r}, this dataset has {mine[name]!r}")
        self.epoch, self._taken, self._resume = int(state["epoch"]), 0, int(state["taken"])
        self._shard_of_state = (int(state["shard"][0]), int(state["shard"][1]))

    def stream(self) -> Any:
        """The same as a `torch.utils.data.IterableDataset`, when torch is imported."""
        return __getattr__("Stream")(self)


class Loader:
    """A DataLoader over the samples by place. The order is made in this process, so that it knows what was handed out: the state is that
    of the samples, `loader.state_dict()` and `samples.state_dict()` are the same."""

    def __init__(self, samples: Dataset, size: int, drop_last: bool, more: Json) -> None:
        import torch.utils.data

        if size < 1:
            raise ValueError(f"batch_size {size}: at least 1")
        self.samples, self.size, self.drop_last = samples, size, drop_last
        self._sent: "collections.deque[int]" = collections.deque()
        self._loader = torch.utils.data.DataLoader(samples, batch_sampler=_Batches(self), **more)

    def __iter__(self) -> Iterator[Any]:
        self._sent.clear()
        for batch in self._loader:
            self.samples._taken += self._sent.popleft()  # before it is handed out: a state taken afterwards counts it
            yield batch
        self.samples._end()

    def __len__(self) -> int:
        """Of a whole epoch."""
        shard, shards = self.samples.shard()
        share = len(range(shard, len(self.samples), shards))
        return share // self.size if self.drop_last else -(-share // self.size)

    def state_dict(self) -> Json:
        return self.samples.state_dict()

    def load_state_dict(self, state: Json) -> None:
        self.samples.load_state_dict(state)


class _Batches:
    """Places of one batch after the other, as a DataLoader asks for them, some ahead."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def __iter__(self) -> Iterator[List[int]]:
        samples, size = self._loader.samples, self._loader.size
        shard, shards = samples._begin()
        order = samples._order()
        share = range(shard + samples._taken * shards, len(samples), shards)
        for start in range(0, len(share), size):
            batch = [order[at] for at in share[start : start + size]]
            if len(batch) < size and self._loader.drop_last:
                return
            self._loader._sent.append(len(batch))
            yield batch

    def __len__(self) -> int:
        return len(self._loader)


def __getattr__(name: str) -> Any:
    """`Stream` is made when it is asked for, so that torch need not be here; workers that are spawned find it so too."""
    if name != "Stream":
        raise AttributeError(name)
    torch = sys.modules.get("torch")
    base = torch.utils.data.IterableDataset if torch is not None else object

    def begin(self: Any, samples: Dataset) -> None:
        self.samples = samples

    made = type("Stream", (base,), {
        "__init__": begin, "__iter__": lambda self: iter(self.samples), "__module__": __name__,
        "state_dict": lambda self: self.samples.state_dict(), "load_state_dict": lambda self, state: self.samples.load_state_dict(state),
        "set_epoch": lambda self, epoch: self.samples.set_epoch(epoch),
    })  # fmt: skip
    globals()["Stream"] = made
    return made


# -- A gate for data: does a version hold what training needs? ------------------------------------------------------------

GATE = """# gate.toml: every part is optional; what is named must hold
tag = "production"            # the version bears this tag
items = { min = 1000 }
label = { min = 20 }          # every label of the version
labels.car = { min = 100 }    # one label
splits.train = { min = 0.7, max = 0.9 }   # shares of items
leakage = { groups = 0, same_bytes = 0 }  # at most
lost = { label = 0.1, items = 0.05 }      # at most, as a share of what the version before had
figures."counts.objects" = { min = 5000 } # any number of the version's document, agreement and gold too when it tells them
metrics.detector.mAP = { min = 0.4, drop = 0.02 }  # of the newest report of a model; drop: against the version before
"""


def within(value: Any, bounds: Json, words: str) -> Tuple[Optional[bool], str]:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None, f"{words}: the version does not tell it"
    low, high = bounds.get("min"), bounds.get("max")
    if low is not None and value < low:
        return False, f"{words}: {value:.6g}, at least {low} is wanted"
    if high is not None and value > high:
        return False, f"{words}: {value:.6g}, at most {high} is wanted"
    return True, f"{words}: {value:.6g}"


def read_gate(path: str) -> Json:
    try:
        import tomllib
    except ImportError:
        raise Problem(UNSURE, "check reads TOML with Python 3.11 or newer; this is an older one") from None
    try:
        with open(path, "rb") as file:
            gate = tomllib.load(file)
    except (OSError, ValueError) as error:
        raise Problem(UNSURE, f"{path}: {error}") from None
    known = {"tag", "items", "label", "labels", "splits", "leakage", "lost", "figures", "metrics"}
    allowed = {"items": {"min", "max"}, "label": {"min", "max"}, "leakage": {"groups", "same_bytes"}, "lost": {"label", "items"}}
    for name, part in gate.items():
        if name not in known:
            raise Problem(UNSURE, f"{path}: there is no part {name!r}; there are {', '.join(sorted(known))}")
        if not isinstance(part, str if name == "tag" else dict):
            raise Problem(UNSURE, f"{path}: {name} is not of its kind")
        inner = [part] if name in allowed else [] if name == "tag" else [each for kind in part.values() for each in (kind.values() if name == "metrics" and isinstance(kind, dict) else [kind])]
        for each in inner:
            names = allowed.get(name, {"min", "max", "drop"} if name == "metrics" else {"min", "max"})
            if not isinstance(each, dict) or not set(each) <= names or not all(isinstance(value, (int, float)) for value in each.values()):
                raise Problem(UNSURE, f"{path}: {name} takes numbers named {', '.join(sorted(names))}")
    if not gate:
        raise Problem(UNSURE, f"{path} asks for nothing")
    return gate


def inner(document: Any, path: str) -> Any:
    for step in path.split("."):
        document = document.get(step) if isinstance(document, dict) else None
    return document


def judged(gate: Json, version: Json, before: Optional[Json], tags: List[str], metrics: Callable[[Json, str], Any]) -> Iterator[Tuple[Optional[bool], str]]:
    """(True passes, False fails, None cannot be told; in words) of every part of the gate. `metrics(version, model)`: its newest report."""
    counts, labels = version["counts"], version["counts"].get("labels") or {}
    if "tag" in gate:
        yield gate["tag"] in tags, f"tag {gate['tag']}: " + ("is on this version" if gate["tag"] in tags else f"is not on this version ({', '.join(tags) or 'no tags'})")
    if "items" in gate:
        yield within(counts.get("items"), gate["items"], "items")
    for name in sorted(labels) if "label" in gate else ():
        yield within(labels[name], gate["label"], f"label {name}")
    for name, bounds in gate.get("labels", {}).items():
        yield within(labels.get(name, 0), bounds, f"label {name}")
    splits = version.get("splits") or {}
    for name, bounds in gate.get("splits", {}).items():
        share = splits.get(name, 0) / (sum(splits.values()) or 1) if splits else None
        yield within(share, bounds, f"split {name}")
    for name, most in gate.get("leakage", {}).items():
        yield within((counts.get("leakage") or {}).get(name), {"max": most}, f"leakage of {name} between splits")
    for kind, most in gate.get("lost", {}).items():
        if before is None:
            yield True, f"lost {kind}: there is no version before"
            continue
        had = {"items": before["counts"].get("items", 0)} if kind == "items" else before["counts"].get("labels") or {}
        has = {"items": counts.get("items", 0)} if kind == "items" else labels
        for name in sorted(name for name in had if had[name]):
            yield within(max(0, had[name] - has.get(name, 0)) / had[name], {"max": most}, f"lost of {name} since v{before['number']}")
    for path, bounds in gate.get("figures", {}).items():
        yield within(inner(version, path), bounds, path)
    for model, wanted in gate.get("metrics", {}).items():
        now = metrics(version, model)
        for name, bounds in wanted.items():
            value = inner(now, name)
            beside = inner(now, name.rpartition(".")[0]) if "." in name else now
            if value is None and isinstance(beside, dict) and name.rpartition(".")[2] in beside:
                yield None, f"{model} {name}: measured on too few things to be told"
                continue
            yield within(value, bounds, f"{model} {name}")
            if "drop" in bounds and before is not None:
                earlier = inner(metrics(before, model), name)
                known = isinstance(value, (int, float)) and isinstance(earlier, (int, float))
                yield within(earlier - value if known else None, {"max": bounds["drop"]}, f"{model} {name}: drop since v{before['number']}")


# -- Commands -------------------------------------------------------------------------------------------------------------


def server_of(options: argparse.Namespace, record: Optional[Json] = None) -> Server:
    address = options.server or os.environ.get("SLUICE_SERVER") or (record or {}).get("server")
    token = options.token or os.environ.get("SLUICE_TOKEN")
    if not address:
        raise Problem(UNSURE, "no server: give --server or set SLUICE_SERVER")
    if not token:
        raise Problem(SIGN_IN, "no token: give --token or set SLUICE_TOKEN")
    return Server(address, token, patience=options.patience)


def target(options: argparse.Namespace, text: str) -> Tuple[Server, Json, Json]:
    """(server, dataset, version) named as DATASET[@V], as a version of what DIR holds, or what DIR holds itself."""
    record = Place(options.to).record()
    name, wanted = named(text) if "@" in text else ("", text)
    if record is None and not name:
        if not text:
            raise Problem(MISSING, f"nothing was pulled into {options.to}: name the version as DATASET@VERSION")
        name, wanted = text, ""
    server = server_of(options, record)
    if not name and not text and record is not None:
        return server, {"id": record["dataset"], "name": record["name"]}, server.call("GET", f"/versions/{record['version']}")
    dataset = dataset_of(server, name or str((record or {})["dataset"]))
    return server, dataset, version_of(server, dataset, wanted)


def pull(options: argparse.Namespace) -> int:
    name, version = named(options.dataset)
    began = time.monotonic()
    one = Pull(server_of(options), Place(options.to), Wish(name, version, options.split, options.format, options.media), jobs=options.jobs, keep=options.keep, run=options.run)
    record = one.go()
    size = sum(size for _path, size, _sha256, _at in record["files"])
    say(f"{record['name']} v{record['number']} is in {options.to}: {len(record['files'])} files, {size / 1e6:.1f} MB, of which {one.fetched} fetched ({one.server.received / 1e6:.2f} MB) in {time.monotonic() - began:.1f} s; root {record['root']}")
    return OK


def status(options: argparse.Namespace) -> int:
    place = Place(options.to)
    record = place.record()
    if record is None:
        raise Problem(MISSING, f"nothing was pulled into {options.to}")
    size = sum(size for _path, size, _sha256, _at in record["files"])
    print(f"{record['name']} v{record['number']}{' ' + record['split'] if record['split'] else ''}, {record['format']}, {len(record['files'])} files, {size / 1e6:.1f} MB, pulled {record['pulled_at']}")
    print(f"root {record['root']}")
    if options.token or os.environ.get("SLUICE_TOKEN"):
        server = server_of(options, record)
        now = server.call("GET", f"/versions/{record['version']}")
        wanted = version_of(server, {"id": record["dataset"], "name": record["name"]}, "" if record["asked"].isdigit() else record["asked"])
        said = "is current" if wanted["id"] == record["version"] else f"is behind: {record['asked'] or 'the latest'} is v{wanted['number']} now"
        print(f"v{record['number']} {said}" + ("" if now["state"] == "frozen" else f"; it was {now['state']}"))
    if not options.verify:
        return OK
    wrong = 0
    for path, size, sha256, _at in record["files"]:
        full = os.path.join(place.path("versions", place.name()), *path.split("/"))
        if not os.path.exists(full) or os.path.getsize(full) != size or digest(full) != sha256:
            print(f"{path}: is not what was pulled")
            wrong += 1
    head, root = root_of(os.path.join(place.path("versions", place.name()), MANIFEST)) if not wrong else ({}, "")
    if not wrong and root != record["root"]:
        print(f"{MANIFEST}: its leaves give the root {root}")
        wrong += 1
    print(f"{wrong} files are wrong; pull again" if wrong else f"verified: {len(record['files'])} files, {head.get('items')} leaves give the root")
    return FAILS if wrong else OK


def diff(options: argparse.Namespace) -> int:
    record = Place(options.to).record()
    name, first = named(options.a) if "@" in options.a else (options.dataset or str((record or {}).get("dataset", "")), options.a)
    if not name:
        raise Problem(UNSURE, "of which dataset? Name it: --dataset NAME, or DATASET@A")
    server = server_of(options, record)
    dataset = dataset_of(server, name)
    numbers = [0 if each == "0" else version_of(server, dataset, each)["number"] for each in (first, named(options.b)[1] if "@" in options.b else options.b)]
    path = f"/datasets/{dataset['id']}/diff?from={numbers[0]}&to={numbers[1]}"
    if options.objects:
        for line in server.lines(path):
            print(line.decode())
        return OK
    found = server.call("GET", path)
    for kind in ("items", "objects"):
        print(f"{kind}: " + ", ".join(f"{n} {word}" for word, n in found[kind].items()))
    return OK


def tag(options: argparse.Namespace) -> int:
    server, dataset, version = target(options, options.version)
    server.call("POST", f"/datasets/{dataset['id']}/tags", {"name": options.name, "version": version["id"]})
    say(f"{options.name} means {dataset['name']} v{version['number']} now")
    return OK


def sent_figures(options: argparse.Namespace) -> Json:
    """What `--metrics` holds, with model, run and split as they were given."""
    figures: Any = {}
    if options.metrics:
        try:
            with open(options.metrics, "rb") as file:
                figures = json.load(file)
        except (OSError, ValueError) as error:
            raise Problem(UNSURE, f"{options.metrics}: {error}") from None
    body = figures if isinstance(figures, dict) and "metrics" in figures else {"metrics": figures} if options.metrics else {}
    body = {**body, **{name: getattr(options, name) for name in ("run", "model", "split") if getattr(options, name)}}
    if not body.get("model"):
        raise Problem(UNSURE, "which model? Give --model, or \"model\" in the file")
    return body


def predictions_form(file: Any, path: str) -> str:
    """"coco" of a JSON list, "ndjson" of lines."""
    start = file.read(1024).lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise Problem(UNSURE, f"{path}: there is no prediction")
    return "coco" if start[:1] == b"[" else "ndjson"


def predicted(server: Server, version: Json, body: Json, options: argparse.Namespace) -> Json:
    """The job that measures the file, which is streamed; figures that stand beside it go in the address."""
    try:
        with open(options.predictions, "rb") as file:
            form = predictions_form(file, options.predictions)
            asked = {name: str(getattr(options, name)) for name in ("threshold", "confident", "by") if getattr(options, name) not in (None, "")}
            asked.update({name: str(body[name]) for name in ("model", "run", "split") if body.get(name)})
            asked.update({"uncovered": "empty"} if options.empty else {})
            asked.update({"format": "coco"} if form == "coco" else {})
            asked.update({"metrics": json.dumps(body["metrics"], separators=(",", ":"))} if body.get("metrics") else {})
            kind = "application/json" if form == "coco" else "application/x-ndjson"
            return server.call("POST", f"/versions/{version['id']}/evaluations?{urllib.parse.urlencode(asked)}", body=file, kind=kind)
    except OSError as error:
        raise Problem(UNSURE, f"{options.predictions}: {error}") from None


def report(options: argparse.Namespace) -> int:
    if not options.metrics and not options.predictions:
        raise Problem(UNSURE, "what is to be reported? Give --predictions FILE, --metrics FILE, or both")
    body = sent_figures(options)
    server, dataset, version = target(options, options.version)
    job = predicted(server, version, body, options) if options.predictions else server.call("POST", f"/versions/{version['id']}/evaluations", body)
    while job["state"] in ("queued", "running"):
        time.sleep(0.3)
        job = server.call("GET", f"/jobs/{job['id']}")
    if job["state"] != "done":
        raise Problem(REFUSED, f"the report was not taken: {job['error'] or job['state']}")
    say(f"evaluation {job['result']['evaluation']} of {body['model']} on {dataset['name']} v{version['number']}")
    for line in told(server.call("GET", f"/evaluations/{job['result']['evaluation']}")) if options.predictions else ():
        print(line)
    return OK


def told(found: Json) -> Iterator[str]:
    """What was measured, in a few lines; nothing of figures that were sent."""
    report = found.get("report")
    if not report:
        return
    items = report["items"]
    yield f"measured on {items['measured']} items, a line for {items['covered']} of {items['version']}"
    for name in ("unknown_keys", "other_splits"):
        if report["lines"][name]:
            yield f"{report['lines'][name]} lines of {name.replace('_', ' ')}"
    for name, value in flat(found["metrics"]):
        if name.count(".") < 2 and not name.startswith(("labels.", "slices.", "given.")):
            yield f"{name} not enough" if value is None else f"{name} {value:.4f}"
    suspects = {kind: one["kept"] for kind, one in report["suspects"].items() if one["kept"]}
    yield "suspected label errors: " + (", ".join(f"{n} {kind.replace('_', ' ')}" for kind, n in suspects.items()) or "none")


def flat(metrics: Json, before: str = "") -> Iterator[Tuple[str, Optional[float]]]:
    """Every figure by its whole name; None of what was measured on too few things."""
    for name, value in metrics.items():
        if isinstance(value, dict):
            yield from flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def flag(options: argparse.Namespace) -> int:
    server, dataset, version = target(options, options.version)
    made = server.call("POST", f"/versions/{version['id']}/flags", {"key": options.key, "reason": options.reason, **({"object": options.object} if options.object else {})})
    say(f"question {made['question']} stands on the item {made['item']} of {dataset['name']}")
    return OK


def check(options: argparse.Namespace) -> int:
    if options.example:
        print(GATE, end="")
        return OK
    if not options.gate:
        raise Problem(UNSURE, "which gate? Give --gate FILE (--example prints one)")
    gate = read_gate(options.gate)
    server, dataset, version = target(options, options.version)
    parent = version.get("parent")
    before = server.call("GET", f"/versions/{parent}") if parent and ("lost" in gate or "metrics" in gate) else None
    tags = [each["name"] for each in server.all(f"/datasets/{dataset['id']}/tags") if each["version"] == version["id"]]

    def metrics(of: Json, model: str) -> Any:
        rows = server.all(f"/versions/{of['id']}/evaluations")
        return next((row["metrics"] for row in rows if row["model"] == model), None)

    found = list(judged(gate, version, before, tags, metrics))
    for passed, words in found:
        print({True: "ok     ", False: "FAILS  ", None: "unsure "}[passed] + words)
    result = FAILS if any(passed is False for passed, _words in found) else UNSURE if any(passed is None for passed, _words in found) else OK
    print(f"{dataset['name']} v{version['number']} " + {OK: "passes", FAILS: "fails", UNSURE: "cannot be judged"}[result])
    return result


def parser() -> argparse.ArgumentParser:
    whole = argparse.ArgumentParser(prog="sluice.py", description=(__doc__ or "").split("\n\n")[0], epilog=CODES, formatter_class=argparse.RawDescriptionHelpFormatter)
    whole.add_argument("--version", action="version", version=f"sluice.py {VERSION}")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--server", default="", help="address of the server (SLUICE_SERVER)")
    shared.add_argument("--token", default="", help="slc_… (SLUICE_TOKEN)")
    shared.add_argument("--to", default=".", metavar="DIR", help="the folder that is pulled into (default: this one)")
    shared.add_argument("--patience", type=float, default=60.0, metavar="SECONDS", help="how long a busy server is asked again (60)")
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], words: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, parents=[shared], help=words, description=words, epilog=CODES, formatter_class=argparse.RawDescriptionHelpFormatter)
        made.set_defaults(call=run)
        return made

    one = command("pull", pull, "bring a version into DIR: verified, resumed, switched in one step")
    one.add_argument("dataset", metavar="DATASET[@TAG|@NUMBER]")
    one.add_argument("--split", default="")
    one.add_argument("--format", default="jsonl", help="jsonl (default), parquet, coco, …")
    one.add_argument("--media", default="reference", choices=("reference", "include"), help="include: with the pictures")
    one.add_argument("--jobs", type=int, default=4, help="downloads at a time (4)")
    one.add_argument("--keep", type=int, default=1, help="versions to keep beside the current one (1)")
    one.add_argument("--run", default="", help="name of the training run, kept at the server as a use of the version")
    one = command("status", status, "what DIR holds, and whether it is current")
    one.add_argument("--verify", action="store_true", help="hash every file again")
    one = command("diff", diff, "what differs between two versions")
    one.add_argument("a", metavar="A", help="number, tag, DATASET@A, or 0 for nothing")
    one.add_argument("b", metavar="B")
    one.add_argument("--dataset", default="")
    one.add_argument("--objects", action="store_true", help="a line of JSON for every item that differs")
    one = command("tag", tag, "let a name mean a version from now on")
    one.add_argument("name")
    one.add_argument("version", metavar="VERSION", help="number, DATASET@NUMBER or DATASET@TAG")
    one = command("report", report, "send a model's figures on a version, or predictions that are measured there")
    one.add_argument("version", nargs="?", default="", metavar="DATASET@VERSION", help="default: what DIR holds")
    one.add_argument("--metrics", default="", metavar="FILE", help="JSON: names and numbers, nested as you like")
    one.add_argument("--predictions", default="", metavar="FILE", help='NDJSON ({"key", "objects": [{"label", "box", "score"}], "item"} a line) or COCO\'s list of results')
    one.add_argument("--threshold", type=float, metavar="SCORE", help="from which score on a prediction counts as said (0.5)")
    one.add_argument("--confident", type=float, metavar="SCORE", help="from which score on it speaks against a label (0.8)")
    one.add_argument("--by", default="", metavar="FIELDS", help="values told apart, such as meta.weather,batch")
    one.add_argument("--empty", action="store_true", help="items without a line: the model said that they hold nothing (else they are left out)")
    one.add_argument("--model", default="", help="the recipe that stays the same from version to version")
    one.add_argument("--run", default="")
    one.add_argument("--split", default="")
    one = command("flag", flag, "tell a bad label back: a question on the item")
    one.add_argument("key", metavar="KEY")
    one.add_argument("--reason", required=True)
    one.add_argument("--object", default="", metavar="ID", help="the object that is wrong")
    one.add_argument("--version", default="", metavar="DATASET@VERSION", help="default: what DIR holds")
    one = command("check", check, "judge a version by a gate: 0 passes, 1 fails, 2 cannot tell")
    one.add_argument("version_of", nargs="?", default="", metavar="DATASET@VERSION", help="default: what DIR holds")
    one.add_argument("--gate", default="", metavar="FILE")
    one.add_argument("--version", default="", metavar="DATASET@VERSION")
    one.add_argument("--example", action="store_true", help="print a gate with every part")
    return whole


def main(arguments: Optional[List[str]] = None) -> int:
    options = parser().parse_args(arguments)
    if options.command == "check":
        options.version = options.version or options.version_of
    try:
        return int(options.call(options))
    except Problem as problem:
        say(f"sluice.py: {problem}")
        return problem.code
    except KeyboardInterrupt:
        say("sluice.py: interrupted; pull again to go on")
        return INTERRUPTED
    except BrokenPipeError:
        return OK


if __name__ == "__main__":
    sys.exit(main())
