"""The columns that rules ask for, of the items of a scope: read once each, all from one snapshot, in the order of item ids."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.items.models import Item
from annotate.search.compile import compile_query
from workflows.cleaning import reading
from workflows.cleaning.measures import objects, picture, text
from workflows.cleaning.rules.columns import COLUMNS
from workflows.cleaning.rules.kind import ITEM, LABEL, OBJECT, QUOTA, Columns, Kind
from workflows.cleaning.scope import Scope
from workflows.cleaning.snapshot import Instant
from workflows.cleaning.sources import BANDS, RECORDS, SOURCES, Source, joined

BANDS_OF_A_TEXT = 14
_WITH_RECORDS = ("answer", "objects")  # they stand beside the objects' records, and come with them where those are read


class Table:
    """Columns of the scope's items, by what a row is. Call within `snapshot.steady`, whose instant it reads."""

    def __init__(self, scope: Scope, instant: Instant | None = None) -> None:
        self.scope = scope
        self.instant = instant or Instant()
        self.schema = scope.project.schema_versions.latest("number")
        self._known: dict[tuple[str, str], NDArray[Any]] = {}
        self._records: NDArray[Any] | None = None

    @property
    def items(self) -> NDArray[np.int64]:
        """The items' ids, which every other column follows."""
        self._load_items(["item"])
        return self._known[ITEM, "item"]

    def load(self, kinds: Iterable[tuple[Kind, Mapping[str, Any]]]) -> None:
        """Read what these kinds with their parameters need, in as few passes as can be, some of them at once."""
        asked = list(kinds)
        wanted = {name for kind, parameters in asked if kind.rows == ITEM for name in kind.needs(parameters)}
        names = ["item", *sorted(wanted & SOURCES.keys())]
        if any(kind.rows == OBJECT for kind, _parameters in asked):
            self._load_items([name for name in names if name not in _WITH_RECORDS], self._read_records)
        self._load_items(names)

    def columns(self, kind: Kind, parameters: Mapping[str, Any]) -> Columns:
        """What the kind needs, by name."""
        needs = kind.needs(parameters)
        return {name: self._column(kind.rows, name) for name in dict.fromkeys((*needs, *_IDENTITY[kind.rows]))}

    def _column(self, rows: str, name: str) -> NDArray[Any]:
        if (rows, name) not in self._known:
            {ITEM: self._load_one, OBJECT: self._load_object, LABEL: self._load_labels, QUOTA: self._load_quotas}[rows](name)
        return self._known[rows, name]

    def _rest(self, sources: list[Source], order: str = "ORDER BY i.id") -> tuple[str, tuple[Any, ...]]:
        within, values = self.scope.within()
        joins = joined(sources).format(
            picture=picture.VERSION,
            text=text.VERSION,
            label=objects.VERSION,
            schema=self.schema.pk,
            organisation=self.scope.project.organisation_id,
        )
        return f"FROM annotate_item i {joins} WHERE {within} {order}", values

    def _load_items(self, names: list[str], *more: Callable[[], None]) -> None:
        """Numbers in a pass for each table beside the items, each text in one of its own, and `more` passes beside them."""
        missing = [name for name in names if (ITEM, name) not in self._known]
        groups: dict[tuple[str, ...], list[str]] = {}
        for name in missing:
            if SOURCES[name].type != "text":
                groups.setdefault(SOURCES[name].joins, []).append(name)
        reads: list[Callable[[], None]] = [*more, *(partial(self._read_numbers, group) for group in groups.values())]
        reads += [partial(self._read_text, name) for name in missing if SOURCES[name].type == "text"]
        self.instant.together(reads)

    def _read_numbers(self, names: list[str]) -> None:
        plain = {name: SOURCES[name] for name in names} | {"item": SOURCES["item"]}
        rest, values = self._rest(list(plain.values()), order="")
        found = reading.numbers({name: (source.sql, source.type) for name, source in plain.items()}, rest, values)
        if (np.diff(found["item"]) <= 0).any():  # in whatever order the database met them
            order = np.argsort(found["item"])
            found = {name: column[order] for name, column in found.items()}
        self._known |= {(ITEM, name): column for name, column in found.items()}

    def _read_text(self, name: str) -> None:
        rest, values = self._rest([SOURCES[name]])
        self._known[ITEM, name] = reading.texts(SOURCES[name].sql, rest, values)

    def _load_one(self, name: str) -> None:
        if name in SOURCES:
            self._load_items([name])
            return
        family, _dot, rest = name.partition("." if "." in name.split(":")[0] else ":")
        made = {
            "meta": self._meta,
            "item": self._answers,
            "query": self._query,
            "probabilities": self._probabilities,
            "classes": self._probabilities,
            "bands": self._bands,
        }[family](rest)
        self._known |= {(ITEM, known): column for known, column in made.items()}

    def _meta(self, path: str) -> dict[str, NDArray[Any]]:
        rest, values = self._rest([])
        parts = "{" + ",".join(json.dumps(part) for part in path.split(".")) + "}"
        return {f"meta.{path}": reading.texts("i.meta #>> %s::text[]", rest, (parts, *values))}

    def _answers(self, name: str) -> dict[str, NDArray[Any]]:
        rest, values = self._rest([SOURCES["annotation"]])
        return {f"item.{name}": reading.texts("c.item_attributes ->> %s", rest, (name, *values))}

    def _query(self, q: str) -> dict[str, NDArray[Any]]:
        rows = self.scope.items().filter(compile_query(q, self.scope.project.pk))
        found = np.fromiter(rows.values_list("pk", flat=True).iterator(chunk_size=10_000), np.int64)
        return {f"query:{q}": np.isin(self.items, found)}

    def _bands(self, _rest: str) -> dict[str, NDArray[Any]]:
        rest, values = self._rest([BANDS])
        content, lengths, _none = reading.joined_raws(BANDS.sql, rest, values)
        bands = np.zeros((len(lengths), BANDS_OF_A_TEXT), "<u8")
        bands[lengths > 0] = np.frombuffer(content, "<u8").reshape(-1, BANDS_OF_A_TEXT)
        return {"bands": bands}

    def _probabilities(self, attribute: str) -> dict[str, NDArray[Any]]:
        """From the newest prediction of each item that tells any."""
        within, values = self.scope.within()
        rows = reading.raws(
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

    def _read_records(self) -> None:
        """What was measured of the objects of the items' current labels, and what stands beside it."""
        rest, values = self._rest([RECORDS])
        columns = {name: (SOURCES[name].sql, SOURCES[name].type) for name in ("item", *_WITH_RECORDS)}
        content, lengths, found = reading.joined_raws(RECORDS.sql, rest, values, columns)
        records = objects.unpack(content)
        counts = lengths // objects.RECORD.itemsize
        self._records = records
        self._known |= {(ITEM, name): column for name, column in found.items()}
        self._known[OBJECT, "item"] = np.repeat(found["item"], counts)
        self._known[OBJECT, "place"] = np.arange(len(records)) - np.repeat(np.cumsum(counts) - counts, counts)

    def _load_object(self, name: str) -> None:
        if self._records is None:
            self._read_records()
            if (OBJECT, name) in self._known:
                return
        assert self._records is not None
        if name == "undefined":
            known = np.array([objects.label_digest(label["name"]) for label in self.schema.content["labels"]], np.uint64)
            self._known[OBJECT, name] = ~np.isin(self._column(OBJECT, "label"), known)
        else:  # apart from the others, so that a rule looks through what it needs alone
            self._known[OBJECT, name] = np.ascontiguousarray(self._records[name])

    def _load_labels(self, _name: str) -> None:
        from django.db import connection

        within, values = self.scope.within()
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT l.label, sum(l.n) FROM annotate_labelcount l JOIN annotate_item i ON i.id = l.item_id WHERE {within} GROUP BY 1 ORDER BY 1",
                values,
            )
            counts = dict(cursor.fetchall())
        names = sorted({label["name"] for label in self.schema.content["labels"]} | counts.keys())
        self._known[LABEL, "label_name"] = np.array(names, object)
        self._known[LABEL, "label_objects"] = np.array([float(counts.get(name, 0)) for name in names])

    def _load_quotas(self, _name: str) -> None:
        batches = self.scope.project.batches.filter(**({"pk": self.scope.batch} if self.scope.batch else {}))
        asked = [(quota, batch.pk) for batch in batches for quota in batch.plan.get("quotas", [])]
        have = [
            Item.objects.filter(compile_query(quota["q"], self.scope.project.pk), batch_id=batch).exclude(state="erased").count()
            for quota, batch in asked
        ]
        self._known[QUOTA, "quota_name"] = np.array([quota["q"] for quota, _batch in asked], object)
        self._known[QUOTA, "quota_have"] = np.array(have, float)
        self._known[QUOTA, "quota_need"] = np.array([quota["at_least"] for quota, _batch in asked], float)


_IDENTITY = {ITEM: ("item",), OBJECT: ("item", "place"), LABEL: ("label_name",), QUOTA: ("quota_name",)}
assert COLUMNS.keys() - {"bands", "label_name", "label_objects", "quota_name", "quota_have", "quota_need"} == SOURCES.keys()
