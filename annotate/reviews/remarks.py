"""What a comment may say and be pinned to: checked before anything is written. Pure but for its models."""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from annotate.annotations.models import Annotation
from annotate.kernel.canonical import check_text
from annotate.kernel.errors import Invalid
from annotate.reviews.models import Comment

MOST = 200  # comments of one verdict
LONGEST = 4000  # characters


def clean_comments(
    raw: Any, annotation: Annotation | None, *, width: int | None, height: int | None, path: str = "comments"
) -> list[dict[str, Any]]:
    """Each `{"text", "object"?, "at"?}` with its object an id of the revision and its point inside the picture.

    `Invalid` names the place of each that is wrong, such as `comments[1].at`.
    """
    if not isinstance(raw, Iterable) or isinstance(raw, str | bytes | Mapping):
        raise Invalid(_("The comments must be a list."), fields={path: "a list"})
    rows = list(raw)
    if len(rows) > MOST:
        raise Invalid(_("Too many comments at once."), fields={path: f"at most {MOST}"})
    known = {thing["id"] for thing in annotation.content.get("objects", [])} if annotation is not None else set()
    wrong: dict[str, str] = {}
    sound = [_one(row, f"{path}[{index}]", known, width, height, wrong) for index, row in enumerate(rows)]
    if wrong:
        first = next(iter(wrong.items()))
        raise Invalid(f"{first[0]}: {first[1]}", fields=wrong)
    return sound


def clean_comment(
    raw: Any, annotation: Annotation | None, *, width: int | None, height: int | None, known: set[str] | None = None
) -> dict[str, Any]:
    """One comment by itself; the places in errors are its own fields. `known`: ids that it may name, instead of a revision's."""
    wrong: dict[str, str] = {}
    if known is None:
        known = {thing["id"] for thing in annotation.content.get("objects", [])} if annotation is not None else set()
    sound = _one(raw, "", known, width, height, wrong)
    if wrong:
        first = next(iter(wrong.items()))
        raise Invalid(f"{first[0]}: {first[1]}", fields=wrong)
    return sound


def _one(
    raw: Any, place: str, known: set[str], width: int | None, height: int | None, wrong: dict[str, str]
) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        wrong[place or "body"] = "an object with text, and perhaps object or at"
        return {}
    dot = f"{place}." if place else ""
    wrong |= {f"{dot}{name}": "there is no such field" for name in sorted(set(map(str, raw)) - {"text", "object", "at"})}
    text = raw.get("text")
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST:
        wrong[f"{dot}text"] = f"words, at most {LONGEST} characters"
        text = ""
    found: dict[str, Any] = {"text": check_text(text).strip(), "object": None, "at": None}
    if raw.get("object") is not None:
        found["object"] = _object(raw["object"], known)
        if found["object"] is None:
            wrong[f"{dot}object"] = "no object of the revision has this id"
    if raw.get("at") is not None:
        found["at"] = _point(raw["at"], width, height)
        if found["at"] is None:
            wrong[f"{dot}at"] = "[x, y] in pixels of the picture"
    return found


def _object(raw: Any, known: set[str]) -> str | None:
    try:
        name = str(uuid.UUID(raw)) if isinstance(raw, str) else str(raw) if isinstance(raw, uuid.UUID) else None
    except ValueError:
        return None
    return name if name in known else None


def _point(raw: Any, width: int | None, height: int | None) -> list[float] | None:
    if not isinstance(raw, list | tuple) or len(raw) != 2:
        return None
    if any(isinstance(part, bool) or not isinstance(part, int | float) or not math.isfinite(part) for part in raw):
        return None
    inside = 0 <= raw[0] <= (width or math.inf) and 0 <= raw[1] <= (height or math.inf)
    return list(raw) if inside else None


def write(
    comments: Iterable[Mapping[str, Any]],
    *,
    item_id: int,
    annotation_id: int | None,
    person_id: int,
    review_id: int | None = None,
) -> list[Comment]:
    """The checked comments as rows, pinned to the revision that they are about."""
    return Comment.objects.bulk_create(
        Comment(item_id=item_id, annotation_id=annotation_id, review_id=review_id, person_id=person_id, **one)
        for one in comments
    )
