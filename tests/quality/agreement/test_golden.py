"""Published figures of agreement, to their printed digits."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from workflows.quality.agreement import krippendorff, many, pairs
from workflows.quality.agreement.tables import Triple

Data = Callable[[str], Path]
MEASURES: list[Callable[..., Any]] = [
    pairs.percent,
    pairs.bennett,
    pairs.scott,
    pairs.kappa,
    krippendorff.alpha,
    many.ac1,
    pairs.weighted_kappa,
    partial(pairs.weighted_kappa, weights="linear"),
    many.ac2,
]
TWO = {
    "25 12 3 / 13 2 15 / 12 16 2": ".29 -.065 -.100775 -.092308 -.095271 -.04797 .134328 .022727 .183099",
    "88 14 18 / 10 40 10 / 2 6 12": ".70 .55 .487179 .491525 .488462 .575972 .454545 .473684 .638554",
    "20 10 / 20 50": ".70 .4 .340659 .347826 .343956 .449541",
    "46 0 0 / 6 32 6 / 0 0 10": ".88 .82 .799532 .801325 .800535 .828743",
    "80 7 / 8 5": ".85 .70 .314286 .314442 .317714 .808",
    "20 5 1 0 / 4 15 6 1 / 0 5 18 4 / 0 1 3 12": ".684211 .578947 .574341 .574436 .576581 .580461 .814815 .703770 .840283",
    "15 4 1 0 0 / 3 12 4 1 0 / 1 3 14 3 1 / 0 1 3 10 2 / 0 0 1 2 8": ".662921 .578652 .573312 .573346 .575709 .579966 .843195 .725826 .870047",
    "8 1 / 0 1": ".90 .80 .607843 .615385 .627451 .865772",
    "12 9 9 / 9 14 9 / 9 9 20": ".46 .19 .185766 .185766 .189837 .192101",
    "12 18 18 / 0 14 18 / 0 0 20": ".46 .19 .185766 .258242 .189837 .192101",
}
FLEISS = (
    "444444 222555 233335 555555 222444 113333 333355 113334 114444 555555 144444 124444 222333 144444 224445 333335 111455 111112 224444 133555 "
    "555555 244444 224555 114444 144445 222224 111155 224444 133333 555555"
)
COUNTS = "0 0 0 0 14 / 0 2 6 4 2 / 0 0 3 5 6 / 0 3 9 2 0 / 2 2 8 1 1 / 7 7 0 0 0 / 3 2 6 3 0 / 2 5 3 2 2 / 6 5 2 1 0 / 0 2 2 3 7"
FOUR = ["1 2 3 3 2 1 4 1 2 . . .", "1 2 3 3 2 2 4 1 2 5 . 3", ". 3 3 3 2 3 4 2 2 5 1 .", "1 2 3 3 2 4 4 1 2 5 1 ."]
THREE = [". . . . . 3 4 1 2 1 1 3 3 . 3", "1 . 2 1 3 3 4 3 . . . . . . .", ". . 2 1 3 4 4 . 2 1 1 3 3 . 4"]
METRICS = ("nominal", "ordinal", "interval", "ratio")


def close(value: float | None, printed: str) -> None:
    """The same to the printed digits."""
    assert value is not None
    digits = len(printed.split(".")[1])
    assert abs(value - float(printed)) <= 0.5000001 * 10**-digits


def units(table: str) -> list[list[int]]:
    """A confusion table of two people as units × 2."""
    rows = [[int(count) for count in row.split()] for row in table.split("/")]
    return [[one, other] for one, row in enumerate(rows) for other, count in enumerate(row) for _ in range(count)]


def spread(rows: list[str]) -> list[list[int | None]]:
    """People's rows with gaps as units × people."""
    return [[None if value == "." else int(value) for value in unit] for unit in zip(*(row.split() for row in rows), strict=True)]


@pytest.mark.parametrize("table", TWO)
def test_two_people(table: str) -> None:
    for measure, printed in zip(MEASURES, TWO[table].split(), strict=False):
        found = measure(units(table))
        close(found.value, printed)
        assert found.low <= found.value <= found.high
        assert found.units == len(units(table))


def test_the_greatest_kappa_that_the_shares_allow() -> None:
    close(pairs.greatest_kappa(units("88 14 18 / 10 40 10 / 2 6 12")).value, ".831")


