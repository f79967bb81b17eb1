"""webdataset's view of an export's tars: `read_webdataset.py FORMAT FOLDER [SPLIT]`."""

from __future__ import annotations

import glob
import hashlib
import json
import sys

import webdataset as wds


def main(format: str, folder: str) -> None:
    tars = sorted(glob.glob(f"{glob.escape(folder)}/*.tar"))
    boxes, fields, pictures, keys = [], set(), {}, []
    for sample in wds.WebDataset(tars, shardshuffle=False):
        told = json.loads(sample["json"])
        keys.append(told["key"])
        fields |= {name for name in sample if not name.startswith("__")}
        boxes += [[sample["__key__"], one["label"], *one["box"]] for one in told["objects"] if one["kind"] == "box"]
        for name in {"jpg", "png"} & set(sample):
            pictures[told["key"]] = hashlib.sha256(sample[name]).hexdigest()
    print(json.dumps({"images": len(keys), "objects": len(boxes), "boxes": boxes, "keys": keys, "fields": sorted(fields), "pictures": pictures}))


if __name__ == "__main__":
    main(*sys.argv[1:3])
