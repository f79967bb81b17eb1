"""Slices that say a label's name in their query: a change of the labels names them, for they are not changed with it."""

from __future__ import annotations

import re
from typing import Any

from annotate.annotations.previewing import namers
from workflows.releases.models import Slice


@namers.register("slices")
def slices_that_name(project_id: int, names: list[str]) -> list[dict[str, Any]]:
    said = re.compile("|".join(rf"(?<![\w-]){re.escape(name)}(?![\w-])" for name in names))
    rows = Slice.objects.filter(project_id=project_id).exclude(q="").order_by("pk")
    return [{"kind": "slice", "id": pk, "name": name, "q": q} for pk, name, q in rows.values_list("pk", "name", "q") if said.search(q)]
