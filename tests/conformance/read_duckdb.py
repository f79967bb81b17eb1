"""duckdb's view of an export's Parquet files: `read_duckdb.py FORMAT FOLDER [SPLIT]`."""

from __future__ import annotations

import json
import sys

import duckdb


def main(format: str, folder: str) -> None:
    rows = f"'{folder}/rows/*.parquet'"
    images = duckdb.sql(f"SELECT count(*) FROM {rows}").fetchall()[0][0]
    boxes = duckdb.sql(f"SELECT key, o.label, o.box[1], o.box[2], o.box[3], o.box[4] FROM {rows}, UNNEST(objects) AS t(o)").fetchall()
    print(json.dumps({"images": images, "objects": len(boxes), "boxes": boxes}))


if __name__ == "__main__":
    main(*sys.argv[1:3])
