"""First use: what is missing is said in one line that names the mend."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.running import ROOT, clean_environment
from workflows.server import env, setup, supervisor
from workflows.server.setup import SetupError


def test_pins_are_read_with_extras_and_comments(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("# head\npsycopg[binary,pool]==3.3.9  # driver\nPillow==13.0.0\n\n")
    assert setup.pins(file) == {"psycopg": "3.3.9", "Pillow": "13.0.0"}


def test_an_interpreter_without_a_pinned_version_is_not_satisfied(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("Django==0.0.1  # never\n")
    assert not setup.satisfied([file])
    assert setup.satisfied([setup.RUN_REQUIREMENTS])


def test_a_taken_port_is_refused_in_words_that_name_another() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SetupError, match=rf"port {port} .* is taken.*--port {port + 1}"):
            supervisor.check_port("127.0.0.1", port)


@pytest.mark.parametrize("port", [0, 70000, -1])
def test_a_port_out_of_range_is_refused(port: int) -> None:
    with pytest.raises(SetupError, match="1 to 65535"):
        supervisor.check_port("127.0.0.1", port)


def test_an_unknown_host_is_refused() -> None:
    with pytest.raises(SetupError, match="no such address"):
        supervisor.check_port("no-such-host.invalid", 8000)


def test_a_data_folder_serves_one_server(tmp_path: Path) -> None:
    first = supervisor.claim_folder(tmp_path / "data")
    with pytest.raises(SetupError, match=r"running .* already"):
        supervisor.claim_folder(tmp_path / "data")
    first.close()
    supervisor.claim_folder(tmp_path / "data").close()


def test_a_data_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError, match=r"not writable.*--data"):
        supervisor.claim_folder(tmp_path / "file" / "data")


def test_a_relative_path_begins_where_it_was_typed(tmp_path: Path) -> None:
    """Not in the folder of manage.py, where the work is done."""
    inner = tmp_path / "an export"
    inner.mkdir()
    run = [sys.executable, str(ROOT / "manage.py"), "verify_export", "an export"]
    done = subprocess.run(run, cwd=tmp_path, env=clean_environment(PWD="/elsewhere"), capture_output=True, text=True)
    assert done.returncode == 1
    assert "holds no" in done.stderr, done.stderr
    gone = subprocess.run(run, cwd=inner, env=clean_environment(), capture_output=True, text=True)
    assert "is not there" in gone.stderr, gone.stderr


def test_manage_py_may_be_called_by_a_relative_path_with_any_python() -> None:
    """The interpreter without packages gives over to that of .venv, after it has changed into its own folder."""
    python = getattr(sys, "_base_executable", sys.executable)
    run = [python, f"{ROOT.name}/manage.py", "verify_export", "nowhere"]
    done = subprocess.run(run, cwd=ROOT.parent, env=clean_environment(), capture_output=True, text=True)
    assert str(ROOT.parent / "nowhere") in done.stderr, done.stderr


def test_a_fresh_data_folder_of_root_can_be_passed_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        supervisor.claim_folder(tmp_path / "data").close()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == (0o755 if os.geteuid() == 0 else 0o700)
    assert stat.S_IMODE((tmp_path / "data" / "media").stat().st_mode) == 0o700


def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = env.secret(tmp_path / "secrets", "django-key")
    assert env.secret(tmp_path / "secrets", "django-key") == first
    assert env.secret(tmp_path / "other", "django-key") != first
    assert stat.S_IMODE((tmp_path / "secrets" / "django-key").stat().st_mode) == 0o600
    assert len(first) >= 50


def test_a_database_that_does_not_answer_is_one_line_that_names_the_setting(tmp_path: Path) -> None:
    environment = clean_environment(SLUICE_DATA=str(tmp_path), DATABASE_URL=f"postgresql://nobody@/none?host={tmp_path}")
    command = [sys.executable, "manage.py", "verify_activity"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 2 and "check DATABASE_URL" in done.stderr and "Traceback" not in done.stderr
