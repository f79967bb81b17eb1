"""Draws a frame of a take with Pillow and says where everything is: the picture and its true boxes."""

from __future__ import annotations

import random
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

from workflows.demo.scenes import HEIGHT, HORIZON, WIDTH, Take, Thing

Colour = tuple[int, int, int]
SKIES: dict[str, tuple[Colour, Colour]] = {
    "clear": ((112, 162, 212), (206, 224, 234)),
    "rain": ((112, 122, 134), (164, 172, 178)),
    "fog": ((190, 196, 198), (208, 211, 210)),
    "night": ((10, 14, 30), (34, 38, 60)),
}
LEAST = 6.0  # pixels: what is smaller is not labelled


@dataclass(frozen=True)
class Truth:
    """One labelled thing: `box` is x, y, w, h in pixels, clipped to the picture."""

    label: str
    box: tuple[float, float, float, float]
    occluded: bool


def _mix(a: Colour, b: Colour, t: float) -> Colour:
    return (round(a[0] + (b[0] - a[0]) * t), round(a[1] + (b[1] - a[1]) * t), round(a[2] + (b[2] - a[2]) * t))


def _shade(colour: Colour, by: float) -> Colour:
    return (min(255, int(colour[0] * by)), min(255, int(colour[1] * by)), min(255, int(colour[2] * by)))


def backdrop(scene: Take) -> Image.Image:
    """Sky, houses, pavement and road; drawn once per take."""
    rng = random.Random(scene.seed + 1)
    night = scene.weather == "night"
    top, low = SKIES[scene.weather]
    picture = Image.new("RGB", (WIDTH, HEIGHT))
    pen = ImageDraw.Draw(picture)
    for y in range(HORIZON + 30):
        pen.line([(0, y), (WIDTH, y)], fill=_mix(top, low, y / (HORIZON + 30)))
    _houses(pen, rng, night)
    pavement, road = ((70, 70, 76), (36, 37, 42)) if night else ((168, 166, 160), (92, 94, 98))
    if scene.weather == "rain":
        pavement, road = _shade(pavement, 0.8), _shade(road, 0.75)
    pen.rectangle((0, 245, WIDTH, HEIGHT), fill=pavement)
    pen.rectangle((0, 288, WIDTH, 472), fill=road)
    pen.line([(0, 288), (WIDTH, 288)], fill=_shade(pavement, 0.7), width=3)
    pen.line([(0, 473), (WIDTH, 473)], fill=_shade(pavement, 0.6), width=5)
    for y, gap, width in ((322, 70, 2), (384, 110, 4)):
        for x in range(-rng.randint(0, gap), WIDTH, gap):
            pen.line([(x, y), (x + gap * 0.5, y)], fill=_shade((226, 222, 206), 0.5 if night else 1), width=width)
    _trees(pen, rng, night)
    return picture


def _houses(pen: ImageDraw.ImageDraw, rng: random.Random, night: bool) -> None:
    x = -rng.randint(0, 60)
    while x < WIDTH:
        width, height = rng.randint(80, 170), rng.randint(90, 200)
        wall = rng.choice(((150, 118, 98), (170, 160, 142), (126, 132, 140), (146, 104, 92), (184, 176, 160)))
        wall = _shade(wall, 0.28 if night else 1.0)
        top = 248 - height
        pen.rectangle((x, top, x + width, 248), fill=wall)
        pen.rectangle((x - 3, top - 6, x + width + 3, top), fill=_shade(wall, 0.75))
        for row in range(top + 14, 232, 28):
            for column in range(x + 12, x + width - 18, 26):
                lit = night and rng.random() < 0.35
                glass = (238, 204, 120) if lit else (30, 36, 48) if night else _shade((96, 118, 138), rng.uniform(0.8, 1.15))
                pen.rectangle((column, row, column + 12, row + 16), fill=glass)
        x += width + rng.randint(0, 14)


def _trees(pen: ImageDraw.ImageDraw, rng: random.Random, night: bool) -> None:
    for _ in range(rng.randint(2, 4)):
        x, size = rng.randint(20, WIDTH - 20), rng.randint(26, 44)
        leaf = _shade(rng.choice(((74, 110, 66), (92, 122, 70), (118, 112, 60))), 0.3 if night else 1.0)
        pen.rectangle((x - 3, 220, x + 3, 268), fill=_shade((84, 66, 52), 0.4 if night else 1.0))
        for dx, dy, share in ((0, 0, 1.0), (-0.5, 0.3, 0.7), (0.55, 0.25, 0.75), (0.1, -0.45, 0.7)):
            cx, cy, r = x + dx * size, 200 + dy * size, size * share * 0.7
            pen.ellipse((cx - r, cy - r, cx + r, cy + r), fill=_shade(leaf, 0.9 + 0.2 * share))


