"""Parquet as Hugging Face's `datasets` keeps it: `data/<split>-00000-of-00002.parquet`, pictures inside, a README with features. Pure."""

from __future__ import annotations

from functools import partial
from typing import Any

from workflows.exporters import huggingface
from workflows.exporters.columns import FILE_BYTES, Shards
from workflows.exporters.folder import Folder
from workflows.exporters.formats import About

ROWS = 100  # of a row group: what is read at once for one picture
FILE_ROWS = 100_000


class HuggingfaceParquetWriter:
    def __init__(self, about: About, folder: Folder) -> None:
        self._about, self._folder = about, folder
        self._features: dict[str, Any] | None = None
        self._splits: dict[str, Shards] = {}

    def _shards(self, split: str) -> Shards:
        assert self._features is not None
        name = huggingface.split_name(split)
        if name not in self._splits:
            schema = huggingface.arrow_schema(self._features)
            self._splits[name] = Shards(
                self._folder, schema, lambda number: f"data/{name}-{number:05d}.parquet", rows=ROWS, file_rows=FILE_ROWS, file_bytes=FILE_BYTES
            )  # fmt: skip
        return self._splits[name]

    def _decide(self, text: bool) -> None:
        if self._features is None:
            picture = "bytes" if self._about.media == "include" and not text else ""
            self._features = huggingface.features(self._about.schema, text=text, picture=picture)

    def take(self, row: Any, name: str, chosen: bool, picture: Any = None) -> None:
        if not chosen or row.erased:
            return
        self._decide(row.text is not None)
        assert self._features is not None
        made = huggingface.record(row, self._about.schema, self._about)
        size = len(row.document) + len(row.text or "")
        if "image" in self._features:
            made["image"] = None
            if picture is not None:
                with picture.open() as file:
                    made["image"] = {"bytes": file.read(), "path": name}
                size += picture.size
        self._shards(row.split).add(made, size)

    def finish(self) -> None:
        self._decide(False)
        if not self._splits:
            self._shards(self._about.split)
        files, counts = {}, {}
        for name, shards in self._splits.items():
            shards.finish(partial("data/{0}-{1:05d}-of-{2:05d}.parquet".format, name))
            files[name], counts[name] = f"data/{name}-*.parquet", shards.count
        huggingface.write_readme(self._about, self._folder, self._features, files, counts)
