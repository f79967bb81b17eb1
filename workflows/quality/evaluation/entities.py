"""F1 of entities in texts: exact, as CoNLL's tables have it, and of those that overlap at all. Pure.

Source: E. Tjong Kim Sang and F. De Meulder, "Introduction to the CoNLL-2003 shared task": an entity is right when its kind and all its
words are. Spans are paired by the one matcher of the house (`matching.spans`), one to one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.quality.evaluation.shares import Shares
from workflows.quality.matching.spans import span_pairs

Thing = dict[str, Any]


@dataclass(frozen=True)
class Entities:
    """Over all kinds (micro), and of each kind by its label: same words, or any word in common."""

    exact: Shares
    overlap: Shares
    exact_by_label: Mapping[str, Shares]
    overlap_by_label: Mapping[str, Shares]


def entity_f1(texts: Iterable[tuple[Sequence[Thing], Sequence[Thing]]]) -> Entities:
    """Of (truth, answer) pairs, one for each text: lists of objects with "label", "start" and "end" [start, end) in whatever unit
    both have; objects that are no spans are of no account."""
    counts: dict[str, list[int]] = {}  # truth, found, exact, overlapping
    for sides in texts:
        truth, found = ([thing for thing in side if "start" in thing] for side in sides)
        for place, side in enumerate((truth, found)):
            for thing in side:
                counts.setdefault(thing["label"], [0, 0, 0, 0])[place] += 1
        for place, (mine, _theirs) in enumerate(span_pairs(truth, found), 2):
            for row in mine.tolist():
                counts[truth[row]["label"]][place] += 1
    tables = [{label: Shares(row[place], row[0], row[1]) for label, row in sorted(counts.items())} for place in (2, 3)]
    return Entities(*(_whole(table) for table in tables), *tables)  # type: ignore[arg-type]


def _whole(table: Mapping[str, Shares]) -> Shares:
    return Shares(*(sum(getattr(row, name) for row in table.values()) for name in ("right", "truth", "found")))


def tagged(tags: Iterable[str]) -> Iterator[Thing]:
    """Spans of words under B-, I- and O tags of one sentence, by their number from 0 on. An I- after another kind, or after
    none, begins an entity, as CoNLL's own script has it.

    Errors: ValueError that names the word whose tag is none of these.
    """
    begun: Thing | None = None
    for place, tag in enumerate(tags):
        kind, _dash, label = tag.partition("-")
        if tag != "O" and (kind not in ("B", "I") or not label):
            raise ValueError(f"word {place}: {tag!r} is not O, B-label or I-label")
        if begun is not None and kind == "I" and begun["label"] == label:
            begun["end"] = place + 1
            continue
        if begun is not None:
            yield begun
        begun = None if tag == "O" else {"kind": "span", "label": label, "start": place, "end": place + 1}
    if begun is not None:
        yield begun
