"""The demo's street: the same seed draws the same bytes, truth lies where things were drawn, dirt is really dirty."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageChops, ImageStat

from workflows.demo import crew, dirt, drawing, scenes


def test_the_same_seed_draws_the_same_bytes() -> None:
    first, second = (drawing.draw(scenes.take("a", 11, "rain"), 3) for _ in range(2))
    assert dirt.jpeg(first[0]) == dirt.jpeg(second[0]) and first[1] == second[1]
    assert dirt.jpeg(drawing.draw(scenes.take("a", 12, "rain"), 3)[0]) != dirt.jpeg(first[0])


@pytest.mark.parametrize("seed", range(6))
def test_truth_boxes_hold_what_was_drawn(seed: int) -> None:
    """Against the empty street, what differs lies inside the boxes (shadows and unlabelled specks apart)."""
    take = scenes.take("a", seed, "clear")
    behind = drawing.backdrop(take)
    picture, truths = drawing.draw(take, 0, behind=behind)
    changed = ImageChops.difference(picture, behind).convert("L").point(lambda value: 255 if value > 12 else 0)
    for truth in truths:
        x, y, w, h = truth.box
        assert x >= 0 and y >= 0 and x + w <= scenes.WIDTH and y + h <= scenes.HEIGHT
        changed.paste(0, (int(x) - 8, int(y) - 2, int(x + w) + 9, int(y + h) + 12))
    assert ImageStat.Stat(changed).sum[0] / 255 < 700
    assert truths


def test_things_move_from_frame_to_frame_and_the_backdrop_does_not() -> None:
    take = scenes.take("a", 5, "clear")
    one, two = take.frame(0), take.frame(1)
    assert {thing.speed for thing in one} == {thing.speed for thing in two}
    assert any(a.x != b.x for a, b in zip(one, two, strict=True))
    assert drawing.backdrop(take).tobytes() == drawing.backdrop(take).tobytes()


@pytest.mark.parametrize("kind", dirt.KINDS)
def test_each_kind_of_dirt_shows(kind: str) -> None:
    picture = drawing.draw(scenes.take("a", 5, "clear"), 0)[0]
    spoiled = dirt.spoil(picture, kind, seed=1)
    if kind == "truncated":
        with pytest.raises(OSError, match="truncated"):
            Image.open(io.BytesIO(spoiled)).load()
        return
    seen = Image.open(io.BytesIO(spoiled)).convert("L")
    mean = ImageStat.Stat(seen).mean[0]
    shown = {
        "blurred": len(spoiled) < 0.6 * len(dirt.jpeg(picture)),
        "dark": mean < 16,
        "over-exposed": mean > 225,
        "exact duplicate": spoiled == dirt.jpeg(picture),
        "near duplicate": spoiled != dirt.jpeg(picture) and seen.size == picture.size,
        "small": seen.size == (96, 54),
        "tall": seen.size[1] > 4 * seen.size[0],
    }
    assert shown[kind], (kind, mean, len(spoiled))


def test_a_hasty_hand_errs_more_than_a_careful_one() -> None:
    frames = [drawing.draw(take, 0)[1] for take in scenes.takes("a", 30, seed=3)]
    truth = sum(len(truths) for truths in frames)

    def drawn(name: str) -> int:
        return sum(len(crew.answer(truths, "clear", crew.HANDS[name], seed=index)[0]["objects"]) for index, truths in enumerate(frames))

    assert abs(drawn("careful") - truth) < abs(drawn("hasty") - truth)
    assert crew.answer(frames[0], "fog", crew.HANDS["hasty"], seed=1) == crew.answer(frames[0], "fog", crew.HANDS["hasty"], seed=1)
