"""What an item's key may be: a relative path that no file system, archive or log could read as something else."""

from __future__ import annotations

import re
import unicodedata

from annotate.kernel import canonical
from annotate.kernel.errors import Invalid

LONGEST = 1024
TOMBSTONE = "erased:"  # the keys of erased items begin so; nobody else's may
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. -]*(?:/[A-Za-z0-9_][A-Za-z0-9_. -]*)*")  # of which nothing is wrong
_DRIVE = re.compile(r"[A-Za-z]:")


def fault(key: str) -> str | None:
    """What is wrong with a key, or None."""
    if not key or not key.strip():
        return "is empty"
    if len(key) > LONGEST:
        return f"is longer than {LONGEST} characters"
    if not key.isprintable() and any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in key):
        return "contains a control character"
    if key.startswith(("/", "\\")) or _DRIVE.match(key):
        return "is an absolute path"
    parts = re.split(r"[/\\]", key)
    if ".." in parts or "." in parts:
        return "contains a '.' or '..' step"
    if "" in parts:
        return "contains an empty step"
    if key.startswith(TOMBSTONE):
        return f"begins with {TOMBSTONE!r}"
    return None


def check_key(key: str) -> str:
    """The key itself, or `Invalid` (code `bad_key`) with what is wrong."""
    if len(key) <= LONGEST and _PLAIN.fullmatch(key):
        return key
    canonical.check_text(key)
    wrong = fault(key)
    if wrong:
        raise Invalid(f"the key {key[:80]!r} {wrong}", code="bad_key", fields={"key": wrong})
    return key
