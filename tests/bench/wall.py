"""The label wall over 100,000 items with 3 boxes each: pages in every order, cold and warm crops, and acts on what is marked."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
import time
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from tests.bench.measuring import median
from tests.bench.serving import Place, manifest, place
from tests.server.running import ROOT, clean_environment

ITEMS, PICTURES = 100_000, 300
# Pages are asked for as a person's browser does.
SESSION = """
from django.test import Client
from annotate.people.models import Person
client = Client()
client.force_login(Person.objects.get(name="owner"))
print("sluice_session=" + client.cookies["sluice_session"].value)
"""


def _pictures() -> dict[str, bytes]:
    """Photographs' size and weight, drawn: 1920 × 1080 with noise."""
    import numpy as np
    from PIL import Image

    found = {}
    for n in range(PICTURES):
        chance = np.random.default_rng(n)
        coarse = Image.fromarray(chance.integers(0, 255, (36, 64, 3), dtype=np.uint8)).resize((1920, 1080), Image.Resampling.BICUBIC)
        out = io.BytesIO()
        coarse.save(out, "JPEG", quality=88)
        found[f"{n:04d}.jpg"] = out.getvalue()
    return found


def _page(here: Place, cookie: str, address: str) -> tuple[float, bytes]:
    link = HTTPConnection("127.0.0.1", here.up.port, timeout=60)
    began = time.perf_counter()
    link.request("GET", address, headers={"Cookie": cookie})
    answer = link.getresponse()
    body = answer.read()
    took = (time.perf_counter() - began) * 1000
    link.close()
    assert answer.status == 200, (answer.status, body[:300])
    return took, body


def measure() -> dict[str, object]:
    figures: dict[str, object] = {}
    with place() as here:
        done = subprocess.run(
            [sys.executable, "manage.py", "shell", "-v", "0", "-c", SESSION],
            cwd=ROOT, env=clean_environment(SLUICE_DATA=str(here.up.data)), capture_output=True, text=True, check=True,
        )  # fmt: skip
        cookie = done.stdout.split()[-1]
        large = here.project("wall")["id"]
        here.manifest(here.batch({"id": large}, "all"), manifest(ITEMS))
        figures |= _pages(here, cookie, large)
        figures |= _acts(here, large)
        figures |= _crops(here, cookie)
    return figures


def _pages(here: Place, cookie: str, project: int) -> dict[str, object]:
    figures: dict[str, object] = {}
    for order in ("newest", "smallest", "person", "score"):
        asked = {"label": "car", "order": order}
        address = f"/p/{project}/wall?{urlencode(asked)}"
        began = time.perf_counter()
        _page(here, cookie, address)
        while here.owner.call("GET", f"/projects/{project}/wall?{urlencode(asked)}&limit=1")["job"]:
            time.sleep(0.05)
        if order != "newest":
            figures[f"{order}: put in order, s"] = round(time.perf_counter() - began, 1)
        times = [_page(here, cookie, address) for _ in range(10)]
        figures[f"{order}: first page of 300, p50 and most ms"] = [round(median([took for took, _body in times])), round(max(took for took, _body in times[1:]))]
        figures[f"{order}: kB"] = round(len(times[0][1]) / 1000)
        cursor = None
        for _ in range(30):
            cursor = here.owner.call("GET", f"/projects/{project}/wall?{urlencode(asked | ({'cursor': cursor} if cursor else {}))}")["next"]
        deep = [_api(here, project, asked | {"cursor": cursor}) for _ in range(10)]
        figures[f"{order}: API, 300 after 9,000, p50 ms"] = round(median(deep))
    narrowed = {"label": "car", "q": 'key contains "77"'}
    figures["newest, narrowed by a query: API, p50 ms"] = round(median([_api(here, project, narrowed) for _ in range(10)]))
    return figures


def _api(here: Place, project: int, asked: dict[str, str]) -> float:
    began = time.perf_counter()
    here.owner.call("GET", f"/projects/{project}/wall?{urlencode(asked)}")
    return (time.perf_counter() - began) * 1000


def _acts(here: Place, project: int) -> dict[str, object]:
    found = here.owner.call("GET", f"/projects/{project}/wall?label=car")["results"]
    figures: dict[str, object] = {}
    for marked in (20, 300):
        things = [each["thing"] for each in found[:marked]]
        for words, path, body in (("relabel", f"/projects/{project}/wall", {"act": "relabel", "things": things, "label": "sign"}), ("undo", "", {})):
            began = time.perf_counter()
            made: Any = here.owner.call("POST", path or f"/wall-acts/{made['id']}/undo", body)  # noqa: F821  of the turn before
            while made["state"] in ("running", "undoing"):
                time.sleep(0.05)
                made = here.owner.call("GET", f"/wall-acts/{made['id']}")
            figures[f"{words} {marked}, s"] = round(time.perf_counter() - began, 2)
    return figures


def _crops(here: Place, cookie: str) -> dict[str, object]:
    """All crops of a page: cut for the first time, and as they are kept."""
    project, pictures, mark = here.project("crops"), _pictures(), "sluicebench"
    batch = here.batch(project, "all")
    names = list(pictures)
    for start in range(0, PICTURES, 50):
        body = b"".join(
            f'--{mark}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\nContent-Type: image/jpeg\r\n\r\n'.encode() + pictures[name] + b"\r\n"
            for name in names[start : start + 50]
        ) + f"--{mark}--\r\n".encode()
        here.owner.finished(here.owner.call("POST", f"/batches/{batch['id']}/files", body, kind=f"multipart/form-data; boundary={mark}"))
    lines = [
        f'{{"key":"labelled-{name}","sha256":"{hashlib.sha256(pictures[name]).hexdigest()}",'
        f'"annotation":{{"objects":[{{"kind":"box","label":"car","box":[{100 + n},{200 + n},160,120]}}]}}}}'
        for n, name in enumerate(names)
    ]
    here.manifest(batch, "\n".join(lines).encode())
    body = _page(here, cookie, f"/p/{project['id']}/wall?label=car")[1]
    sheets = [found.replace("&amp;", "&") for found in re.findall(r'href="(/api/v1/projects/\d+/wall/sheet[^"]+)"', body.decode())]
    figures: dict[str, object] = {"crops of a page": body.decode().count('name="thing"'), "sheets": len(sheets)}
    for words in ("cold", "warm"):
        began, most, size = time.perf_counter(), 0.0, 0
        for sheet in sheets:
            took, data = _page(here, cookie, sheet)
            most, size = max(most, took), size + len(data)
        figures[f"all sheets one after the other, {words}, s"] = round(time.perf_counter() - began, 2)
        figures[f"slowest sheet, {words}, ms"] = round(most)
        figures["kB of all"] = round(size / 1000)
    return figures
