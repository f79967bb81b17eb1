"""A review that took place: nuclei as they were first drawn, and after volunteers looked through them a second time."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.quality.test_match_real import nucleus
from workflows.quality.evaluation.taken import taken_of_many

Data = Callable[[str], Path]


def test_what_reviewers_changed_added_and_removed_is_found_from_the_masks_alone(data: Data) -> None:
    """Their own list is by file. Four of the masks that they removed they drew anew under another name, in the same place: by the
    matcher, as for whoever looks at the picture, these were changed."""
    root = data("dsb2018_nuclei_masks")
    listed = {row["image_id"]: row for row in json.loads((root / "changes.json").read_text())}
    names: dict[str, tuple[list[str], list[str]]] = {}
    items: list[tuple[str, list[Any], list[Any], float]] = []
    for image, row in listed.items():
        after = {path.name: nucleus(path) for path in (root / image / "masks_corrected").glob("*.png")}
        before = {name: mask for name, mask in after.items() if name not in row["added"]}
        before |= {path.name: nucleus(path) for path in (root / image / "masks_original_if_changed").glob("*.png")}
        assert (len(before), len(after)) == (row["n_masks_original"], row["n_masks_corrected"])
        names[image] = sorted(before), sorted(after, reverse=True)
        items.append((image, [before[name] for name in names[image][0]], [after[name] for name in names[image][1]], 0.0))
    found: dict[str, dict[str, set[Any]]] = {image: {"kept": set(), "modified": set(), "deleted": set(), "added": set(), "anew": set()} for image in listed}
    for one in taken_of_many(items):
        was = None if one.truth_at is None else names[str(one.item)][0][one.truth_at]
        now = None if one.answer_at is None else names[str(one.item)][1][one.answer_at]
        if was == now:
            found[str(one.item)]["kept" if one.alike == 1.0 else "modified"].add(was)
        else:
            found[str(one.item)]["deleted" if now is None else "added" if was is None else "anew"].add(was if now is None else now if was is None else (was, now))
    for image, row in listed.items():
        anew = found[image]["anew"]
        assert found[image]["modified"] == set(row["modified"])
        assert found[image]["deleted"] | {was for was, _now in anew} == set(row["deleted"])
        assert found[image]["added"] | {now for _was, now in anew} == set(row["added"])
    sums = {kind: sum(len(kinds[kind]) for kinds in found.values()) for kind in ("modified", "deleted", "added", "anew")}
    assert sums == {"modified": 86, "deleted": 10 - 4, "added": 10 - 4, "anew": 4}
