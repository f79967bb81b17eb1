"""Labels that a model's confident predictions speak against, ranked by how far the model is to be believed there. Pure.

The kinds, each with a score from 0 to 1:
- `missing`: a confident prediction where nothing was drawn: its score × how often confident predictions of its label are right;
- `wrong_label`: an object in whose place the model is confident of another label: likewise, of the predicted label;
- `badly_placed`: the same label nearby: likewise × how much of the likeness is wanting;
- `doubtful`: an object that no prediction of any label meets: how often objects of its label are found × (1 − the highest score there);
- `wrong_answer`: an answer about the item that confident learning calls wrong (Northcutt, Jiang, Chuang, JAIR 70, 2021): 1 − the
  probability of what was answered. It takes the model to have been trained on other items than these.
"""

from __future__ import annotations

import heapq
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from workflows.cleaning.measures import confident as learning
from workflows.quality.evaluation.told import RIGHT, Told
from workflows.quality.matching.likeness import like
from workflows.quality.matching.match import drawn

Thing = dict[str, Any]
KINDS = ("missing", "wrong_label", "badly_placed", "doubtful", "wrong_answer")
KEPT = 500
EACH = 60  # of each kind are kept whatever the others' scores, so that none crowds the others out
NEAR = 0.3  # so alike in place, something was seen there
FOUND = 0.5  # of a label that is found less often, an object that is not found says nothing
LEAST = 10  # of a label's things before anything is believed of it
MOST_CHANCES = 50_000_000  # probabilities that are held together, 8 bytes each


@dataclass(frozen=True)
class Suspect:
    """`label` is what was frozen ("" of what is missing), `said` what the model says ("" where it says nothing); `drawn` the frozen
    object, `shape` the predicted one, `about` the question of an answer."""

    kind: str
    item: int
    label: str
    said: str
    score: float
    drawn: Thing | None = None
    shape: Thing | None = None
    about: str = ""

    @property
    def order(self) -> tuple[Any, ...]:
        """The highest score first; of equals by what they are, so that the same file gives the same list."""
        return -self.score, self.item, KINDS.index(self.kind), self.about, self.drawn["id"] if self.drawn else "", repr(self.shape)


