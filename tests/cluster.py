"""A cluster in which all migrations ran once: who needs a migrated server begins with a copy of it.

It is kept in pytest's cache until a migration or a pin changes.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from workflows.server.postgres import Server

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / ".pytest_cache" / "sluice-cluster"


def begin_migrated(folder: Path) -> None:
    """Lay a copy into a data folder that is empty still; its database is called `sluice`."""
    shutil.copytree(_migrated(), folder / "pgdata", symlinks=True, copy_function=_copy)
    _give(folder / "pgdata")


def _migrated() -> Path:
    """The kept cluster's data folder; the first process makes it while the others wait."""
    KEPT.mkdir(parents=True, exist_ok=True)
    wanted = KEPT / _fingerprint()
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not wanted.exists():
            for old in KEPT.iterdir():
                if old.is_dir():
                    shutil.rmtree(old, ignore_errors=True)
            _make(wanted)
    return wanted


def _fingerprint() -> str:
    digest = hashlib.sha256(sys.version.encode())
    for path in [*sorted(ROOT.glob("*/migrations/*.py")), ROOT / "requirements.txt", Path(__file__)]:
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:24]


def _make(wanted: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="sluice-template-") as place:
        os.chmod(place, 0o755)
        server = Server(Path(place), durable=False)
        server.start()
        try:
            own = os.environ | {
                "DATABASE_URL": server.dsn,
                "SLUICE_DATA": place,
                "DJANGO_SETTINGS_MODULE": "workflows.server.settings",
            }
            subprocess.run(
                [sys.executable, ROOT / "manage.py", "migrate", "--verbosity", "0"], check=True, env=own, cwd=ROOT
            )
        finally:
            server.stop()
            shutil.rmtree(server.socket, ignore_errors=True)
        half = wanted.with_name(wanted.name + ".half")
        shutil.rmtree(half, ignore_errors=True)
        shutil.copytree(server.data, half, symlinks=True, copy_function=_copy)
        half.rename(wanted)


def _copy(source: str, target: str) -> str:
    """Without times and attributes; a lock or socket file of a server that has ended is not in the way."""
    return str(shutil.copyfile(source, target))


def _give(data: Path) -> None:
    """Postgres wants its folder closed, and owned by who runs it: `nobody` where this is root."""
    os.chmod(data, 0o700)
    if os.geteuid() == 0:
        import pwd

        nobody = pwd.getpwnam("nobody")
        for folder, _folders, names in os.walk(data):
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            for name in names:
                os.chown(os.path.join(folder, name), nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)
