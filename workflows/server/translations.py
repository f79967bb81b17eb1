"""The catalogue of the product's words: read from code and templates, kept in one .po, compiled without gettext tools."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from workflows.server.env import ROOT

LOCALES = ROOT / "workflows" / "locale"
LANGUAGE = "zh_Hans"
PO = LOCALES / LANGUAGE / "LC_MESSAGES" / "django.po"
ROOMS = ("annotate", "workflows")
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3), "npgettext_lazy": ((1, "c"), 2, 3),
}  # fmt: skip
Message = tuple[str, str | tuple[str, ...], str | None]  # file, msgid or (singular, plural), context


def sources() -> Iterator[Path]:
    """Python files and templates of the product, in a fixed order."""
    for room in ROOMS:
        for pattern in ("**/*.py", "**/templates/**/*.html"):
            for path in sorted((ROOT / room).glob(pattern)):
                if "migrations" not in path.parts:
                    yield path


def _python(text: str) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """(msgid, context) of every marked string in Python source."""
    for _line, message, _comments, context in extract("python", io.BytesIO(text.encode()), KEYWORDS):
        if message and message != "":
            yield message if isinstance(message, str) else tuple(message), context


def _template(text: str, origin: str) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """The same of a template: Django turns its tags into calls, and the rest into filler."""
    from django.utils.translation.template import templatize

    calls = "\n".join(line.strip() for line in templatize(text, origin).splitlines())
    return _python(calls)


def messages() -> Iterator[Message]:
    for path in sources():
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(ROOT).as_posix()
        found = _template(text, name) if path.suffix == ".html" else _python(text)
        for message, context in found:
            yield name, message, context


def template_catalogue() -> Catalog:
    """Every marked string, with the files that use it."""
    catalogue = Catalog(charset="utf-8")
    for name, message, context in messages():
        catalogue.add(message, locations=[(name, 0)], context=context)
    return catalogue


def read() -> Catalog:
    if not PO.exists():
        return Catalog(locale=LANGUAGE, project="Sluice", charset="utf-8", fuzzy=False)
    with PO.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def extract_all() -> tuple[int, int]:
    """Rewrite the .po from the code: (strings, those without a translation). What is no longer used goes."""
    catalogue = read()
    begun = catalogue.creation_date
    catalogue.update(template_catalogue(), no_fuzzy_matching=True)
    catalogue.creation_date = begun  # a reading that finds nothing new changes nothing, whatever the clock says
    catalogue.obsolete.clear()
    PO.parent.mkdir(parents=True, exist_ok=True)
    out = io.BytesIO()
    write_po(out, catalogue, width=120, sort_output=True, include_lineno=False, ignore_obsolete=True)
    PO.write_bytes(out.getvalue())
    every = [message for message in catalogue if message.id]
    return len(every), sum(not _translated(message.string) for message in every)


def _translated(string: str | tuple[str, ...] | list[str] | None) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)


def compile_all() -> int:
    """Make the .mo files that Django reads, where the .po is newer; how many were made."""
    made = 0
    for po in LOCALES.glob("*/LC_MESSAGES/*.po"):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        with po.open("rb") as file:
            catalogue = read_po(file, locale=po.parents[1].name)
        fresh = mo.with_name(f"{mo.name}.{os.getpid()}")
        with fresh.open("wb") as out:
            write_mo(out, catalogue)
        os.replace(fresh, mo)
        made += 1
    return made
