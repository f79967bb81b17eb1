"""The columns that rules ask for, of the items of a scope: read once each, all from one snapshot, in the order of item ids."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
from django.core.exceptions import EmptyResultSet
from numpy.typing import NDArray

from annotate.kernel.errors import SluiceError
from annotate.kernel.instant import Instant
from annotate.search.compile import compile_query
from workflows.cleaning import counted, reading, sources
from workflows.cleaning.aligning import SPARSE, Places, among, beside, places
from workflows.cleaning.measures import objects, picture, text
from workflows.cleaning.passes import WITH_RECORDS, Pass, passes
from workflows.cleaning.rules.columns import COLUMNS
from workflows.cleaning.rules.kind import ITEM, LABEL, OBJECT, QUOTA, Columns, Kind
from workflows.cleaning.scope import Scope
from workflows.cleaning.sources import RECORDS, SOURCES, Source, source

# Tables of facts, with the item's column that says whether there is something to measure.
_FACTS = {sources.PICTURE: "blob", sources.TEXT: "is_text", sources.LABELS: "annotation"}
_FIELDS = frozenset(objects.RECORD.names or ())


class Table:
    """Columns of the scope's items, by what a row is. Call within `instant.steady`, whose instant it reads."""

    def __init__(self, scope: Scope, instant: Instant | None = None) -> None:
        self.scope = scope
        self.instant = instant or Instant()
        self.schema = scope.project.schema_versions.latest("number")
        self._known: dict[tuple[str, str], NDArray[Any]] = {}
        self.lacking = False  # whether something has no facts yet that was looked for

    @property
    def items(self) -> NDArray[np.int64]:
        """The items' ids, which every other column follows."""
        self._load_items(["item"])
        return self._known[ITEM, "item"]

    def load(self, kinds: Iterable[tuple[Kind, Mapping[str, Any]]]) -> None:
        """Read what these kinds with their parameters need, in as few passes as can be, some of them at once."""
        asked = list(kinds)
        wanted = {(kind.rows, name) for kind, parameters in asked for name in kind.needs(parameters)}
        fields = {name for rows, name in wanted if rows == OBJECT and name in _FIELDS and (rows, name) not in self._known}
        fields |= {"label"} if (OBJECT, "undefined") in wanted else set()
        stored = [name for rows, name in sorted(wanted) if rows == ITEM and source(name)]
        rest = {(rows, name) for rows, name in wanted if rows != OBJECT and not (rows == ITEM and source(name))} - self._known.keys()
        if "label" in fields:  # which tells how many there are of each
            rest = {(rows, name) for rows, name in rest if rows != LABEL}
        self._load_items(stored, fields=fields or None, more=[partial(self._load_early, *one) for one in sorted(rest)])

    def _load_early(self, rows: str, name: str) -> None:
        with suppress(SluiceError):  # the rule that needs it says so
            self._column(rows, name)

    def columns(self, kind: Kind, parameters: Mapping[str, Any]) -> Columns:
        """What the kind needs, by name."""
        needs = kind.needs(parameters)
        return {name: self._column(kind.rows, name) for name in dict.fromkeys((*needs, *_IDENTITY[kind.rows]))}

    def _column(self, rows: str, name: str) -> NDArray[Any]:
        if (rows, name) not in self._known:
            {ITEM: self._load_one, OBJECT: self._load_object, LABEL: self._load_labels, QUOTA: self._load_quotas}[rows](name)
        return self._known[rows, name]

    def _parts(self, table: sources.Table) -> reading.Parts:
        """FROM and WHERE of the table's rows that belong to the items."""
        if not table.by:
            within, values = self.scope.within()
            return [(f"FROM {self._named(table.name)} WHERE {within}", values)]
        where = f"AND {self._named(table.where)}" if table.where else ""
        return [(f"FROM {table.name} WHERE {condition} {where}", values) for condition, values in among(table.key, self._known[ITEM, table.by])]

    def _named(self, sql: str) -> str:
        """With the versions that count and whose facts they are."""
        versions = {"picture": picture.VERSION, "text": text.VERSION, "label": objects.VERSION, "schema": self.schema.pk}
        return sql.format(**versions, organisation=self.scope.project.organisation_id)

    def _load_items(self, names: Collection[str], fields: Collection[str] | None = None, more: Sequence[Callable[[], None]] = ()) -> None:
        """Each table in a pass, each text, and `more` reads that need the items; some at the same time, each after what tells which rows it
        needs. `fields`: of the objects' records, which come with what stands beside them."""
        planned = passes(names, {name for rows, name in self._known if rows == ITEM}, records=fields is not None)
        makers = {name: place for place, one in enumerate(planned) for name in one.numbers}
        waits = [*(one.after for one in planned), *("item" for _read in more)]
        reads: list[Callable[[], None]] = [*(partial(self._read, one, fields or ()) for one in planned), *more]
        self.instant.together(reads, [[makers[link]] if link in makers else [] for link in waits])

    def _read(self, one: Pass, fields: Collection[str]) -> None:
        if one.records:
            self._read_records(fields)
        elif one.text:
            self._read_text(one.text, SOURCES[one.text])
        else:
            self._read_numbers(one.table, one.numbers)

    def _read_numbers(self, table: sources.Table, names: Mapping[str, Source]) -> None:
        if table is sources.CONTENT:
            self._known[ITEM, "text_facts"] = self._text_facts()
            return
        found = reading.numbers(table.key, {name: (told.sql, told.type, told.values) for name, told in names.items()}, self._parts(table))
        if table is sources.ITEM:  # at one instant each pass over them meets the same
            self._known[ITEM, "item"] = found.keys
        place = places(found.keys, self._known[ITEM, table.by or "item"])
        self._note_lacking(table, place)
        for name, told in names.items():
            self._known[ITEM, name] = beside(found.columns[name], place, told.type)
        if "format" in names:
            self._known[ITEM, "format"][self._known[ITEM, "is_text"]] = "TEXT"

    def _text_facts(self) -> NDArray[np.int64]:
        """The id of each item's, 0 for none: found among those of all texts of the organisation, unless the items are few of them or two texts have
        digests that begin the same."""
        content, is_text = (self._known[ITEM, name] for name in ("content", "is_text"))
        every = f"FROM {sources.TEXT.name} WHERE {self._named(sources.TEXT.where)}"
        if not reading.more_than(SPARSE * int(np.count_nonzero(is_text)), every):
            found = reading.numbers(sources.TEXT.key, {"content": (sources.OF_TEXT, "digest", ())}, [(every, ())])
            order = np.argsort(found.columns["content"])
            known = found.columns["content"][order]
            if (known[1:] != known[:-1]).all():
                ascending = np.argsort(content)  # a search goes on where the one before ended, in the processor's cache
                facts = np.empty(len(content), np.int64)
                facts[ascending] = beside(found.keys[order], places(known, content[ascending]), "i8")
                return np.where(is_text, facts, 0)
        within, values = self.scope.within()
        few = reading.numbers("i.id", {"text_facts": ("t.id", "i8", ())}, [(f"FROM {self._named(sources.CONTENT.name)} WHERE {within}", values)])
        return beside(few.columns["text_facts"], places(few.keys, self.items), "i8")

    def _note_lacking(self, table: sources.Table, place: Places) -> None:
        if table in _FACTS and place is not None:
            self.lacking |= bool(((place < 0) & (self._known[ITEM, _FACTS[table]] != 0)).any())

    def _read_text(self, name: str, told: Source) -> None:
        found = reading.texts(told.table.key, told.sql, [(rest, (*told.values, *values)) for rest, values in self._parts(told.table)])
        column = found.columns["text"]
        whole = told.table is sources.ITEM
        self._known[ITEM, name] = column if whole else beside(column, places(found.keys, self._known[ITEM, told.table.by]), reading.CODE)

    def _load_one(self, name: str) -> None:
        if source(name):
            self._load_items([name])
            return
        family, _colon, rest = name.partition(":")
        made = {
            "query": self._query,
            "probabilities": self._probabilities,
            "classes": self._probabilities,
        }[family](rest)
        self._keep(ITEM, made)

    def _query(self, q: str) -> dict[str, NDArray[Any]]:
        try:
            statement, values = self.scope.items().filter(compile_query(q, self.scope.project.pk)).values("id").query.sql_with_params()
        except EmptyResultSet:
            return {f"query:{q}": np.zeros(len(self.items), bool)}
        return {f"query:{q}": np.isin(self.items, reading.ids(statement, values))}

    def _probabilities(self, attribute: str) -> dict[str, NDArray[Any]]:
        """From the newest prediction of each item that tells any."""
        within, values = self.scope.within()
        rows = reading.lines(
            "DISTINCT ON (g.item_id) convert_to(jsonb_build_array(g.item_id, g.document::jsonb -> 'probabilities' -> %s)::text, 'UTF8')",
            f"FROM annotate_prediction g JOIN annotate_item i ON i.id = g.item_id WHERE {within}"
            " AND g.document::jsonb -> 'probabilities' ? %s ORDER BY g.item_id, g.id DESC",
            (attribute, *values, attribute),
        )
        told = [json.loads(row) for row in rows]
        classes = sorted({option for _item, chances in told for option in chances})
        place = {option: index for index, option in enumerate(classes)}
        table = np.full((len(self.items), len(classes)), np.nan)
        for index, (_item, chances) in zip(np.searchsorted(self.items, [item for item, _chances in told]), told, strict=True):
            table[index] = 0
            for option, chance in chances.items():
                table[index, place[option]] = chance
        return {f"probabilities:{attribute}": table, f"classes:{attribute}": np.array(classes, object)}

    def _read_records(self, fields: Collection[str]) -> None:
        """What was measured of the objects of the items' current labels, and what stands beside it."""
        table = RECORDS.table
        columns = {name: (SOURCES[name].sql, SOURCES[name].type, SOURCES[name].values) for name in WITH_RECORDS}
        found = reading.records(table.key, RECORDS.sql, self._parts(table), objects.RECORD, fields, columns)
        place = places(found.keys, self._known[ITEM, table.by])
        self._note_lacking(table, place)
        for name in WITH_RECORDS:
            self._known[ITEM, name] = beside(found.columns[name], place, SOURCES[name].type)
        rows = found if place is None else reading.taken(found, place[place >= 0])
        items = self.items if place is None else self.items[place >= 0]
        self._keep(OBJECT, rows.fields)
        self._known[OBJECT, "item"] = np.repeat(items, rows.counts)
        self._known[OBJECT, "annotation"] = np.repeat(rows.keys, rows.counts)
        self._known[OBJECT, "place"] = np.arange(rows.counts.sum()) - np.repeat(np.cumsum(rows.counts) - rows.counts, rows.counts)

    def _load_object(self, name: str) -> None:
        if name == "undefined":
            known = np.array([objects.label_digest(label["name"]) for label in self.schema.content["labels"]], np.uint64)
            self._known[OBJECT, name] = ~np.isin(self._column(OBJECT, "label"), known)
        else:
            self._load_items(["item"], fields=[name] if name in _FIELDS else [])

    def _load_labels(self, _name: str) -> None:
        names = [label["name"] for label in self.schema.content["labels"]]
        self._keep(LABEL, counted.labels(self.scope, names, self._known.get((OBJECT, "label"))))

    def _load_quotas(self, _name: str) -> None:
        self._keep(QUOTA, counted.quotas(self.scope))

    def _keep(self, rows: str, columns: Mapping[str, NDArray[Any]]) -> None:
        self._known |= {(rows, name): column for name, column in columns.items()}


_IDENTITY = {ITEM: ("item",), OBJECT: ("item", "annotation", "place"), LABEL: ("label_name",), QUOTA: ("quota_name",)}
assert (COLUMNS.keys() | {"blob", "is_text", "text_facts"}) - {"label_name", "label_objects", "quota_name", "quota_have", "quota_need"} == SOURCES.keys()
