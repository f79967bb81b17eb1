"""File names for keys: one name per key, that no file system, archive or shell takes as something else. Pure.

Keys are relative paths already; this is the second fence, for what a file system cannot hold. Two keys never get one name:
`%` is escaped with everything else, so the way back is unambiguous, and the few names that are too long end in a digest.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

from workflows.exporters.seen import Seen

LONGEST_STEP = 200  # bytes; file systems take 255, archives and downloads add to it
_UNSAFE = re.compile(r'[%\\<>:"|?*\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]')
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE)


# Keys of which nothing has to be escaped, which nearly all are; and those of them that no other can be taken for.
_STEPS = r"(?:(?!(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:[./]|\Z))[a-z0-9_-][a-z0-9_.-]{0,150}(?<!\.)(?:/(?=[^/])|\Z))+"
_PLAIN, _SMALL = re.compile(_STEPS, re.IGNORECASE | re.ASCII), re.compile(_STEPS)


def _escape(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))


def safe_step(step: str) -> str:
    """One step of a path.

    >>> safe_step(".."), safe_step("a\\\\b"), safe_step("50%.jpg"), safe_step("nul.png"), safe_step("x.")
    ('%2E%2E', 'a%5Cb', '50%25.jpg', '%6Eul.png', 'x%2E')
    """
    if not step:
        return "%"
    if not step.strip("."):
        return _escape(step)
    made = _UNSAFE.sub(lambda found: _escape(found[0]), step)
    if _DEVICE.match(made):
        made = _escape(made[0]) + made[1:]
    if made[-1] in ". ":
        made = made[:-1] + _escape(made[-1])
    if made[0] == " ":
        made = _escape(" ") + made[1:]
    if len(made.encode()) <= LONGEST_STEP:
        return made
    digest = hashlib.sha256(step.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    ending = re.search(r"\.[A-Za-z0-9]{1,8}$", step)
    return made.encode()[:100].decode("utf-8", "ignore") + f"%~{digest}" + (ending[0] if ending else "")


def safe_name(key: str) -> str:
    """The key as a relative path with forward slashes.

    >>> safe_name("../x"), safe_name("/etc/passwd"), safe_name("night/día 1.jpg")
    ('%2E%2E/x', '%/etc/passwd', 'night/día 1.jpg')
    """
    return key if _PLAIN.fullmatch(key) else "/".join(safe_step(step) for step in key.split("/"))


class Names:
    """Names of keys that come in order of their bytes; remembers only the keys that the present one begins with.

    "a" and "a/b" may both be keys, but no folder can be a file as well: the second becomes "a%2Fb". Of names that a file
    system without case takes for one, the later ones get a digest: "A.jpg" and "a%~1f2e3d4c.jpg". Only names that are not
    small ASCII letters anyway are remembered for that: in the order of bytes, these come last.
    """

    def __init__(self) -> None:
        self._open: list[str] = []
        self._seen: Seen | None = None

    def name(self, key: str) -> str:
        while self._open and not key.startswith(self._open[-1]):
            self._open.pop()
        clashes = [len(known) for known in self._open if key.startswith(known + "/")] if self._open else ()
        self._open.append(key)
        if not clashes and self._seen is None and _SMALL.fullmatch(key):
            return key
        made, start = "", 0
        for end in clashes:
            made += safe_name(key[start:end]) + "%2F"
            start = end + 1
        made += safe_name(key[start:])
        if len(made) > 60 and any(len(step.encode()) > 250 for step in made.split("/")):
            made = self._short(key)
        return made if self._seen is None and made.isascii() and made == made.lower() else self._apart(made, key)

    def _apart(self, made: str, key: str) -> str:
        if self._seen is None:
            self._seen = Seen()
        if self._seen.add(folded(made)):
            return made
        stem, dot, ending = made.rpartition(".")
        if not dot or "/" in ending:
            stem, ending = made, ""
        whole = f"{stem}%~{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}{dot if ending else ''}{ending}"
        return whole if self._seen.add(folded(whole)) else self._short(key)

    @staticmethod
    def _short(key: str) -> str:
        ending = re.search(r"\.[A-Za-z0-9]{1,8}$", key)
        return "%~" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest() + (ending[0] if ending else "")


def folded(name: str) -> str:
    """The name as a file system that ignores case and composition would compare it."""
    return unicodedata.normalize("NFC", name).casefold()