class _Brush:
    """Draws in a thing's own units and remembers how far it reached."""

    def __init__(self, pen: ImageDraw.ImageDraw, thing: Thing, size: float, light: float) -> None:
        self.pen, self.thing, self.size, self.light = pen, thing, size, light
        self.left, self.top, self.right, self.bottom = 1e9, 1e9, -1e9, -1e9

    def _at(self, x: float, y: float) -> tuple[float, float]:
        place = (self.thing.x + x * self.size * self.thing.facing, self.thing.y - y * self.size)
        self.left, self.right = min(self.left, place[0]), max(self.right, place[0])
        self.top, self.bottom = min(self.top, place[1]), max(self.bottom, place[1])
        return place

    def polygon(self, points: list[tuple[float, float]], colour: Colour) -> None:
        self.pen.polygon([self._at(x, y) for x, y in points], fill=_shade(colour, self.light))

    def disc(self, x: float, y: float, r: float, colour: Colour, *, glow: bool = False, ring: float = 0.0) -> None:
        a, b = self._at(x - r, y - r), self._at(x + r, y + r)
        area = (min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))
        shade = colour if glow else _shade(colour, self.light)
        if ring:
            self.pen.ellipse(area, outline=shade, width=max(1, round(ring * self.size)))
        else:
            self.pen.ellipse(area, fill=shade)

    def line(self, points: list[tuple[float, float]], colour: Colour, width: float) -> None:
        self.pen.line([self._at(x, y) for x, y in points], fill=_shade(colour, self.light), width=max(1, round(width * self.size)), joint="curve")

    @property
    def reach(self) -> tuple[float, float, float, float]:
        return self.left, self.top, self.right, self.bottom


def _car(brush: _Brush, night: bool) -> None:
    body = brush.thing.colour
    tall = brush.thing.kind == "van"
    roof = [(-1.3, 0.75), (-1.2, 1.75), (0.75, 1.75), (1.25, 0.85)] if tall else [(-1.1, 0.75), (-0.7, 1.35), (0.45, 1.35), (1.0, 0.75)]
    brush.polygon([(-1.75, 0.3), (-1.7, 0.82), (-1.1, 0.9), (1.2, 0.9), (1.72, 0.72), (1.75, 0.3)], body)
    brush.polygon(roof, _shade(body, 0.88))
    glass = (44, 58, 72) if night else (150, 182, 198)
    window = [(-0.9, 0.9), (-0.85, 1.55), (0.6, 1.55), (1.0, 0.9)] if tall else [(-0.85, 0.82), (-0.58, 1.24), (0.38, 1.24), (0.78, 0.82)]
    brush.polygon(window, glass)
    brush.line([(-0.08, 0.85), (-0.08, 1.24)], body, 0.08)
    for x in (-1.05, 1.08):
        brush.disc(x, 0.34, 0.34, (24, 24, 26))
        brush.disc(x, 0.34, 0.17, (150, 152, 154))
    brush.disc(1.66, 0.62, 0.09, (255, 244, 196) if night else (236, 232, 214), glow=night)
    brush.disc(-1.68, 0.64, 0.08, (220, 40, 34), glow=night)


def _person(brush: _Brush, night: bool) -> None:
    swing = 0.22 if brush.thing.step % 2 else 0.1
    brush.line([(0, 0.95), (-swing, 0.0)], (48, 50, 62), 0.2)
    brush.line([(0, 0.95), (swing, 0.0)], (56, 58, 72), 0.2)
    brush.polygon([(-0.26, 0.9), (-0.28, 1.62), (0.28, 1.62), (0.26, 0.9)], brush.thing.colour)
    brush.line([(0.2, 1.5), (0.34, 1.0)], _shade(brush.thing.colour, 0.8), 0.13)
    brush.disc(0.02, 1.86, 0.19, (206, 164, 136))
    brush.polygon([(-0.18, 1.9), (-0.14, 2.08), (0.16, 2.08), (0.2, 1.94)], (52, 40, 34))


def _bicycle(brush: _Brush, night: bool) -> None:
    frame = brush.thing.colour
    for x in (-0.62, 0.62):
        brush.disc(x, 0.4, 0.4, (30, 30, 32), ring=0.08)
    brush.line([(-0.62, 0.4), (-0.1, 0.42), (0.42, 0.9), (-0.25, 0.88), (-0.62, 0.4)], frame, 0.08)
    brush.line([(0.62, 0.4), (0.42, 0.9), (0.38, 1.08), (0.54, 1.12)], frame, 0.08)
    brush.line([(-0.1, 0.42), (-0.28, 1.02)], frame, 0.07)
    brush.line([(-0.42, 1.04), (-0.14, 1.04)], (30, 30, 32), 0.1)


