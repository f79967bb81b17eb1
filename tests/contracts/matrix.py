"""Reads `who_sees_what.txt`: one line per call, one column per caller, the status each must get."""

from __future__ import annotations

from pathlib import Path

TABLE = Path(__file__).with_name("who_sees_what.txt")
CALLERS = ("owner", "admin", "manager", "reviewer", "annotator", "idle", "collector", "viewer", "outsider", "nobody", "scope")
Row = dict[str, str]


def table() -> dict[tuple[str, str], Row]:
    """(method, path) → caller → "200", "4xx" or "-" (does not apply)."""
    rows = {}
    for line in TABLE.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            method, path, *cells = line.split()
            assert len(cells) == len(CALLERS), f"{len(CALLERS)} columns: {line}"
            assert (method, path) not in rows, f"twice: {line}"
            rows[method, path] = dict(zip(CALLERS, cells, strict=True))
    return rows


def written(method: str, path: str, row: Row) -> str:
    """The row as the table writes it."""
    return f"{method:<6} {path:<48} " + " ".join(f"{row[caller]:<4}" for caller in CALLERS).rstrip()
