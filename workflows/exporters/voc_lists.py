"""Pascal VOC's `ImageSets`: which pictures a split holds, and which of them hold a class. Pure.

`Main/<split>.txt` lists stems, `Main/<class>_<split>.txt` stems with 1 (there), -1 (not there) or 0 (only difficult ones),
`Segmentation/<split>.txt` those with class and object pictures. A version without splits is VOC's own `trainval`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

from workflows.exporters.folder import Folder
from workflows.exporters.formats import About
from workflows.exporters.names import folded, safe_step
from workflows.exporters.seen import Seen

WHOLE = "trainval"
MOST_LINES = 5_000_000  # of class lists, which say the same as the XML files, once per class and picture
BLOCK = 256 * 1024


class Lists:
    def __init__(self, about: About, folder: Folder) -> None:
        self._about, self._folder = about, folder
        self._labels = list(about.schema.labels)
        self._lines = tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n")  # noqa: SIM115  closed in `finish`
        self._splits: dict[str, None] = {about.split or WHOLE: None} if about.split else {}
        self._count, self._drawn = 0, False

    def take(self, split: str, stem: str, held: dict[str, bool], drawn: bool) -> None:
        """`held`: the classes of the picture, and whether one of each is not difficult."""
        split = split or WHOLE
        self._splits[split] = None
        self._count += 1
        self._drawn = self._drawn or drawn
        places = " ".join(f"{place}:{int(held[name])}" for place, name in enumerate(self._labels) if name in held)
        self._lines.write(f"{list(self._splits).index(split)}\t{stem}\t{int(drawn)}\t{places}\n")

    def _read(self, split: int) -> Iterator[tuple[str, bool, dict[str, str]]]:
        self._lines.seek(0)
        for line in self._lines:
            number, stem, drawn, places = line.rstrip("\n").split("\t")
            if int(number) == split:
                yield stem, drawn == "1", dict(place.split(":") for place in places.split())

    def finish(self) -> None:
        if not self._splits:
            self._splits[WHOLE] = None
        seen = Seen()
        with self._lines:
            for place, split in enumerate(self._splits):
                safe = safe_step(split)
                seen.add(folded(safe))
                self._write(f"ImageSets/Main/{safe}.txt", (stem for stem, _drawn, _held in self._read(place)))
                if self._drawn:
                    self._write(f"ImageSets/Segmentation/{safe}.txt", (stem for stem, drawn, _held in self._read(place) if drawn))
            if self._count * len(self._labels) > MOST_LINES:
                self._about.notes["class_lists_left_out"] += len(self._labels)
                return
            for place, split in enumerate(self._splits):
                for number, label in enumerate(self._labels):
                    self._write(f"ImageSets/Main/{_name(label, split, seen)}.txt", self._class(place, str(number)))

    def _class(self, split: int, label: str) -> Iterator[str]:
        marks = {"1": " 1", "0": " 0", None: "-1"}
        return (f"{stem} {marks[held.get(label)]}" for stem, _drawn, held in self._read(split))

    def _write(self, path: str, lines: Iterator[str]) -> None:
        block: list[str] = []
        with self._folder.new(path) as file:
            for line in lines:
                block.append(f"{line}\n")
                if len(block) > 10_000:
                    file.write("".join(block).encode())
                    block = []
            file.write("".join(block).encode())


def _name(label: str, split: str, seen: Seen) -> str:
    plain = f"{safe_step(label.replace('/', '_'))[:150]}_{safe_step(split)}"
    made, number = plain, 2
    while not seen.add(folded(made)):
        made, number = f"{plain}_{number}", number + 1
    return made
