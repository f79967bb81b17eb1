"""Real texts for tests of measures and rules, and their facts as the columns that rules are given."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from workflows.cleaning.measures.text import TextFacts, measure
from workflows.cleaning.rules import kinds
from workflows.cleaning.rules.columns import TEXTS
from workflows.cleaning.rules.kind import Verdict, wrong_parameters


def tweets(folder: Path) -> list[str]:
    """3,394 tweets, as tokens with spaces between them."""
    blocks = (folder / "wnut17train.conll").read_text().replace("\n\t\n", "\n\n").split("\n\n")
    rows = [[line.split("\t")[0] for line in block.splitlines() if line.strip()] for block in blocks]
    return [" ".join(words) for words in rows if words]


def reviews(folder: Path) -> list[str]:
    return [line.split("\t")[0] for line in (folder / "yelp_labelled_1-700.txt").read_text().splitlines()]


def questions(folder: Path, number: int) -> list[str]:
    with (folder / "train.csv").open(newline="") as file:
        return [row["text"] for row, _ in zip(csv.DictReader(file), range(number), strict=False)]


def chinese(folder: Path) -> tuple[list[str], list[str]]:
    """256 paragraphs, 1,002 questions."""
    paragraphs = [paragraph for article in json.loads((folder / "cmrc2018_trial.json").read_text())["data"] for paragraph in article["paragraphs"]]
    return [paragraph["context"] for paragraph in paragraphs], [asked["question"] for paragraph in paragraphs for asked in paragraph["qas"]]


def requests(folder: Path) -> list[str]:
    return [row["text"] for fold in sorted(folder.glob("fold*.json")) for row in json.loads(fold.read_text())]


@cache
def facts(text: str) -> TextFacts:
    return measure(text)


def columns(texts: Sequence[str | None]) -> dict[str, Any]:
    """The text columns of items; None is an item of another medium."""
    measured = [None if text is None else facts(text) for text in texts]
    unknown = {"text_seen": False, "language": "", "personal": 0, "normal": 0, "bands": (0,) * 14}
    found: dict[str, Any] = {}
    for name, column in TEXTS.items():
        values = [
            unknown.get(name, np.nan) if fact is None else True if name == "text_seen" else np.nan if getattr(fact, name) is None else getattr(fact, name)
            for fact in measured
        ]
        if name == "bands":
            found[name] = np.array(values, np.uint64).reshape(-1, 14)
        else:
            found[name] = np.array(values, object if column.type == "text" else column.type)
    return found


def verdict(name: str, given: Sequence[str | None] | dict[str, Any], **parameters: Any) -> Verdict:
    """What the kind says of texts, or of columns."""
    kind = kinds()[name]
    assert not wrong_parameters(kind, parameters)
    whole = kind.defaults() | parameters
    loaded = given if isinstance(given, dict) else columns(given)
    return kind.judge({needed: loaded[needed] for needed in kind.needs(whole)}, whole)


def caught(name: str, given: Sequence[str | None] | dict[str, Any], **parameters: Any) -> list[int]:
    """The row numbers that the kind catches."""
    return np.flatnonzero(verdict(name, given, **parameters).caught).tolist()