class Suspecting:
    def __init__(self, confident: float, questions: Mapping[str, Sequence[str]], labels: int) -> None:
        self.confident = confident
        self.most = KEPT if labels <= 20 else max(20, KEPT * 20 // labels)  # held of each kind and label
        self._held: dict[tuple[str, str], list[tuple[float, int, Suspect]]] = {}
        self.counts: Counter[str] = Counter()
        self._number = 0
        self._truths: Counter[str] = Counter()
        self._found: Counter[str] = Counter()
        self._sure: dict[str, list[int]] = {}  # label → [confident predictions, of which right]
        self._questions = {name: _Chances(name, known) for name, known in questions.items()}

    def look(self, item: int, told: Sequence[Told], truth: Sequence[Thing], found: Sequence[Thing], every: Sequence[Thing], picture: float) -> None:
        """Objects of one item: `found` are predictions from the threshold on, `every` all of them, `picture` pixels² or 0."""
        picture = picture or drawn([*truth, *every])
        for one in told:
            if one.truth_at is not None:
                self._truths[str(one.meant)] += 1
                self._found[str(one.meant)] += one.fault in (RIGHT, "attribute")
                if one.answer_at is None:
                    self._doubt(item, truth[one.truth_at], every, one.fault, picture)
            if one.answer_at is not None:
                self._believe(item, one, truth, found[one.answer_at], picture)

    def weigh(self, item: int, name: str, given: str, chances: Mapping[str, float]) -> None:
        """An answer about the item, with the probabilities of its options."""
        self._questions[name].add(item, given, chances)

    def ranked(self) -> list[Suspect]:
        """At most `KEPT`, the most suspicious first."""
        every = sorted(self._every(), key=lambda one: one.order)
        best: list[Suspect] = []
        for kind in KINDS:
            best += [one for one in every if one.kind == kind][:EACH]
        taken = {id(one) for one in best}
        best += [one for one in every if id(one) not in taken][: KEPT - len(best)]
        return sorted(best, key=lambda one: one.order)

    def unmeasured(self) -> dict[str, str]:
        """Questions that were not looked at, and why."""
        return {name: why for name, one in self._questions.items() if (why := one.why)}

    def _believe(self, item: int, one: Told, truth: Sequence[Thing], thing: Thing, picture: float) -> None:
        """A prediction that is confident: whether it is right, and what it speaks against if it is not."""
        if thing["score"] < self.confident or one.fault == "missing":
            return
        if one.fault == "extra" and _meets(thing, truth, picture, 0.5):
            return  # the same thing predicted twice
        label, sure = str(one.given), self._sure.setdefault(str(one.given), [0, 0])
        sure[0] += 1
        sure[1] += one.fault in (RIGHT, "attribute")
        if one.fault == "extra":
            self._hold(Suspect("missing", item, "", label, thing["score"], shape=thing))
        elif one.fault == "wrong_label" and one.truth_at is not None:
            self._hold(Suspect("wrong_label", item, str(one.meant), label, thing["score"], truth[one.truth_at], thing))
        elif one.fault == "badly_placed":
            near = [other for other in truth if other["label"] == label]
            if found := like(thing, near, picture, 0.1):
                value, place = max(found)
                self._hold(Suspect("badly_placed", item, label, label, thing["score"] * (1 - value), near[place], thing))

    def _doubt(self, item: int, thing: Thing, every: Sequence[Thing], fault: str, picture: float) -> None:
        if fault == "missing":
            best = _meets(thing, every, picture, NEAR)
            if best < 1.0:
                self._hold(Suspect("doubtful", item, thing["label"], "", 1.0 - best, thing))

    def _hold(self, one: Suspect) -> None:
        self.counts[one.kind] += 1
        self._number -= 1
        held = self._held.setdefault((one.kind, one.said or one.label), [])
        if len(held) >= self.most and (one.score, self._number) < held[0][:2]:  # of equals those that came first are kept
            return
        plain = replace(one, drawn=dict(one.drawn) if one.drawn else None, shape=dict(one.shape) if one.shape else None)  # without what was measured of them
        if len(held) < self.most:
            heapq.heappush(held, (one.score, self._number, plain))
        else:
            heapq.heapreplace(held, (one.score, self._number, plain))

    def _every(self) -> Iterator[Suspect]:
        for (kind, label), held in self._held.items():
            trust = self._trust(kind, label)
            if trust > 0:
                for _score, _number, one in held:
                    yield replace(one, score=round(one.score * trust, 6))
        for one_of in self._questions.values():
            for one in one_of.suspects():
                self.counts[one.kind] += 1
                yield one

    def _trust(self, kind: str, label: str) -> float:
        if kind == "doubtful":
            of = self._truths[label]
            share = self._found[label] / of if of >= LEAST else 0.0
            return share if share >= FOUND else 0.0
        of, right = self._sure.get(label, (0, 0))
        return right / of if of >= LEAST else 0.0


def _meets(thing: Thing, others: Sequence[Thing], picture: float, least: float) -> float:
    """The highest score (1 of what has none) among others that are so alike in place, 0 without any."""
    return float(max((others[place].get("score", 1.0) for _value, place in like(thing, others, picture, least)), default=0.0))


class _Chances:
    """All probabilities of one question, for confident learning, which looks at them together."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        self.name, self.known, self.why = name, list(known), ""
        self._place = {option: place for place, option in enumerate(known)}
        self._items, self._labels, self._values = array("q"), array("q"), array("d")

    def add(self, item: int, given: str, chances: Mapping[str, float]) -> None:
        if self.why or given not in self._place:
            return
        if len(self._values) >= MOST_CHANCES:
            self._items, self._labels, self._values, self.why = array("q"), array("q"), array("d"), "too_many"
            return
        self._items.append(item)
        self._labels.append(self._place[given])
        self._values.extend(chances.get(option, 0.0) for option in self.known)

    def suspects(self) -> list[Suspect]:
        if self.why or not self._items:
            return []
        labels = np.frombuffer(self._labels, dtype=np.int64)
        values = np.frombuffer(self._values, dtype=np.float64).reshape(len(labels), -1)
        caught = np.flatnonzero(learning.issues(labels, values))
        scores = 1.0 - learning.self_confidence(labels, values)
        guesses = values.argmax(axis=1)
        return [
            Suspect("wrong_answer", self._items[row], self.known[labels[row]], self.known[guesses[row]], round(float(scores[row]), 6), about=self.name)
            for row in caught.tolist()
        ]
