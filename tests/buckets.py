"""Buckets to test with: of moto, which knows S3 well but takes any signature, and of SeaweedFS, which checks each one.

SeaweedFS is there after `python3 manage.py conformance`; without it what needs it is skipped.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.server.running import ROOT, free_port

WEED = Path(os.environ.get("SLUICE_TEST_WEED") or ROOT / ".venv-s3" / "bin" / "weed")


@dataclass(frozen=True)
class ObjectStore:
    name: str
    endpoint: str
    key: str
    secret: str

    @property
    def checks_signatures(self) -> bool:
        return self.name == "seaweedfs"


@contextmanager
def _running(command: list[str], store: ObjectStore, place: str) -> Iterator[ObjectStore]:
    with open(Path(place) / "log", "wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=place)
    try:
        end = time.monotonic() + 60
        while not _answers(store.endpoint):
            assert process.poll() is None and time.monotonic() < end, (Path(place) / "log").read_text()[-2000:]
            time.sleep(0.1)
        yield store
    finally:
        process.kill()  # it has nothing to keep
        process.wait()


def _answers(endpoint: str) -> bool:
    try:
        urllib.request.urlopen(endpoint, timeout=5).close()
    except urllib.error.HTTPError as refused:
        return refused.code < 500
    except OSError:
        return False
    return True


@contextmanager
def moto() -> Iterator[ObjectStore]:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="sluice-moto-") as place:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        with _running(command, ObjectStore("moto", f"http://127.0.0.1:{port}", "AKIASLUICE", secrets.token_hex(8)), place) as store:
            yield store


@contextmanager
def seaweedfs() -> Iterator[ObjectStore]:
    if not WEED.exists():
        pytest.skip("SeaweedFS is not installed: python3 manage.py conformance")
    names = ("s3.port", "s3.port.grpc", "filer.port", "filer.port.grpc", "master.port", "master.port.grpc", "volume.port", "volume.port.grpc")
    ports = {name: free_port() for name in names}
    store = ObjectStore("seaweedfs", f"http://127.0.0.1:{ports['s3.port']}", "SLUICE", secrets.token_hex(16))
    with tempfile.TemporaryDirectory(prefix="sluice-weed-") as place:
        who = {"name": "sluice", "credentials": [{"accessKey": store.key, "secretKey": store.secret}], "actions": ["Admin", "Read", "Write", "List"]}
        (Path(place) / "who.json").write_text(json.dumps({"identities": [who]}))
        command = [
            str(WEED),
            "server",
            f"-dir={place}",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            "-s3",
            "-filer",
            "-s3.config=who.json",
            "-master.volumeSizeLimitMB=64",
            "-volume.max=500",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-s3.autoCreateBucket=false",
        ]
        with _running(command + [f"-{name}={port}" for name, port in ports.items()], store, place) as running:
            yield running


@pytest.fixture(scope="session", params=["moto", "seaweedfs"])
def object_store(request: Any) -> Iterator[ObjectStore]:
    with {"moto": moto, "seaweedfs": seaweedfs}[request.param]() as store:
        yield store


@pytest.fixture
def bucket(object_store: ObjectStore, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A new bucket as the server's storage, set as an operator does; the fixture is Django's storage."""
    from django.core.files.storage import default_storage

    from workflows.server import storage

    name = f"sluice-{secrets.token_hex(6)}"
    for setting, value in {"STORAGE": f"s3://{name}/data/sets", "S3_ENDPOINT": object_store.endpoint, "S3_KEY_ID": object_store.key, "S3_SECRET": object_store.secret}.items():
        monkeypatch.setenv(f"SLUICE_{setting}", value)
    settings.STORAGES = settings.STORAGES | {"default": storage.default(Path("none"))}
    made: Any = default_storage
    made.client.create_bucket(Bucket=name)
    return made


def keys(bucket: Any) -> set[str]:
    """Every object of the bucket."""
    pages = bucket.client.get_paginator("list_objects_v2").paginate(Bucket=bucket.bucket_name)
    return {entry["Key"] for page in pages for entry in page.get("Contents", ())}


def ranges(bucket: Any) -> list[str]:
    """The list that every read of an object from now on adds its range to."""
    asked: list[str] = []
    bucket.client.meta.events.register("provide-client-params.s3.GetObject", lambda params, **_: asked.append(params.get("Range", "all")))
    return asked
