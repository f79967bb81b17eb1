"""A folder of pictures per split, as Hugging Face's `imagefolder` reads it, with `metadata.parquet` beside them. Pure.

The metadata could be JSON lines as well, but those have no types: a split whose first pictures are all without objects would
not load beside the others, and classes would have no names.
"""

from __future__ import annotations

import sys
from typing import Any

from workflows.exporters import huggingface
from workflows.exporters.columns import Shards
from workflows.exporters.folder import Folder
from workflows.exporters.formats import About


def place(row: Any, name: str) -> str:
    return f"{huggingface.split_name(row.split)}/{huggingface.plain_name(name)}"


class ImagefolderWriter:
    def __init__(self, about: About, folder: Folder) -> None:
        self._about, self._folder = about, folder
        self._features = huggingface.features(about.schema, text=False, picture="file")
        self._splits: dict[str, Shards] = {}

    def _shards(self, split: str) -> Shards:
        name = huggingface.split_name(split)
        if name not in self._splits:
            schema = huggingface.arrow_schema(self._features)
            path = f"{name}/metadata.parquet"
            self._splits[name] = Shards(self._folder, schema, lambda number: path, file_rows=sys.maxsize, file_bytes=sys.maxsize)
        return self._splits[name]

    def take(self, row: Any, name: str, chosen: bool, picture: Any = None) -> None:
        if not chosen or row.erased:
            return
        if picture is None:
            self._about.notes["pictures_not_in_the_folder"] += 1  # whose rows `imagefolder` passes over
        made = huggingface.record(row, self._about.schema, self._about)
        self._shards(row.split).add(made | {"file_name": huggingface.plain_name(name)}, len(row.document))

    def finish(self) -> None:
        if not self._splits:
            self._shards(self._about.split)
        for shards in self._splits.values():
            shards.finish()
        files = {name: f"{name}/**" for name in self._splits}
        huggingface.write_readme(self._about, self._folder, None, files, {name: shards.count for name, shards in self._splits.items()})
