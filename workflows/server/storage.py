"""Where bytes are kept: `media/` of the data folder, or a bucket that `SLUICE_STORAGE=s3://bucket/prefix` names.

How to reach the bucket: `SLUICE_S3_ENDPOINT`, `_REGION`, `_KEY_ID` and `_SECRET`, `_ADDRESSING` (auto, path, virtual), `_PUBLIC` (the
address of the store for those who pull, or "no"). Without a key the usual AWS variables, profiles and roles of the machine count.
"""

from __future__ import annotations

import re
import secrets
import sys
from pathlib import Path
from typing import Any

from workflows.server import env
from workflows.server.setup import SetupError

_PLACE = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([A-Za-z0-9._/-]*))?")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+(/[A-Za-z0-9._/-]*)?")
STYLES = ("auto", "path", "virtual")


def default(data: Path) -> dict[str, Any]:
    """Django's `STORAGES["default"]`; `SetupError` for words that mean no place."""
    given = env.text("SLUICE_STORAGE")
    if not given:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(data / "media")}}
    found = _PLACE.fullmatch(given)
    if found is None or ".." in given:
        raise SetupError(f"SLUICE_STORAGE={given}: must be s3://bucket or s3://bucket/prefix; leave it out for the data folder")
    return {"BACKEND": "annotate.media.bucket.Bucket", "OPTIONS": _options(found[1], (found[2] or "").strip("/"))}


def _options(bucket: str, prefix: str) -> dict[str, Any]:
    endpoint, public = _address("SLUICE_S3_ENDPOINT"), env.text("SLUICE_S3_PUBLIC")
    style = env.text("SLUICE_S3_ADDRESSING") or ("path" if endpoint else "auto")
    if style not in STYLES:
        raise SetupError(f"SLUICE_S3_ADDRESSING={style}: must be one of {', '.join(STYLES)}")
    options: dict[str, Any] = {
        "bucket_name": bucket,
        "location": prefix,
        "endpoint_url": endpoint or None,
        "region_name": env.text("SLUICE_S3_REGION") or ("us-east-1" if endpoint else None),
        "addressing_style": style,
        "signature_version": "s3v4",
        "file_overwrite": True,  # names are of contents or of attempts: who writes one again writes the same
        "public": public if public == "no" else _address("SLUICE_S3_PUBLIC"),
    }
    key, secret = env.text("SLUICE_S3_KEY_ID"), env.text("SLUICE_S3_SECRET")
    if bool(key) != bool(secret):
        raise SetupError("SLUICE_S3_KEY_ID and SLUICE_S3_SECRET go together: give both, or neither for the machine's own AWS credentials")
    return options | ({"access_key": key, "secret_key": secret} if key else {})


def _address(name: str) -> str:
    given = env.text(name).rstrip("/")
    if given and not _ADDRESS.fullmatch(given):
        raise SetupError(f"{name}={given}: must be an address such as https://s3.example")
    return given


def check() -> None:
    """Writes, reads, lists and deletes an object; `SetupError` in one line when the bucket does not allow it. A folder is not tried."""
    from django.conf import settings
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    if not settings.STORAGES["default"]["BACKEND"].endswith(".Bucket"):
        return
    name, where, doing = f"checks/{secrets.token_hex(8)}", env.text("SLUICE_STORAGE"), "opened"
    try:
        doing = "written"
        default_storage.save(name, ContentFile(b"sluice"))
        doing = "read"
        with default_storage.open(name, "rb") as file:
            file.read()
        doing = "listed"
        default_storage.listdir("checks")
        doing = "deleted in"
        default_storage.delete(name)
    except OSError as error:
        raise SetupError(f"{where} cannot be {doing}: {error.strerror}; look at SLUICE_STORAGE and SLUICE_S3_* (is there such a bucket?)") from error
    if default_storage.keeps_versions():  # type: ignore[attr-defined]
        print(f"{where} keeps versions of what is deleted: erased data stays in it until a rule of the bucket's life cycle removes them", file=sys.stderr, flush=True)
