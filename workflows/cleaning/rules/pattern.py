"""A team's own pattern over the keys of items, or over what came with them. Patterns run on RE2, whose time grows with the text and never more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import re2
from numpy.typing import NDArray

from workflows.cleaning.rules.fault import Fault
from workflows.cleaning.rules.kind import Columns, Kind, Parameter, Parameters, Verdict

MATCHES, DIFFERS = "matches", "differs"
PIECE = 1 << 14  # values
MEMORY = 1 << 21  # bytes that one pattern may take; RE2 goes on more slowly, and as linearly, where they are too few


def column(parameters: Parameters) -> str:
    name = str(parameters["meta"]).strip()
    return f"meta.{name}" if name else "key"


def needs(parameters: Parameters) -> Sequence[str]:
    return (column(parameters),)


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    """The score is 1 where the pattern is found anywhere in the value, else 0; there is none where there is no value."""
    values = columns[column(parameters)]
    scores = np.empty(len(values))
    for start in range(0, len(values), PIECE):
        scores[start : start + PIECE] = _found(values[start : start + PIECE], str(parameters["pattern"]))
    return Verdict(scores, scores == (1.0 if parameters["catch"] == MATCHES else 0.0), details={"value": values})


def _found(values: NDArray[Any], pattern: str) -> NDArray[np.float64]:
    """By the RE2 within Arrow, which is asked about many texts at once: a call for each of a million took 2.5 s instead of 0.5."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.match_substring_regex(pa.array(values, pa.string()), pattern)
    scores: NDArray[np.float64] = pc.cast(found, pa.float64()).to_numpy(zero_copy_only=False)  # null is no number
    return scores


def check_pattern(text: str) -> Fault | None:
    """What is wrong with a pattern; nothing when it may be used."""
    try:
        re2.compile(text.encode(), _options())
    except UnicodeEncodeError:
        return Fault("holds characters that no text can hold")
    except re2.error as error:
        why = error.args[0] if error.args else ""
        why = why.decode(errors="replace") if isinstance(why, bytes) else str(why)
        code, colon, place = why.partition(": ")
        says = "not a pattern: %(why)s"
        if "perl operator" in code or "escape sequence" in code:
            says += "; RE2 knows neither look-around nor references back"
        return Fault(says, why=Fault("%(what)s: %(where)s", what=Fault(code), where=place) if colon else Fault(code))
    return None


def _options() -> re2.Options:
    options = re2.Options()
    options.max_mem = MEMORY
    options.log_errors = False
    return options


KIND = Kind(
    name="pattern",
    about="set",
    columns=needs,
    judge=judge,
    parameters=(
        Parameter("pattern", "pattern"),
        Parameter("meta", "text", ""),
        Parameter("catch", "choice", MATCHES, options=(MATCHES, DIFFERS)),
    ),
    source="own; Great Expectations, expect_column_values_to_match_regex",
)
