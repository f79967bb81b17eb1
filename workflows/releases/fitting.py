"""Which rows of a range go into the version, and with what: split, mapped labels; the others are named with the reason."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from annotate.annotations.schemas import parsed
from annotate.kernel.errors import Invalid
from annotate.labels.validation import check
from workflows.releases import columns, mapping
from workflows.releases.placing import Placement
from workflows.releases.tallying import plain_labels

LeftOut = tuple[str, str, str]


@dataclass
class Fit:
    """Rows that fit, with the split and the canonical meta of each. `lost`: places of those whose items were erased since the snapshot.
    `left_out`: (key, code, words) of the others; `before`: how many of the rows that fit come before each of them."""

    table: Any
    splits: list[str]
    metas: list[str]
    lost: list[int] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    before: list[int] = field(default_factory=list)


class Fitting:
    """`plain`: labels can be counted in the text (`tallying.tally`)."""

    def __init__(self, schema_id: int, recipe: Mapping[str, Any], placement: Placement) -> None:
        found = parsed(schema_id)
        self._schema, self._number, self._id = found.schema, found.number, schema_id
        self._names: Mapping[str, str | None] = recipe.get("labels") or {}
        self._placement = placement
        self._recipe = recipe
        self.plain = plain_labels(found.document)

    def fit(self, table: Any) -> Fit:
        import pyarrow as pa

        metas, values = columns.metas(table)
        splits = self._placement.of(self._units(table), values)
        lost = set(columns.lost(table))
        out: dict[int, LeftOut] = {}
        keys = table["key"]
        for n, split in enumerate(splits):
            if split is None:
                out[n] = (keys[n].as_py(), "no_split", "its field names no split")
        if self._names:
            table = self._mapped(table, lost, out)
        self._check(table, lost, out)
        kept = [n for n in range(len(table)) if n not in out]
        if out:
            table = table.take(pa.array(kept, pa.int64())).combine_chunks()
            metas, splits = [metas[n] for n in kept], [splits[n] for n in kept]
        still = [place for place, n in enumerate(kept) if n in lost] if lost else []
        before = [n - place for place, n in enumerate(sorted(out))]
        return Fit(table, [split or "" for split in splits], metas, still, [out[n] for n in sorted(out)], before)

    def _units(self, table: Any) -> Any:
        if self._recipe.get("field") or not self._recipe["splits"]:
            return range(len(table))  # nobody asks
        return columns.units(table, by_group=self._recipe["by"] == "group", salt=self._recipe["salt"])

    def _mapped(self, table: Any, lost: set[int], out: dict[int, LeftOut]) -> Any:
        """With the labels' new names; what the schema does not take under them is left out."""
        import pyarrow as pa

        documents, digests = table["document"].to_pylist(), table["labels"].to_pylist()
        for n, document in enumerate(documents):
            if n in out:
                continue
            key = table["key"][n].as_py()
            if n in lost:
                out[n] = (key, "erased", "erased while the version was cut")
                continue
            made = mapping.mapped(document, self._names)
            if made == document:
                continue
            documents[n], digests[n] = made, hashlib.sha256(made.encode()).digest()
            try:
                self._valid(table, n, made)
            except Invalid as error:
                out[n] = (key, "mapping", f"not valid with its labels mapped: {error.detail}")
        table = table.set_column(table.schema.get_field_index("document"), "document", pa.array(documents, pa.string()))
        return table.set_column(table.schema.get_field_index("labels"), "labels", pa.array(digests, pa.binary(32)))

    def _check(self, table: Any, lost: set[int], out: dict[int, LeftOut]) -> None:
        """What was labelled under another schema version must be valid under the present one."""
        import pyarrow.compute as pc

        if pc.all(pc.equal(table["schema_version"], self._id)).as_py():
            return
        for n, of in enumerate(table["schema_version"].to_pylist()):
            if of == self._id or n in out or n in lost:
                continue
            try:
                self._valid(table, n, table["document"][n].as_py())
            except Invalid as error:
                number = table["schema_number"][n].as_py()
                out[n] = (table["key"][n].as_py(), "schema", f"labelled under schema {number}, not valid under {self._number}: {error.detail}")

    def _valid(self, table: Any, n: int, document: str) -> None:
        width, height, text = (table[name][n].as_py() for name in ("width", "height", "text"))
        check(orjson.loads(document), self._schema, width=width, height=height, text=text)
