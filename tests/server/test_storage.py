"""Where bytes are kept is read from the environment; what cannot work is said in one line that names the setting."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.buckets import keys
from workflows.server import entry, setup, storage
from workflows.server.setup import SetupError

HERE = Path("/data")


def test_a_folder_is_the_default_and_needs_no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLUICE_STORAGE", raising=False)
    assert storage.default(HERE)["OPTIONS"] == {"location": "/data/media"} and setup.S3_REQUIREMENTS not in entry.requirements("up")
    storage.check()


def test_a_bucket_is_read_from_the_environment_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICE_STORAGE", "s3://lake/sets/sluice/")
    options = storage.default(HERE)["OPTIONS"]
    assert (options["bucket_name"], options["location"], options["endpoint_url"], options["addressing_style"]) == ("lake", "sets/sluice", None, "auto")
    assert "access_key" not in options and setup.S3_REQUIREMENTS in entry.requirements("up")
    monkeypatch.setenv("SLUICE_S3_ENDPOINT", "http://store:8333/")
    options = storage.default(HERE)["OPTIONS"]
    assert (options["endpoint_url"], options["addressing_style"], options["region_name"]) == ("http://store:8333", "path", "us-east-1")


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("SLUICE_STORAGE", "/a/folder"),
        ("SLUICE_STORAGE", "s3://"),
        ("SLUICE_STORAGE", "s3://key:secret@lake/x"),
        ("SLUICE_STORAGE", "s3://lake/../x"),
        ("SLUICE_S3_ENDPOINT", "store:8333"),
        ("SLUICE_S3_PUBLIC", "maybe"),
        ("SLUICE_S3_ADDRESSING", "dns"),
        ("SLUICE_S3_KEY_ID", "alone"),
    ],
)
def test_what_means_no_bucket_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, given: str) -> None:
    monkeypatch.setenv("SLUICE_STORAGE", "s3://lake")
    monkeypatch.setenv(name, given)
    with pytest.raises(SetupError, match=name):
        storage.default(HERE)


def test_a_bucket_that_takes_bytes_passes_and_is_left_as_it_was(bucket: Any, capsys: pytest.CaptureFixture[str]) -> None:
    storage.check()
    assert not keys(bucket) and not capsys.readouterr().err


def test_a_bucket_that_is_not_there_is_said_in_one_line(bucket: Any) -> None:
    bucket.bucket_name = "sluice-none"
    with pytest.raises(SetupError, match=r"s3://sluice-.* cannot be written: .*NoSuchBucket"):
        storage.check()


def test_a_store_that_does_not_answer_is_said_in_one_line(bucket: Any) -> None:
    bucket.endpoint_url = "http://127.0.0.1:9"
    with pytest.raises(SetupError, match=r"cannot be written: .*Could not connect") as failed:
        storage.check()
    assert "\n" not in str(failed.value)


def test_a_bucket_that_keeps_what_is_erased_is_told_of(bucket: Any, capsys: pytest.CaptureFixture[str]) -> None:
    bucket.client.put_bucket_versioning(Bucket=bucket.bucket_name, VersioningConfiguration={"Status": "Enabled"})
    storage.check()
    assert "keeps versions" in capsys.readouterr().err