def test_distances_of_ones_own() -> None:
    table = units("46 0 0 / 6 32 6 / 0 0 10")
    apart = [[0, 1, 0.5], [1, 0, 0.5], [0.5, 0.5, 0]]
    close(krippendorff.alpha(table, apart, categories=[0, 1, 2]).value, ".8156")
    close(pairs.weighted_kappa(table, [[1 - value for value in row] for row in apart]).value, ".8163")


def test_thirty_patients_and_six_psychiatrists() -> None:
    table = [[int(said) for said in unit] for unit in FLEISS.split()]
    found = many.fleiss(table)
    close(found.value, ".430245")
    assert (found.units, found.ratings) == (30, 180)
    close(pairs.percent(table).value, ".555556")
    close(krippendorff.alpha(table).value, ".433410")
    close(many.shares(table)[4], ".3056")


def test_each_diagnosis_against_all_others() -> None:
    """Fleiss printed .248 .248 .517 .470 .565: he went on with three digits of the shares p and of the agreement P on each."""
    table = [[int(said) for said in unit] for unit in FLEISS.split()]
    found, shares = many.fleiss_by_category(table), many.shares(table)
    exact, by_hand = (".245", ".245", ".520", ".471", ".566"), (".248", ".248", ".517", ".470", ".565")
    for category, value, printed, share in zip(range(1, 6), exact, by_hand, (".1444", ".1444", ".1667", ".3056", ".2389"), strict=True):
        close(found[category].value, value)
        close(shares[category], share)
        p, squares = round(shares[category], 3), sum(unit.count(category) ** 2 for unit in table)
        agreed = round((squares - 180 * p) / (900 * p), 3)
        close(round((agreed - p) / (1 - p), 3), printed)


def test_ten_items_and_fourteen_people() -> None:
    rows = [[int(count) for count in row.split()] for row in COUNTS.split("/")]
    table = [[category for category, count in enumerate(row) for _ in range(count)] for row in rows]
    close(many.fleiss(table).value, ".209931")
    close(pairs.percent(table).value, ".378022")


@pytest.mark.parametrize(
    ("table", "printed"),
    [
        (spread(FOUR), ".743421 .815388 .849107 .797403"),
        (spread(THREE), ".691358 .806721 .810845 .808944"),
        ([[int(said) for said in unit] for unit in ("111", "122", "222", "444", "144", "222", "123", "333", "222")], ".641732 .499424 .546917 .483254"),
        ([[int(said) for said in unit] for unit in ("00", "11", "01", "00", "00", "01", "00", "01", "10", "00")], ".095238"),
        ([list(unit) for unit in ("aa", "ab", *["bb"] * 4, "bc", *["cc"] * 5)], ".734104"),
    ],
)
def test_examples_of_krippendorff(table: list[list[Any]], printed: str) -> None:
    for metric, value in zip(METRICS, printed.split(), strict=False):
        close(krippendorff.alpha(table, metric).value, value)


def answers(path: Path, separator: str) -> Iterator[Triple]:
    with path.open() as lines:
        for row in csv.reader([*lines][1:], delimiter=separator):
            yield row[0], row[1], int(row[2])


def test_what_crowds_said(data: Data) -> None:
    rte = list(answers(data("crowd_snow2008_rte") / "rte.tsv", "\t"))
    close(krippendorff.alpha(rte).value, ".2415")
    close(many.fleiss(rte).value, ".2414")
    for name, printed in (("CF", ".5768"), ("SP", ".4276")):
        close(krippendorff.alpha(answers(data("crowd_active_crowd_toolkit") / f"{name}.csv", ",")).value, printed)
    for name, printed in (("anger", ".3533"), ("joy", ".2159"), ("valence", ".3256")):
        found = krippendorff.alpha(answers(data("crowd_snow2008_affect") / f"{name}.tsv", "\t"), "interval")
        close(found.value, printed)
        assert found.low is not None and found.high is not None
        assert found.low < float(printed) < found.high


def test_which_birds_were_seen(data: Data) -> None:
    text = re.sub(r"(\d+):", r'"\1":', (data("crowd_bluebirds") / "labels.yaml").read_text())
    people = json.loads("{" + re.sub(r"\}\s*(?=\")", "},", text) + "}")
    triples = [(person, image, said) for person, said_of in people.items() for image, said in said_of.items()]
    assert len(triples) == 4212
    close(krippendorff.alpha(triples).value, ".1255")
    close(many.fleiss(triples).value, ".1253")

