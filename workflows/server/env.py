"""What the environment says, read once and by name: every setting that an operator may give.

`SLUICE_DATA` is the data folder (database, stored bytes, secrets); `DATABASE_URL` names a Postgres to use instead of the
embedded one. `up` sets both for its children.
"""

from __future__ import annotations

import hashlib
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


def typed_path(given: str) -> Path:
    """A path as somebody typed it: `~` is their home, and a relative one begins where they ran `manage.py`."""
    return Path(text("SLUICE_TYPED_IN") or ".", Path(given).expanduser())


def _closed(folder: Path) -> bool:
    """Whether another user cannot enter the folder: some part of its path lacks the x bit for others."""
    return any(not part.stat().st_mode & 0o001 for part in (folder, *folder.parents) if part.exists())


def data_folder() -> Path:
    """`SLUICE_DATA`, else `data` beside manage.py; elsewhere when Postgres (as root: another user) could not reach that."""
    given = text("SLUICE_DATA")
    if given:
        return typed_path(given).resolve()
    own = hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]
    if os.geteuid() == 0 and _closed(ROOT):
        return Path("/var/lib/sluice") / own
    if os.geteuid() != 0 and not os.access(ROOT, os.W_OK):
        return Path("~/.local/share/sluice").expanduser() / own
    return ROOT / "data"


def secret(folder: Path, name: str) -> str:
    """A random secret kept in `folder/name`, mode 0600; made on first use, the same ever after."""
    path = folder / name
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    value = secrets.token_urlsafe(64)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was first
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(value)
    return value