def _sign(brush: _Brush, night: bool) -> None:
    brush.line([(0, 0), (0, 2.3)], (132, 134, 136), 0.1)
    if brush.thing.kind == "stop":
        corners = [(-0.42, 2.5), (-0.18, 2.26), (0.18, 2.26), (0.42, 2.5), (0.42, 2.86), (0.18, 3.1), (-0.18, 3.1), (-0.42, 2.86)]
        brush.polygon(corners, (196, 34, 36))
        brush.polygon([(-0.28, 2.6), (0.28, 2.6), (0.28, 2.76), (-0.28, 2.76)], (240, 240, 236))
    elif brush.thing.kind == "limit":
        brush.disc(0, 2.68, 0.44, (204, 36, 40))
        brush.disc(0, 2.68, 0.33, (244, 244, 240))
        brush.line([(-0.1, 2.5), (-0.1, 2.86)], (30, 30, 30), 0.08)
        brush.disc(0.12, 2.68, 0.13, (30, 30, 30), ring=0.07)
    elif brush.thing.kind == "turn":
        brush.disc(0, 2.68, 0.44, (32, 84, 170))
        brush.line([(-0.14, 2.46), (-0.14, 2.76), (0.2, 2.76)], (244, 244, 240), 0.1)
    else:
        brush.polygon([(-0.46, 2.3), (0.46, 2.3), (0, 3.1)], (204, 36, 40))
        brush.polygon([(-0.3, 2.4), (0.3, 2.4), (0, 2.92)], (244, 244, 240))


PAINTERS = {"car": (_car, 58.0), "person": (_person, 58.0), "bicycle": (_bicycle, 60.0), "sign": (_sign, 46.0)}


def draw(scene: Take, number: int, *, behind: Image.Image | None = None) -> tuple[Image.Image, list[Truth]]:
    """Frame `number` of the take and its truth; `behind` saves drawing the backdrop anew."""
    picture = (behind or backdrop(scene)).copy()
    pen = ImageDraw.Draw(picture)
    night = scene.weather == "night"
    reached: list[tuple[str, tuple[float, float, float, float]]] = []
    for thing in scene.frame(number):
        paint, size = PAINTERS[thing.label]
        if thing.label in ("car", "bicycle"):
            width = size * thing.scale * (1.7 if thing.label == "car" else 0.9)
            pen.ellipse((thing.x - width, thing.y - 4 * thing.scale, thing.x + width, thing.y + 7 * thing.scale), fill=(28, 28, 32) if night else (66, 67, 70))
        brush = _Brush(pen, thing, size * thing.scale, 0.42 if night else 0.85 if scene.weather == "rain" else 1.0)
        paint(brush, night)
        reached.append((thing.label, brush.reach))
    return _weathered(picture, scene, number), _truths(reached)


def _truths(reached: list[tuple[str, tuple[float, float, float, float]]]) -> list[Truth]:
    found = []
    for index, (label, (left, top, right, bottom)) in enumerate(reached):
        x, y = max(0.0, left), max(0.0, top)
        w, h = min(float(WIDTH), right) - x, min(float(HEIGHT), bottom) - y
        if w < LEAST or h < LEAST or w < 0.3 * (right - left):
            continue
        hidden = any(_covered((x, y, w, h), other) > 0.25 for _label, other in reached[index + 1 :])
        found.append(Truth(label, (round(x, 1), round(y, 1), round(w, 1), round(h, 1)), hidden or w < 0.8 * (right - left)))
    return found


def _covered(box: tuple[float, float, float, float], by: tuple[float, float, float, float]) -> float:
    """Share of `box` (x, y, w, h) that lies under `by` (left, top, right, bottom)."""
    width = min(box[0] + box[2], by[2]) - max(box[0], by[0])
    height = min(box[1] + box[3], by[3]) - max(box[1], by[1])
    return max(0.0, width) * max(0.0, height) / (box[2] * box[3])


def _weathered(picture: Image.Image, scene: Take, number: int) -> Image.Image:
    rng = random.Random(scene.seed * 31 + number)
    if scene.weather == "fog":
        veil = Image.linear_gradient("L").resize((WIDTH, HEIGHT)).point(lambda value: max(40, 215 - int(value * 0.75)))
        return Image.composite(Image.new("RGB", picture.size, (204, 208, 208)), picture, veil)
    if scene.weather == "rain":
        veil = Image.new("L", picture.size, 26)
        drops = ImageDraw.Draw(veil)
        for _ in range(420):
            x, y, length = rng.randint(0, WIDTH), rng.randint(0, HEIGHT), rng.randint(8, 22)
            drops.line([(x, y), (x - length * 0.25, y + length)], fill=rng.randint(60, 120), width=1)
        return Image.composite(Image.new("RGB", picture.size, (190, 198, 206)), picture, veil)
    if scene.weather == "night":
        glow = Image.new("L", (WIDTH // 4, HEIGHT // 4), 0)
        pen = ImageDraw.Draw(glow)
        for thing in scene.frame(number):
            if thing.label == "car":
                left, top, r = (thing.x + 1.9 * 58 * thing.scale * thing.facing) / 4, (thing.y - 34 * thing.scale) / 4, 14 * thing.scale
                pen.ellipse((left - r, top - r, left + r, top + r), fill=150)
        glow = glow.filter(ImageFilter.GaussianBlur(5)).resize(picture.size)
        return Image.composite(Image.new("RGB", picture.size, (255, 236, 178)), picture, glow)
    return picture
