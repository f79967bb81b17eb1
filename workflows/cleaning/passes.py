"""Which tables are read for some columns of items, in which order, and which read waits for which. Pure: nothing is read here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from workflows.cleaning import sources
from workflows.cleaning.sources import RECORDS, SOURCES, Source, Table, source

# What waits for nothing comes first, then what tells which rows of others belong to the items, and what takes longest before what takes less.
_ORDER = (
    sources.ITEM, sources.CURRENT, sources.CONTENT, sources.LABELS, sources.PICTURE, sources.TEXT, sources.BANDS, sources.ANNOTATION, sources.BLOB,
)  # fmt: skip
_KEYS = {"item", "is_text"}  # of items, with those by which other tables are read: they come in a pass of their own, so that these wait less
WITH_RECORDS = ("answer", "objects")  # they stand beside the objects' records, and come with them where those are read


@dataclass(frozen=True)
class Pass:
    """One pass over a table's rows: for numbers, for one text, or for the objects' `records`. It waits for the column of items `after`, "" for none."""

    table: Table
    after: str
    numbers: Mapping[str, Source]
    text: str = ""
    records: bool = False


def passes(names: Collection[str], known: Collection[str], *, records: bool) -> list[Pass]:
    """Those that read these columns, and what is needed to know whose their rows are, but for `known` ones; `records` asks for the objects' records."""
    asked = {"item", *names}
    asked |= {"is_text"} if any(told.table.by == "text_facts" or name == "format" for name in names if (told := source(name))) else set()
    found = {name: told for name in sorted(asked) if name not in known and (told := source(name))}
    texts = {name: told for name, told in found.items() if told.type == "text"}
    tables: dict[Table, dict[str, Source]] = {}
    for name, told in found.items():
        if told.type != "text" and not (records and name in WITH_RECORDS):
            tables.setdefault(told.table, {})[name] = told
    links = _link(tables, [*(told.table for told in texts.values()), *([RECORDS.table] if records else ())], known)
    made: list[Pass] = []
    if keys := {name: tables[sources.ITEM].pop(name) for name in sorted((_KEYS | links) & tables.get(sources.ITEM, {}).keys())}:
        made.append(Pass(sources.ITEM, "", keys))
    for table in _ORDER:
        if tables.get(table):
            made.append(Pass(table, table.by, tables[table]))
        made += [Pass(table, table.by, {}, text=name) for name, told in texts.items() if told.table is table]
        if records and table is RECORDS.table:
            made.append(Pass(table, table.by, {}, records=True))
    return made


def _link(tables: dict[Table, dict[str, Source]], more: list[Table], known: Collection[str]) -> set[str]:
    """Add the columns by which the rows of these tables are known; all of them, known ones too."""
    links = {""}
    waiting = [table.by for table in (*tables, *more)]
    while waiting:
        if (link := waiting.pop()) not in links:
            links.add(link)
            if link not in known:
                tables.setdefault(SOURCES[link].table, {})[link] = SOURCES[link]
                waiting.append(SOURCES[link].table.by)
    return links
