"""Answers of real crowds, with the truth that experts gave."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

Data = Callable[[str], Path]
Crowd = tuple[list[tuple[Any, Any, Any]], dict[Any, Any]]

# Dawid and Skene 1979, 45 patients: what each of five observers said; the first was asked three times.
PATIENTS = """
111/1/1/1/1 333/4/3/3/4 112/2/1/2/2 222/3/1/2/1 222/3/2/2/2 222/3/3/2/2 122/2/1/1/1 333/3/4/3/3 222/2/2/2/3 232/2/2/2/3
444/4/4/4/4 222/3/3/4/3 111/1/1/1/1 222/3/2/1/2 121/1/1/1/1 111/2/1/1/1 111/1/1/1/1 111/1/1/1/1 222/2/2/2/1 222/1/3/2/2
222/2/2/2/2 222/2/2/2/1 222/3/2/2/2 221/2/2/2/2 111/1/1/1/1 111/1/1/1/1 232/2/2/2/2 111/1/1/1/1 111/1/1/1/1 112/1/1/2/1
111/1/1/1/1 333/3/2/3/3 111/1/1/1/1 222/2/2/2/2 222/3/2/3/2 433/4/3/4/3 221/2/2/3/2 232/3/2/3/3 333/3/4/3/2 111/1/1/1/1
111/1/1/1/1 121/2/1/1/1 232/2/2/2/2 121/1/1/1/1 222/2/2/2/2
"""


def patients() -> list[tuple[int, int, int]]:
    """(observer, patient, class), all counted from 1."""
    said = enumerate(PATIENTS.split(), start=1)
    return [(observer, patient, int(digit)) for patient, row in said for observer, digits in enumerate(row.split("/"), start=1) for digit in digits]


def table(path: Path, answer: str) -> Crowd:
    """A file of worker, item, answer and gold."""
    with path.open() as lines:
        rows = list(csv.DictReader(lines, delimiter="\t" if path.suffix == ".tsv" else ","))
    return [(row["worker"], row["item"], row[answer]) for row in rows], {row["item"]: row["gold"] for row in rows}


def crowd(name: str, data: Data) -> Crowd:
    """One of rte, SP, CF, bluebirds."""
    if name == "rte":
        return table(data("crowd_snow2008_rte") / "rte.tsv", "response")
    if name == "bluebirds":
        folder = data("crowd_bluebirds")
        said = yaml.safe_load((folder / "labels.yaml").read_text())
        return [(worker, item, label) for worker, row in said.items() for item, label in row.items()], yaml.safe_load((folder / "gt.yaml").read_text())
    return table(data("crowd_active_crowd_toolkit") / f"{name}.csv", "label")


def accuracy(found: Mapping[Any, Any], gold: Mapping[Any, Any]) -> float:
    """The share of items with the right label."""
    return sum(found[item] == gold[item] for item in found) / len(found)
