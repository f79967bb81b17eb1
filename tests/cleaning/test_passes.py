"""Reads are planned so that each knows, when it begins, which rows are the items'."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workflows.cleaning import sources
from workflows.cleaning.passes import WITH_RECORDS, passes
from workflows.cleaning.sources import RECORDS, SOURCES

names = st.sets(st.sampled_from(sorted(SOURCES)))


@given(asked=names, known=names, records=st.booleans())
def test_each_pass_waits_for_a_column_that_is_known_or_comes_before(asked: set[str], known: set[str], records: bool) -> None:
    there = {"", *known}
    read: list[str] = []
    for one in passes(asked, known, records=records):
        assert one.after == one.table.by or one.table is sources.ITEM
        assert one.after in there
        read += [*one.numbers, *([one.text] if one.text else []), *(WITH_RECORDS if one.records else [])]
        there |= set(read)
    assert asked <= there and "item" in there
    assert len(read) == len(set(read)) and not set(read) - set(WITH_RECORDS) & known


@given(asked=names)
def test_what_is_known_is_not_read_again(asked: set[str]) -> None:
    assert not passes(asked, set(SOURCES), records=False)
    (records,) = passes(asked, set(SOURCES), records=True)
    assert records.records and records.table is RECORDS.table


def test_what_other_tables_wait_for_comes_in_a_pass_of_its_own() -> None:
    first, *others = passes({"key", "width", "blur"}, set(), records=False)
    assert set(first.numbers) == {"item", "blob"} and first.after == ""
    assert [(one.table, one.after) for one in others] == [(sources.ITEM, ""), (sources.ITEM, ""), (sources.PICTURE, "blob")]
