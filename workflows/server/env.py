"""What the environment says, read once and by name: every setting that an operator may give.

`SLUICE_DATA` is the data folder (database, stored bytes, secrets); `DATABASE_URL` names a Postgres to use instead of the
embedded one. `up` sets both for its children.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def flag(name: str) -> bool:
    return text(name).lower() in ("1", "true", "yes", "on")


def number(name: str, default: int) -> int:
    return int(text(name) or default)


def listed(name: str) -> list[str]:
    return [part.strip() for part in text(name).split(",") if part.strip()]


def data_folder() -> Path:
    return Path(text("SLUICE_DATA") or ROOT / "data").expanduser().resolve()


def secret(folder: Path, name: str) -> str:
    """A random secret kept in `folder/name`, mode 0600; made on first use, the same ever after."""
    path = folder / name
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
    value = secrets.token_urlsafe(64)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was first
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(value)
    return value
