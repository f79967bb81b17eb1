"""Cuts a query's text into tokens that know their column."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from annotate.search.errors import QueryError

LONGEST = 4000  # characters of a query
KEYWORDS = frozenset(("and", "or", "not", "in", "contains", "startswith"))

_SPACE = re.compile(r"\s+")
_SIGN = re.compile(r"!=|<=|>=|[=<>(),*]")
_RUN = re.compile(r"[\w\-.:/+]+")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True)
class Token:
    """`kind` is word, text, number, sign, keyword or end. A word's `parts` are what its dots separate, quotes taken off."""

    kind: str
    text: str
    column: int
    parts: tuple[str, ...] = ()


def _quoted(source: str, at: int) -> tuple[str, int]:
    """(the text of the string that begins at `at`, the place after it)."""
    out: list[str] = []
    place = at + 1
    while place < len(source):
        sign = source[place]
        if sign == '"':
            return "".join(out), place + 1
        if sign == "\\":
            if source[place + 1 : place + 2] not in ('"', "\\"):
                raise QueryError(_('write \\\\ for a backslash and \\" for a quotation mark'), place + 1)
            place += 1
            sign = source[place]
        out.append(sign)
        place += 1
    raise QueryError(_("this text has no closing quotation mark"), at + 1)


def _word(source: str, at: int) -> tuple[Token, int]:
    """A word or number; a part after a dot may be quoted, as in meta."camera name"."""
    found = _RUN.match(source, at)
    assert found is not None
    run, place = found.group(), found.end()
    if _NUMBER.fullmatch(run):
        return Token("number", run, at + 1), place
    if run.lower() in KEYWORDS:
        return Token("keyword", run.lower(), at + 1), place
    parts = run.split(".")
    while parts[-1] == "" and source[place : place + 1] == '"':
        parts[-1], place = _quoted(source, place)
        found = _RUN.match(source, place)
        if found is not None:
            if not found.group().startswith("."):
                raise QueryError(_("put a dot or a space after the quotation mark"), place + 1)
            parts += found.group()[1:].split(".")
            place = found.end()
    return Token("word", source[at:place], at + 1, tuple(parts)), place


def tokens(source: str) -> list[Token]:
    """The tokens of a query, the last of kind end; `QueryError` names the column of what is none."""
    if len(source) > LONGEST:
        raise QueryError(_("a query has at most %(most)d characters") % {"most": LONGEST}, LONGEST + 1)
    found: list[Token] = []
    place = 0
    while place < len(source):
        if source[place] == "\x00" or "\ud800" <= source[place] <= "\udfff":
            raise QueryError(_("this character cannot be searched for"), place + 1)
        if space := _SPACE.match(source, place):
            place = space.end()
        elif source[place] == '"':
            text, after = _quoted(source, place)
            if bad := next((sign for sign in text if sign == "\x00" or "\ud800" <= sign <= "\udfff"), ""):
                raise QueryError(_("this character cannot be searched for"), source.index(bad, place) + 1)
            found.append(Token("text", text, place + 1))
            place = after
        elif sign := _SIGN.match(source, place):
            found.append(Token("sign", sign.group(), place + 1))
            place = sign.end()
        elif _RUN.match(source, place):
            token, place = _word(source, place)
            found.append(token)
        else:
            mend = _(' (put texts in "quotation marks")') if source[place] in "'`“”„«" else ""
            raise QueryError(_("“%(sign)s” has no meaning here%(mend)s") % {"sign": source[place], "mend": mend}, place + 1)
    found.append(Token("end", "", len(source) + 1))
    return found
