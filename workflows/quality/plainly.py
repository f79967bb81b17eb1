"""What several answers of plain boxes come to, for many items at once and to the letter what `deciding` says of each: pure numpy.

Who drew boxes and said no more of them, in no question which is which, has nothing to be looked at item by item but labels on which people differ.
Whatever else is the case of an item (attributes, answers about it, ties, too few people), it is left to `deciding`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import methodcaller
from typing import Any

import numpy as np
import orjson

from annotate.annotations.shape import shape_of_bare
from annotate.annotations.written import plain_box, stored_texts
from annotate.labels.objects import LARGEST, LEAST
from annotate.labels.schema import Schema
from workflows.quality.consensus.ids import AS_IT_IS, ids_of
from workflows.quality.consensus.result import Left, Member
from workflows.quality.consensus.shapes import middles
from workflows.quality.consensus.votes import Vote, vote
from workflows.quality.deciding import Panel, as_share
from workflows.quality.heard import Heard, Verdict
from workflows.quality.matching.plain import Plain

Documents = Sequence[dict[str, Any]]
_EXACT = 2**53
_ITEM = methodcaller("get", "item")


@dataclass(frozen=True)
class Crowd:
    """People who answered an item together: what their voices weigh, how they are named in ids, and what is told of them."""

    people: tuple[int, ...]
    quorum: int
    weights: list[float]
    total: float
    names: list[str]
    told: dict[str, float | None]


class Plainly:
    """By a panel that has learned what it will."""

    def __init__(self, panel: Panel, schema: Schema) -> None:
        self.panel, self.labels = panel, tuple(schema.labels)
        self.asks = schema.has_required_items
        # Labels under which a bare box is sound.
        self.fit = {label.name for label in schema.labels.values() if "box" in label.kinds and not any(one.required for one in label.attributes.values())}
        self.weights = panel.weights
        self._crowds: dict[tuple[int, ...], Crowd | None] = {}

    def decide(self, rows: Sequence[Heard], said: Sequence[Documents]) -> list[Verdict | None]:
        """Of each item with its documents, in the order of its people; None of those that are not plain."""
        found: list[Verdict | None] = [None] * len(rows)
        crowds = [None if self.asks or any(map(_ITEM, given)) else self.crowd(row.people) for row, given in zip(rows, said, strict=True)]
        plain = Plain([[document.get("objects") or () for document in given] if crowd else () for given, crowd in zip(said, crowds, strict=True)])
        some = _Some(self, plain, [rows[place] for place in plain.of.tolist()], [crowd for place in plain.of.tolist() if (crowd := crowds[place])])
        for at, place in enumerate(plain.of.tolist()):
            found[place] = some.verdict(at)
        return found

    def crowd(self, people: tuple[int, ...]) -> Crowd | None:
        """None of such as are not enough, or in another order than `deciding` has them."""
        if people not in self._crowds:
            self._crowds[people] = self._crowd(people)
        return self._crowds[people]

    def _crowd(self, people: tuple[int, ...]) -> Crowd | None:
        quorum = self.panel.needed(len(people))
        if quorum > len(people) or list(people) != sorted(set(people)):
            return None
        weights = [float(self.weights.get(person, 1.0)) for person in people]
        return Crowd(people, quorum, weights, sum(weights), [f"int {person}:" for person in people], self.panel.told(people))


def _as_it_is(text: str) -> bool:
    """Whether JSON writes it so."""
    return '"' not in text and AS_IT_IS.fullmatch(text) is not None


class _Some:
    """Plain items that are decided together."""

    def __init__(self, how: Plainly, plain: Plain, rows: Sequence[Heard], crowds: Sequence[Crowd]) -> None:
        self.how, self.until, self.rows, self.crowds = how, plain.until, rows, crowds
        order, starts, things = plain.order, plain.starts, plain.things
        names = [name for crowd in crowds for name in crowd.names]
        self.order, self.starts = order.tolist(), [*starts.tolist(), len(order)]
        self.place: list[int] = plain.place.tolist()  # among the item's people
        self.ids, self.labels = [thing["id"] for thing in things], [thing["label"] for thing in things]
        named = [f"{names[side]}{id_}" for side, id_ in zip(plain.side.tolist(), self.ids, strict=True)]
        item = plain.item[order[starts]]
        codes = {name: code for code, name in enumerate(dict.fromkeys(self.labels))}
        called = np.array([codes[label] for label in self.labels], dtype=np.intp)[order]
        self.split: list[bool] = (np.minimum.reduceat(called, starts) != np.maximum.reduceat(called, starts)).tolist() if len(starts) else []
        self.quorate = np.diff(self.starts) >= np.array([crowd.quorum for crowd in crowds], dtype=np.intp)[item]
        self.fit = np.ones(len(rows), dtype=bool)
        if not _as_it_is("".join(self.ids)):
            self.fit[plain.item[[at for at, id_ in enumerate(self.ids) if not _as_it_is(id_)]]] = False
        self._shape(plain, item)
        self.chosen: list[bool] = self.quorate.tolist()
        members = ['", "'.join(named[node] for node in self.order[start:end]) for start, end in zip(self.starts, self.starts[1:], strict=False)]
        made = iter(ids_of(f'["{rows[at].item}", "{text}"]' for at, text, chosen in zip(item.tolist(), members, self.chosen, strict=True) if chosen))
        self.made = [next(made) if chosen else "" for chosen in self.chosen]
        if len(set(filter(None, self.made))) < sum(self.chosen):  # of two things with one id in one answer, which `check` refuses
            self.fit[item] = False
        self.sound: list[bool] = self.fit.tolist()

    def _shape(self, plain: Plain, item: Any) -> None:
        """The box of each cluster that enough people drew, how like it each of theirs is, and how it was got."""
        self.boxes: list[Any] = [None] * len(item)
        self.alike: list[Any] = [None] * len(item)
        self.same: list[Any] = [False] * len(item)
        weights = np.array([weight for crowd in self.crowds for weight in crowd.weights])[plain.side]
        wide, high = (np.array([getattr(row, name) or LARGEST for row in self.rows], dtype=np.float64) for name in ("width", "height"))
        for some in middles(plain.bounds, plain.sizes, weights, plain.order, plain.starts, self.quorate):
            mine = plain.drawn[some.nodes]
            drawn = np.where(some.same[:, None], mine[:, 0], some.drawn)
            whose = item[some.clusters]
            x, y, w, h = drawn.T
            sound = (w > LEAST) & (h > LEAST) & (x >= 0) & (y >= 0) & (x + w <= wide[whose]) & (y + h <= high[whose])
            sound &= ~some.same | (mine == mine[:, :1]).all(axis=(1, 2))
            self.fit[whose[~sound]] = False
            whole = ((drawn == np.floor(drawn)) & (np.abs(drawn) < _EXACT)).all(axis=1)
            numbers = np.where(whole[:, None], drawn, 0).astype(np.int64).tolist()
            told = [one if is_whole else other for one, other, is_whole in zip(numbers, drawn.tolist(), whole.tolist(), strict=True)]
            for cluster, box, like, same in zip(some.clusters.tolist(), told, some.like.tolist(), some.same.tolist(), strict=True):
                self.boxes[cluster], self.alike[cluster], self.same[cluster] = box, like, same

    def verdict(self, at: int) -> Verdict | None:
        """As `deciding` and `reasons` have it."""
        if not self.sound[at]:
            return None
        row, crowd = self.rows[at], self.crowds[at]
        people, unanimous = len(crowd.people), True
        weigh: Sequence[float | None] = [None] * people
        things, left, texts, bare, scores = [], [], [], [], []
        for cluster in range(self.until[at], self.until[at + 1]):
            nodes = self.order[self.starts[cluster] : self.starts[cluster + 1]]
            if not self.chosen[cluster]:
                if len(nodes) > 1 or people - 1 < crowd.quorum:
                    return None
                left.append(self._left(nodes[0], crowd))
                continue
            places, label, alike = [self.place[node] for node in nodes], self.labels[nodes[0]], self.alike[cluster]
            told: Any = label
            won = crowd.total if len(nodes) == people else sum(crowd.weights[place] for place in places)
            votes: list[list[Any]] = [[place, self.ids[node], like] for place, node, like in zip(places, nodes, alike, strict=True)]
            if self.split[cluster]:
                voted = self._vote(nodes, places, crowd)
                if voted is None:
                    return None
                label, told, won = voted
                for node, cast in zip(nodes, votes, strict=True):
                    if self.labels[node] != label:
                        cast.append(self.labels[node])
                unanimous = False
            if label not in self.how.fit:
                return None
            if len(nodes) == people:
                weigh = crowd.weights
            else:
                unanimous = False
                weigh = [crowd.weights[place] if place in places else before for place, before in enumerate(weigh)]
            score = (won / crowd.total) * (sum(alike) / len(alike))
            scores.append(score)
            things.append([self.made[cluster], score, "same" if self.same[cluster] else "median", None, told, votes])
            texts.append(plain_box(self.boxes[cluster], self.made[cluster], label))
            bare.append((label, "box"))
        return self._written(row, crowd, unanimous and not left, things, left, weigh, texts, bare, scores)

    def _vote(self, nodes: Sequence[int], places: Sequence[int], crowd: Crowd) -> tuple[str, dict[str, Any], float] | None:
        """(the label that won, what is told of the vote, what its voices weigh); None of a tie, or of too few voices."""
        given, weights = [self.labels[node] for node in nodes], [crowd.weights[place] for place in places]
        found = vote(given, weights, self.how.labels, "none")
        voters = [weight for label, weight in zip(given, weights, strict=True) if label == found.value]
        if found.tied or (self.how.panel.by_quorum and len(voters) < crowd.quorum):
            return None
        return found.value, found.explain(), sum(voters)

    def _left(self, node: int, crowd: Crowd) -> dict[str, Any]:
        weight, label = crowd.weights[self.place[node]], self.labels[node]
        one = Member(crowd.people[self.place[node]], {"id": self.ids[node], "label": label}, weight, 1.0)
        return Left("below_quorum", (one,), Vote(label, ((label, weight),))).explain(len(crowd.people), crowd.quorum)

    def _written(
        self,
        row: Heard,
        crowd: Crowd,
        unanimous: bool,
        things: list[Any],
        left: list[Any],
        weigh: Sequence[float | None],
        texts: list[str],
        bare: list[tuple[str, str]],
        scores: list[float],
    ) -> Verdict:
        panel = self.how.panel
        told: dict[str, Any] = {"people": crowd.people, "weigh": weigh, "things": things}
        if unanimous:
            told["unanimous"] = True
        if left:
            told["left_out"] = left
        told |= {"method": panel.method, "quorum": crowd.quorum}
        if not unanimous:
            told["weights"] = crowd.told
        told["answers"] = row.answers
        written, _digest = stored_texts(texts)
        return Verdict(row.item, written, shape_of_bare(bare), "unanimous" if unanimous else panel.method, as_share(min(scores, default=1.0)), orjson.dumps(told).decode())
