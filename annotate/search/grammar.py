"""Reads a query's text as a tree, by descent. `or` binds loosest, then `and`, then `not`.

    query      = [ or ]
    or         = and { "or" and }
    and        = not { "and" not }
    not        = "not" not | "(" or ")" | condition
    condition  = name [ operator value | "in" "(" value { "," value } ")" ]
    name       = word [ "(" ( value | "*" ) ")" ]

Who reads something else than queries by it may have words that go around a name, as in low(agreement(car)).
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace

from django.utils.translation import gettext as _

from annotate.search.errors import QueryError
from annotate.search.tokens import Token, tokens
from annotate.search.tree import And, Comparison, Name, Node, Not, Or, Value

DEEPEST = 32  # brackets and nots within each other
MOST_TERMS = 200  # conditions, and values of lists
COMPARING = ("=", "!=", "<", "<=", ">", ">=", "contains", "startswith")
_WORDS = {"true": True, "false": False, "null": None}


def parse(source: str, *, around: Collection[str] = ()) -> Node | None:
    """The tree of a query, None for an empty one; `QueryError` names the column and the mend. `around`: words that go around a name."""
    reader = _Reader(tokens(source), around)
    if reader.now.kind == "end":
        return None
    node = reader.either(0, grouped=False)
    reader.finish()
    return node


class _Reader:
    def __init__(self, found: list[Token], around: Collection[str] = ()) -> None:
        self.found = found
        self.around = around
        self.place = 0
        self.terms = 0

    @property
    def now(self) -> Token:
        return self.found[self.place]

    def take(self, kind: str, *texts: str) -> Token | None:
        """The present token when it is of the kind (and one of the texts); the next one is then present."""
        token = self.now
        if token.kind != kind or (texts and token.text not in texts):
            return None
        self.place += 1
        return token

    def count(self, column: int) -> None:
        self.terms += 1
        if self.terms > MOST_TERMS:
            raise QueryError(_("a query has at most %(most)d conditions and values") % {"most": MOST_TERMS}, column)

    def finish(self) -> None:
        token = self.now
        if token.kind == "end":
            return
        if token.text == ")":
            raise QueryError(_("this bracket closes nothing"), token.column)
        if token.text == "," or token.kind == "sign":
            raise QueryError(_("“%(text)s” has no meaning here") % {"text": token.text}, token.column)
        raise QueryError(_("write “and” or “or” between conditions"), token.column)

    def either(self, depth: int, *, grouped: bool) -> Node:
        parts = [self.both(depth, grouped=grouped)]
        while self.take("keyword", "or"):
            parts.append(self.both(depth, grouped=grouped))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def both(self, depth: int, *, grouped: bool) -> Node:
        parts = [self.negated(depth)]
        while self.take("keyword", "and"):
            parts.append(self.negated(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts), grouped)

    def negated(self, depth: int) -> Node:
        token = self.now
        if depth > DEEPEST:
            raise QueryError(_("brackets and “not” go at most %(most)d deep") % {"most": DEEPEST}, token.column)
        if self.take("keyword", "not"):
            return Not(self.negated(depth + 1))
        if self.take("sign", "("):
            node = self.either(depth + 1, grouped=True)
            if not self.take("sign", ")"):
                if self.now.kind == "end":
                    raise QueryError(_("the bracket of column %(column)d is not closed") % {"column": token.column}, self.now.column)
                self.finish()
            # A condition in brackets of its own stays apart from those around it.
            return And((node,), grouped=True) if isinstance(node, Comparison | Not) else node
        return self.condition()

    def condition(self) -> Comparison:
        name = self.name()
        self.count(name.column)
        operator = self.now
        if self.take("keyword", "in"):
            return Comparison(name, "in", self.several(), operator.column)
        if operator.text in COMPARING and (self.take("sign") or self.take("keyword")):
            return Comparison(name, operator.text, (self.value(),), operator.column)
        if operator.kind == "keyword" and operator.text == "not":
            raise QueryError(_("write “not” before the condition: not %(name)s in (…)") % {"name": name.text}, operator.column)
        return Comparison(name, "", (), name.column)

    def name(self) -> Name:
        token = self.now
        if not self.take("word"):
            if token.kind == "end":
                raise QueryError(_("a condition is missing here, like state = approved"), token.column)
            raise QueryError(_("a condition begins with the name of a field, like state = approved"), token.column)
        if token.text.lower() in self.around and self.take("sign", "("):
            inner = self.name()
            if inner.around or not self.take("sign", ")"):
                raise QueryError(_("close the bracket after what is asked for, like count(car)"), inner.column if inner.around else self.now.column)
            return replace(inner, column=token.column, around=token.text.lower())
        argument = None
        if self.now.text == "(" and self.take("sign", "("):
            star = self.take("sign", "*")
            argument = Value("*", star.column, "*") if star else self.value()
            if not self.take("sign", ")"):
                raise QueryError(_("close the bracket after what is asked for, like count(car)"), self.now.column)
        return Name(token.parts, token.column, argument)

    def several(self) -> tuple[Value, ...]:
        if not self.take("sign", "("):
            raise QueryError(_('write a list after “in”, like in ("rain", "snow")'), self.now.column)
        values = [self.value()]
        while self.take("sign", ","):
            self.count(self.now.column)
            values.append(self.value())
        if not self.take("sign", ")"):
            raise QueryError(_("write a comma between values, and a bracket after the last"), self.now.column)
        return tuple(values)

    def value(self) -> Value:
        """A text, number, word, true, false or null."""
        token = self.now
        if self.take("text"):
            return Value(token.text, token.column, token.text, quoted=True)
        if self.take("number"):
            return Value(_number(token), token.column, token.text)
        if self.take("word"):
            return Value(_WORDS.get(token.text.lower(), token.text), token.column, token.text)
        if token.kind == "keyword":
            raise QueryError(_('put the word in quotation marks: "%(word)s"') % {"word": token.text}, token.column)
        raise QueryError(_("a value is missing here"), token.column)


def _number(token: Token) -> int | float:
    try:
        return int(token.text)
    except ValueError:
        found = float(token.text)
    if not math.isfinite(found):
        raise QueryError(_("this number is too large"), token.column)
    return found
