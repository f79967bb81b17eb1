"""`up`: one process that starts and keeps Postgres, the web server and the job cluster with its clock. Runs without Django.

Ctrl-C stops everything in order. When this process is killed, the others end by themselves, and the next start goes on.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from workflows.server import env, setup
from workflows.server.children import Child, stop_all
from workflows.server.postgres import PostgresError, Server
from workflows.server.setup import SetupError, say

# A web process takes so many at once; an open page keeps one while it is idle, which costs a few kB and no thread.
CONNECTIONS = 4096
HUNG = 3  # the job cluster's exit status when its clock sees that work stands still


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="manage.py up", description="Start Sluice: database, web server, background work.")
    parser.add_argument("--demo", action="store_true", help="load a demo project with accounts to sign in with")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (default 8000)")
    parser.add_argument("--data", metavar="DIR", help="folder for the database, stored bytes and secrets")
    parser.add_argument("--web-workers", type=int, default=2, help="web processes (default 2)")
    return parser.parse_args(argv)


def check_port(host: str, port: int) -> None:
    if not 1 <= port <= 65535:
        raise SetupError(f"--port {port}: a port is a number from 1 to 65535")
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except socket.gaierror as error:
        raise SetupError(f"--host {host}: this machine knows no such address") from error
    except PermissionError as error:
        raise SetupError(f"port {port} needs more rights: choose one above 1023 with --port") from error
    except OSError as error:
        raise SetupError(f"port {port} on {host} is taken: stop what uses it, or choose another with --port {port + 1}") from error


def allow_files(wanted: int) -> None:
    """Let this process and its children open so many files and connections, as far as the machine allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def claim_folder(folder: Path) -> IO[str]:
    """The data folder, made and locked for this process; one server per folder."""
    try:
        made = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        if made and os.geteuid() == 0:
            folder.chmod(0o755)  # whatever the umask: root's Postgres is another user, who must be able to pass
        for private in ("secrets", "media", "logs"):
            (folder / private).mkdir(mode=0o700, exist_ok=True)
        lock = open(folder / "up.lock", "a+")  # noqa: SIM115  held until the process ends
    except OSError as error:
        raise SetupError(f"the data folder {folder} is not writable: choose another with --data DIR") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise SetupError(f"a server is running on {folder} already: use it, or choose another folder with --data DIR") from error
    return lock


def check_semaphores() -> None:
    try:
        import multiprocessing

        multiprocessing.get_context("fork").Semaphore(1)
    except (OSError, ImportError) as error:
        raise SetupError("POSIX semaphores are missing (is /dev/shm mounted?): mount a tmpfs on /dev/shm, then run this again") from error


