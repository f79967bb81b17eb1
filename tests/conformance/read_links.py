"""`datasets` reading an export's Parquet files by their signed addresses, as a training does that has no token: `read_links.py FORMAT FOLDER [SPLIT]`.

FOLDER/links.json lists the addresses. They are read whole and as a stream.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from datasets import disable_progress_bars, load_dataset

disable_progress_bars()


def main(format: str, folder: str) -> None:
    links = json.loads(Path(folder, "links.json").read_text())
    rows = list(load_dataset("parquet", data_files=links, split="train"))
    streamed = list(load_dataset("parquet", data_files=links, split="train", streaming=True))
    assert streamed == rows
    boxes = [[row["key"], one["label"], *one["box"]] for row in rows for one in row["objects"]]
    print(json.dumps({"images": len(rows), "objects": len(boxes), "boxes": boxes}))


if __name__ == "__main__":
    main(*sys.argv[1:3])
