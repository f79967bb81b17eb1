"""COCO: one JSON file for many pictures. Categories are matched by id to their name, never by position.

An annotation becomes one object: keypoints, a mask (RLE), polygons (one object per part) or a box, whichever of those the
label allows, in this order. A polygon that is just the box's four corners is a box.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import IO, Any

import orjson

from workflows.collection.importers import rle
from workflows.collection.importers.found import Found, LabelDoc, Problem, clean_file_name, side


def read(file: IO[bytes], place: str) -> Iterator[LabelDoc | Problem]:
    """Labels per picture of the file, in its order; problems that belong to no picture come first."""
    raw = file.read()
    if raw.startswith(b"\xef\xbb\xbf"):
        raw = raw[3:]
    try:
        data = orjson.loads(raw)
    except orjson.JSONDecodeError:
        try:
            data = json.loads(raw)  # takes NaN, so that one bad number costs one object
        except (ValueError, RecursionError) as error:
            yield Problem(place, "not_json", f"not JSON: {str(error)[:150]}")
            return
    del raw
    if isinstance(data, list):
        yield Problem(
            place, "results_only", "a list of results names no pictures; send the file with images and categories"
        )
        return
    if not isinstance(data, dict) or not isinstance(data.get("images"), list):
        yield Problem(place, "not_coco", "there is no list of images")
        return
    if not data["images"]:
        yield Problem(place, "no_images", "the list of images is empty")
        return
    yield from _pictures(data, place)


def _list(data: dict[str, Any], name: str) -> list[Any]:
    found = data.get(name)
    return found if isinstance(found, list) else []


def _id(value: Any) -> Any:
    return value if isinstance(value, int | str) and not isinstance(value, bool) else None


def _pictures(data: dict[str, Any], place: str) -> Iterator[LabelDoc | Problem]:
    names: dict[Any, str] = {}
    skeletons: dict[str, dict[str, Any]] = {}
    for category in _list(data, "categories"):
        if isinstance(category, dict) and isinstance(category.get("name"), str) and _id(category.get("id")) is not None:
            names[category["id"]] = category["name"].strip()
            skeleton = _skeleton(category)
            if skeleton:
                skeletons[category["name"].strip()] = skeleton
    images: dict[Any, dict[str, Any]] = {}
    for index, image in enumerate(_list(data, "images")):
        where = f"{place} images[{index}]"
        if not isinstance(image, dict) or _id(image.get("id")) is None or not isinstance(image.get("file_name"), str):
            yield Problem(where, "bad_image", "an image needs id and file_name")
        elif not clean_file_name(image["file_name"]):
            yield Problem(where, "bad_image", "file_name is empty")
        elif image["id"] in images:
            yield Problem(where, "duplicate_image", f"the image id {image['id']} stands twice")
        else:
            images[image["id"]] = image
    objects: dict[Any, list[Found]] = {}
    problems: dict[Any, list[Problem]] = {}
    painted: dict[Any, str] = {}
    for index, annotation in enumerate(_list(data, "annotations")):
        where = f"{place} annotations[{index}]"
        image_id = _id(annotation.get("image_id")) if isinstance(annotation, dict) else None
        if image_id not in images:
            yield Problem(where, "unknown_image", "the annotation's image_id is not among the images", whole=False)
            continue
        if isinstance(annotation.get("segments_info"), list) and isinstance(annotation.get("file_name"), str):
            painted.setdefault(image_id, clean_file_name(annotation["file_name"]))
        for one, at, name in _segments(annotation, where):
            found = _object(one, names, at, name)
            if isinstance(found, Found):
                objects.setdefault(image_id, []).append(found)
            else:
                problems.setdefault(image_id, []).append(found)
    for image_id, image in images.items():
        yield LabelDoc(
            file=clean_file_name(image["file_name"]),
            place=place,
            width=side(image.get("width")),
            height=side(image.get("height")),
            objects=tuple(objects.get(image_id, ())),
            problems=tuple(problems.get(image_id, ())),
            skeletons=skeletons,
            painted=painted.get(image_id, ""),
        )


def _segments(annotation: dict[str, Any], place: str) -> Iterator[tuple[dict[str, Any], str, str]]:
    """The annotation, or each segment of a panoptic one with its id, whose pixels lie in a picture beside the file (`coco_panoptic`)."""
    if not isinstance(annotation.get("segments_info"), list):
        yield annotation, place, ""
        return
    for index, segment in enumerate(annotation["segments_info"]):
        one = segment if isinstance(segment, dict) else {}
        name = one.get("id")
        yield one, f"{place} segments_info[{index}]", str(name) if isinstance(name, int) and not isinstance(name, bool) and name > 0 else ""


def _skeleton(category: dict[str, Any]) -> dict[str, Any] | None:
    points = [str(name) for name in _list(category, "keypoints")]
    pairs = [pair for pair in _list(category, "skeleton") if isinstance(pair, list) and len(pair) == 2]
    pairs = [pair for pair in pairs if all(isinstance(end, int) for end in pair)]
    if not points:
        return None
    base = 0 if any(0 in pair for pair in pairs) else 1  # COCO counts from 1; some files in the wild from 0
    edges = [[a - base, b - base] for a, b in pairs]
    if len(set(points)) != len(points) or not all(points):
        points = [str(index + 1) for index in range(len(points))]
    return {"points": points, "edges": [edge for edge in edges if all(0 <= end < len(points) for end in edge)]}


def _numbers(value: Any, least: int) -> list[float] | None:
    if not isinstance(value, list) or len(value) < least:
        return None
    for number in value:
        if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
            return None
    return value


def _object(annotation: dict[str, Any], names: dict[Any, str], place: str, name: str = "") -> Found | Problem:
    category = _id(annotation.get("category_id"))
    label = names.get(category, "")
    if not label:
        return Problem(
            place, "unknown_category", f"the category_id {category} is not among the categories", whole=False
        )
    shapes: dict[str, tuple[dict[str, Any], ...]] = {}
    try:
        keypoints = _keypoints(annotation.get("keypoints"))
        if keypoints:
            shapes["keypoints"] = ({"points": keypoints},)
        box = _numbers(annotation.get("bbox"), 4) if annotation.get("bbox") is not None else None
        if annotation.get("bbox") and (box is None or len(box) != 4):
            return Problem(place, "bad_box", f"{label}: bbox must be four finite numbers", whole=False)
        _exact(annotation, shapes)
        _segmentation(annotation.get("segmentation"), box, shapes)
        if box is not None and "box" not in shapes:
            shapes["box"] = ({"box": list(box)},)
    except ValueError as error:
        return Problem(place, "bad_shape", f"{label}: {error}", whole=False)
    if not shapes and not name:
        return Problem(place, "no_shape", f"{label}: neither bbox, segmentation nor keypoints", whole=False)
    attributes = dict(annotation["attributes"]) if isinstance(annotation.get("attributes"), dict) else {}
    if annotation.get("iscrowd"):
        attributes["iscrowd"] = True
    score = annotation.get("score")
    number = (
        float(score)
        if isinstance(score, int | float) and not isinstance(score, bool) and math.isfinite(score)
        else None
    )
    return Found(label=label, shapes=shapes, attributes=attributes, place=place, score=number, name=name)


def _keypoints(value: Any) -> list[list[float]]:
    if not value:
        return []
    flat = _numbers(value, 3)
    if flat is None or len(flat) % 3:
        raise ValueError("keypoints must be finite numbers x, y, v")
    points = [[flat[i], flat[i + 1], int(flat[i + 2])] for i in range(0, len(flat), 3)]
    return points if any(point[2] > 0 for point in points) else []


def _exact(annotation: dict[str, Any], shapes: dict[str, tuple[dict[str, Any], ...]]) -> None:
    """What our own exports say beside COCO's fields: a turned box, an outline with holes. Where these are no such thing, COCO's count."""
    box, turn = _numbers(annotation.get("box"), 4), _numbers([annotation.get("rotation")], 1)
    if box is not None and len(box) == 4 and turn is not None:
        shapes["box"] = ({"box": list(box), "rotation": turn[0]},)
    rings = [annotation.get("polygon"), *_list(annotation, "holes")]
    flat = [ring for ring in (_numbers(ring, 6) for ring in rings) if ring is not None and not len(ring) % 2]
    if len(flat) == len(rings):
        points, *holes = [[[ring[at], ring[at + 1]] for at in range(0, len(ring), 2)] for ring in flat]
        shapes["polygon"] = ({"points": points} | ({"holes": holes} if holes else {}),)


def _segmentation(value: Any, box: list[float] | None, shapes: dict[str, tuple[dict[str, Any], ...]]) -> None:
    if not value:
        return
    if isinstance(value, dict):
        shapes["mask"] = ({"rle": rle.checked(value)},)
        return
    parts: list[dict[str, Any]] = []
    for part in value if isinstance(value, list) else [value]:
        flat = _numbers(part, 6)
        if flat is None or len(flat) % 2:
            raise ValueError("a polygon of segmentation must be at least three pairs of finite numbers")
        parts.append({"points": [[flat[i], flat[i + 1]] for i in range(0, len(flat), 2)]})
    if box is not None and len(parts) == 1 and _is_rectangle(parts[0]["points"], box):
        shapes["box"] = ({"box": list(box)},)  # before the polygon: it says no more than the box
    shapes.setdefault("polygon", tuple(parts))


def _is_rectangle(points: list[list[float]], box: list[float]) -> bool:
    x, y, w, h = box
    corners = {(x, y), (x + w, y), (x + w, y + h), (x, y + h)}
    return len(points) in (4, 5) and {(a, b) for a, b in points} == corners