class Supervisor:
    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        if options.data:
            os.environ["SLUICE_DATA"] = str(env.typed_path(options.data).resolve())
        self.data = env.data_folder()
        os.environ["SLUICE_DATA"] = str(self.data)
        self.postgres: Server | None = None
        self.children: list[Child] = []
        self.stopping = False

    def _environment(self) -> dict[str, str]:
        hosts = env.listed("SLUICE_HOSTS") or ["localhost", "127.0.0.1", "[::1]"]
        host = self.options.host
        if host in ("0.0.0.0", "::"):
            hosts += [socket.gethostname(), *_own_addresses()]
        elif host not in hosts:
            hosts.append(f"[{host}]" if ":" in host else host)
        beside = str(Path(sys.executable).parent)
        return {
            **os.environ,
            "SLUICE_HOSTS": ",".join(hosts),
            "DJANGO_SETTINGS_MODULE": "workflows.server.settings",
            "PYTHONUNBUFFERED": "1",
            "PATH": f"{beside}{os.pathsep}{os.environ.get('PATH', '')}",
        }

    def url(self) -> str:
        host = self.options.host
        shown = "127.0.0.1" if host == "0.0.0.0" else "[::1]" if host == "::" else f"[{host}]" if ":" in host else host
        return f"http://{shown}:{self.options.port}"

    def start_database(self) -> None:
        """The embedded Postgres, unless DATABASE_URL names a server."""
        if env.text("DATABASE_URL"):
            return
        self.postgres = Server(self.data)
        self.postgres.start()

    def prepare(self, environment: dict[str, str]) -> str:
        """Migrations, translations, first-run link or demo, in one Django process; returns what it wants shown."""
        command = [sys.executable, "manage.py", "prepare", "--url", self.url(), *(["--demo"] if self.options.demo else [])]
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, cwd=setup.ROOT)
        if done.returncode:
            raise SetupError("the server could not be prepared; the lines above say why")
        return done.stdout

    def make_children(self, environment: dict[str, str]) -> None:
        logs = self.data / "logs"
        logs.mkdir(exist_ok=True)
        allow_files(2 * CONNECTIONS)
        python = sys.executable
        web = [
            python, "-m", "granian", "--interface", "wsgi", "--host", self.options.host, "--port", str(self.options.port),
            "--workers", str(self.options.web_workers), "--blocking-threads", "8", "--backlog", str(CONNECTIONS), "--backpressure", str(CONNECTIONS),
            "--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "10", "--no-log", "workflows.server.wsgi:application",
        ]  # fmt: skip
        pooled = {**environment, "SLUICE_USE_POOL": "1", "SLUICE_WATCH_PARENT": "1"}
        self.children = [
            Child("web", web, pooled, logs / "web.log"),
            Child("jobs", [python, "manage.py", "jobs_cluster", "--with-clock"], environment, logs / "jobs.log"),
        ]
        for child in self.children:
            child.start()

    def wait_for_web(self, timeout: float = 60) -> None:
        end = time.monotonic() + timeout
        while time.monotonic() < end and not self.stopping:
            self.keep()
            if self._answers():
                return
            time.sleep(0.05)
        if not self.stopping:
            raise SetupError(f"the web server does not answer; see {self.data / 'logs' / 'web.log'}")

    def _answers(self) -> bool:
        """Whether the web server says that it is well. Asked by hand: what the library for it loads would stay in memory."""
        host, _colon, port = self.url().removeprefix("http://").rpartition(":")
        with contextlib.suppress(OSError), socket.create_connection((host.strip("[]"), int(port)), timeout=2) as asked:
            asked.sendall(f"GET /healthz HTTP/1.0\r\nHost: {host}:{port}\r\n\r\n".encode())
            return b" 200 " in asked.recv(64)
        return False

    def keep(self) -> None:
        """One look at everything: what has ended is started again."""
        if self.postgres is not None and self.postgres.process is not None and self.postgres.process.poll() is not None:
            print("Postgres ended; starting it again", file=sys.stderr, flush=True)
            with contextlib.suppress(PostgresError):
                self.postgres.start()
        elif self.postgres is not None and self.postgres.process is None and self.postgres.pid() is None:
            with contextlib.suppress(PostgresError):
                self.postgres.start()  # a command had started it, and ended
        for child in self.children:
            status = child.keep()
            if status is None:
                continue
            if child.name == "jobs" and status == HUNG:
                print("background work stood still; starting it again", file=sys.stderr, flush=True)
                child.due, child.failures = 0.0, 0
            else:
                print(f"{child.name} ended ({status}); starting it again", file=sys.stderr, flush=True)

    def stop(self, *_: object) -> None:
        self.stopping = True

    def run(self) -> int:
        check_semaphores()
        check_port(self.options.host, self.options.port)
        lock = claim_folder(self.data)
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, self.stop)
        try:
            setup.build_front_end()
            self.start_database()
            environment = self._environment()
            shown = self.prepare(environment)
            if not self.stopping:
                self.make_children(environment)
                self.wait_for_web()
            if not self.stopping:
                say(f"url: {self.url()}/\n{shown.rstrip()}\nCtrl-C stops everything.")
            while not self.stopping:
                self.keep()
                time.sleep(0.2)
            return 0
        finally:
            if self.children:
                print("stopping …", file=sys.stderr, flush=True)
            stop_all(self.children)
            if self.postgres is not None:
                self.postgres.stop()
            lock.close()


def _own_addresses() -> list[str]:
    with contextlib.suppress(OSError):
        return sorted({str(entry[4][0]) for entry in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)})
    return []


def main(argv: Sequence[str]) -> int:
    options = arguments(argv)
    try:
        return Supervisor(options).run()
    except (PostgresError, OSError) as error:
        raise SetupError(str(error)) from error
