"""Label Studio's JSON, of pictures and of texts: one answer per task, its regions, relations and values of the whole item.

Of several answers to a task the one marked as ground truth counts, else the newest; the others are reported. Answers that were
skipped are none, and a task without an answer is an item without labels. Predictions count only where the file has no answer
at all. Results that share an id are one region.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from workflows.collection.importers.documents import fault, load
from workflows.collection.importers.found import Found, LabelDoc, Link, Problem, clean_file_name, side
from workflows.collection.importers.label_studio_data import Data, data_of
from workflows.collection.importers.label_studio_shapes import Places, shape_of

_TEXT = ("labels", "hypertextlabels", "paragraphlabels")
_GEOMETRY = ("rectangle", "polygon", "keypoint", "ellipse", "brush")
_SAID = ("choices", "taxonomy", "text", "number", "rating", "datetime")  # where values of attributes stand


def read(file: IO[bytes], place: str) -> Iterator[LabelDoc | Problem]:
    """The tasks of the file in their order."""
    tasks = load(file.read(), place)
    if isinstance(tasks, Problem):
        yield tasks
        return
    tasks = [tasks] if isinstance(tasks, dict) else tasks
    if not isinstance(tasks, list) or not any(isinstance(task, dict) and isinstance(task.get("data"), dict) for task in tasks):
        yield Problem(place, "not_label_studio", "there is no task with data in the file")
        return
    guessed = not any(_answers(task) for task in tasks)
    for number, task in enumerate(tasks):
        where = f"{place} [{number}]"
        if not isinstance(task, dict) or not isinstance(task.get("data"), dict):
            yield Problem(where, "bad_task", "a task is an object with data")
            continue
        wrong = fault(task)
        yield Problem(where, "bad_task", wrong) if wrong else _task(task, where, place, number, guessed)


def _answers(task: Any) -> list[dict[str, Any]]:
    """The answers of a task that were not skipped, under their present and their old name."""
    if not isinstance(task, dict):
        return []
    found = task.get("annotations") if isinstance(task.get("annotations"), list) else task.get("completions")
    answers = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return [one for one in answers if not one.get("was_cancelled") and not one.get("skipped") and isinstance(one.get("result"), list)]


def _best(answers: list[dict[str, Any]]) -> dict[str, Any]:
    def rank(pair: tuple[int, dict[str, Any]]) -> tuple[bool, str, int]:
        place, one = pair
        when = one.get("updated_at") or one.get("created_at") or ""
        return one.get("ground_truth") is True, when if isinstance(when, str) else "", place

    return max(enumerate(answers), key=rank)[1]


def _task(task: dict[str, Any], where: str, place: str, number: int, guessed: bool) -> LabelDoc | Problem:
    answers = _answers(task)
    if guessed and isinstance(task.get("predictions"), list):
        answers = [one for one in task["predictions"] if isinstance(one, dict) and isinstance(one.get("result"), list)]
    result = _best(answers)["result"] if answers else []
    spans = any(isinstance(one, dict) and str(one.get("type")) in _TEXT and isinstance(one.get("value"), dict) and "start" in one["value"] for one in result)
    data = data_of(task["data"], prefer_text=spans)
    if data is None:
        return Problem(where, "no_data", "the task's data name no picture and hold no text")
    reading = _Reading(where, data)
    for index, one in enumerate(result):
        reading.take(one, f"{where} result[{index}]")
    if len(answers) > 1:
        reading.problems.append(Problem(where, "other_answers", f"{len(answers) - 1} more answers to this task are left out", whole=False))
    key = data.key or str(task.get("id") if isinstance(task.get("id"), int | str) else number + 1)
    file = data.file if data.text is None else clean_file_name(data.key or f"{place.rpartition('!')[2]}/{key}")
    return reading.done(file, labelled=bool(answers))


@dataclass
class _Region:
    place: str
    kind: str = ""
    value: dict[str, Any] = field(default_factory=dict)
    size: tuple[int | None, int | None] = (None, None)
    turned: bool = False
    labels: list[str] = field(default_factory=list)
    attributes: dict[str, Any] = field(default_factory=dict)
    score: float | None = None


class _Reading:
    """One answer: results come in, regions by their id come out."""

    def __init__(self, place: str, data: Data) -> None:
        self._place, self._data = place, data
        self._regions: dict[str, _Region] = {}
        self._links: list[Link] = []
        self._item: dict[str, Any] = {}
        self.problems: list[Problem] = []

    def take(self, one: Any, place: str) -> None:
        if not isinstance(one, dict) or not isinstance(one.get("type"), str):
            self.problems.append(Problem(place, "bad_result", "a result is an object with a type", whole=False))
        elif one["type"] == "relation":
            self._link(one, place)
        elif not isinstance(one.get("value"), dict):
            self.problems.append(Problem(place, "bad_result", "a result needs a value", whole=False))
        else:
            self._result(one, one["value"], place)

    def _link(self, one: dict[str, Any], place: str) -> None:
        start, end, labels = one.get("from_id"), one.get("to_id"), one.get("labels")
        label = next((name for name in labels if isinstance(name, str)), "") if isinstance(labels, list) else ""
        if not isinstance(start, str) or not isinstance(end, str) or not label:
            self.problems.append(Problem(place, "bad_relation", "a relation needs from_id, to_id and a label", whole=False))
            return
        start, end = (end, start) if one.get("direction") == "left" else (start, end)
        self._links.append(Link(label, start, end, place))

    def _result(self, one: dict[str, Any], value: dict[str, Any], place: str) -> None:
        type = one["type"].lower()
        kind = type.removesuffix("labels") if type.endswith("labels") else type
        drawn = kind in _GEOMETRY or type in _TEXT or "rle" in value or {"x", "y"} <= value.keys() or {"start", "end"} <= value.keys() or "points" in value
        name = one["id"] if isinstance(one.get("id"), str) else place
        if not drawn:
            if (said := _said(value, type)) is not None and isinstance(one.get("from_name"), str):
                self._item[one["from_name"]] = said
            else:
                self.problems.append(Problem(place, "bad_result", f"a result of the type {type[:60]!r} has no place here", whole=False))
            return
        region = self._regions.setdefault(name, _Region(place))
        if kind in _GEOMETRY or type in _TEXT:
            if not region.kind:
                region.kind, region.value, region.place = ("span" if type in _TEXT and "x" not in value else kind), value, place
            region.size = (side(one.get("original_width")), side(one.get("original_height")))
            region.turned = bool(one.get("image_rotation"))
            labels = value.get(type)
            region.labels += [label for label in labels if isinstance(label, str) and label.strip()] if isinstance(labels, list) else []
        elif (said := _said(value, type)) is not None and isinstance(one.get("from_name"), str):
            region.attributes[one["from_name"]] = said
        score = one.get("score")
        if isinstance(score, int | float) and not isinstance(score, bool) and abs(score) <= 1e15:
            region.score = float(score)

    def done(self, file: str, *, labelled: bool) -> LabelDoc:
        objects: list[Found] = []
        places = Places(self._data.text) if self._data.text is not None else None
        size: tuple[int | None, int | None] = next((region.size for region in self._regions.values() if all(region.size)), (None, None))
        for name, region in self._regions.items():
            found = self._object(name, region, places)
            if isinstance(found, Problem):
                self.problems.append(found)
            else:
                objects += found
        return LabelDoc(
            file=file, place=self._place, width=size[0], height=size[1], objects=tuple(objects), problems=tuple(self.problems),
            other_name=self._data.other_name, text=self._data.text, item=self._item, links=tuple(self._links), labelled=labelled,
        )  # fmt: skip

    def _object(self, name: str, region: _Region, places: Places | None) -> list[Found] | Problem:
        if not region.labels:
            return Problem(region.place, "no_label", "the region has no label", whole=False)
        try:
            if region.turned:
                raise ValueError("the picture was turned in Label Studio (image_rotation)")
            if (region.kind == "span") != (places is not None):
                raise ValueError("a region of a text on a picture, or of a picture in a text")
            shapes = {"span": (places.span(region.value),)} if places is not None else shape_of(region.kind, region.value, *region.size)
        except (ValueError, OverflowError, MemoryError) as error:
            return Problem(region.place, "bad_shape", f"{region.labels[0]}: {str(error)[:200]}", whole=False)
        return [Found(label.strip(), shapes, region.attributes, region.place, region.score, name) for label in dict.fromkeys(region.labels)]


def _said(value: dict[str, Any], type: str) -> Any:
    """What a control of choices, numbers or words says; None when it says nothing."""
    name = "text" if type == "textarea" else type
    found = value.get(name) if name in _SAID else None
    if name == "taxonomy" and isinstance(found, list):
        return [" / ".join(map(str, path)) for path in found if isinstance(path, list)] or None
    if isinstance(found, list):
        words = [one for one in found if isinstance(one, str)]
        if name == "text":
            return "\n".join(words) or None
        return (words[0] if len(words) == 1 else words) or None
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        return None
    return found if isinstance(found, str) or abs(found) <= 1e15 else None
