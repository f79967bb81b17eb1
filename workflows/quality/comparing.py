"""Answers held against what is taken for true, item by item, and kept: people's against what was approved or is gold, the newest
prediction of an item against what people approved.

Of the answers to one task the first that a reviewer judged counts, else the last: what somebody mended after it came back is no less a
mistake. An answer that is itself what stands counts only where somebody else looked at the item: in a review, a consensus or an adjudication.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from annotate.annotations.renaming import in_words_of
from annotate.annotations.schemas import Parsed, parsed
from annotate.kernel import copying, sql
from annotate.projects.models import Project
from annotate.projects.queries import current_schema
from workflows.quality import kept
from workflows.quality.kept import Found, Say

OF = ("people", "model")
LONGEST = 200  # characters of a name
_LOOKED_AT = "(e.review_id IS NOT NULL OR e.cause IN ('consensus', 'adjudication'))"
_STANDING = "annotate_approval p ON p.item_id = {item} AND p.ended_at IS NULL"
_PEOPLE = f"""
SELECT t.item_id, p.annotation_id AS truth, a.id AS answer, a.person_id AS person, false AS gold
FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id AND q.stage = 'annotate' JOIN {_STANDING.format(item="t.item_id")}
LEFT JOIN LATERAL (
    SELECT r.annotation_id FROM annotate_review r JOIN annotate_annotation n ON n.id = r.annotation_id
    WHERE r.item_id = t.item_id AND n.task_id = t.id AND n.source = 'person' AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = r.id)
    ORDER BY r.id LIMIT 1) judged ON true
JOIN annotate_annotation a ON a.id = coalesce(judged.annotation_id, t.annotation_id) AND a.person_id IS NOT NULL
WHERE t.item_id = ANY(%(items)s::bigint[]) AND NOT t.gold AND t.state <> 'void'
  AND ((a.id <> p.annotation_id AND p.cause <> 'migration') OR EXISTS (SELECT 1 FROM annotate_approval e WHERE e.item_id = t.item_id AND {_LOOKED_AT}))
UNION ALL
(SELECT DISTINCT ON (a.task_id) a.item_id, g.annotation_id, a.id, a.person_id, true
 FROM workflows_goldscore s JOIN annotate_gold g ON g.id = s.gold_id JOIN annotate_annotation a ON a.id = s.annotation_id
 WHERE a.item_id = ANY(%(items)s::bigint[]) ORDER BY a.task_id, a.id DESC)
"""
_MODEL = f"""
SELECT DISTINCT ON (m.item_id) m.item_id, p.annotation_id AS truth, m.id AS answer, NULL::bigint AS person, false AS gold
FROM annotate_prediction m JOIN {_STANDING.format(item="m.item_id")} WHERE m.item_id = ANY(%(items)s::bigint[]) ORDER BY m.item_id, m.id DESC
"""
_PAIRS = """
SELECT c.item_id, array_agg(c.truth ORDER BY c.answer, c.truth), array_agg(c.answer ORDER BY c.answer, c.truth),
       array_agg(c.person ORDER BY c.answer, c.truth), array_agg(c.gold ORDER BY c.answer, c.truth), coalesce(max(i.width * i.height), 0)
FROM ({pairs}) c JOIN annotate_item i ON i.id = c.item_id AND i.state <> 'erased' GROUP BY c.item_id
"""
_ITEMS = {
    "people": """SELECT p.item_id FROM annotate_approval p JOIN annotate_item i ON i.id = p.item_id WHERE i.project_id = %(project)s::bigint AND p.ended_at IS NULL
                 UNION SELECT g.item_id FROM annotate_gold g WHERE g.project_id = %(project)s::bigint""",
    "model": "SELECT DISTINCT m.item_id FROM annotate_prediction m JOIN annotate_item i ON i.id = m.item_id WHERE i.project_id = %(project)s::bigint",
}
_SAID = {
    "people": "SELECT id, document, schema_version_id, digest FROM annotate_annotation WHERE id = ANY(%(ids)s::bigint[])",
    "model": "SELECT id, document, NULL::bigint, digest FROM annotate_prediction WHERE id = ANY(%(ids)s::bigint[])",
}


@dataclass(frozen=True)
class Pairs:
    """Answers of an item and, in the same order, what each is held against, who gave it, and whether it was to gold."""

    item: int
    truths: tuple[int, ...]
    answers: tuple[int, ...]
    people: tuple[int | None, ...]
    gold: tuple[bool, ...]
    picture: float
    key: str


def refresh(project: Project, of: str, say: Say = lambda done, total: None) -> int:
    """Compare what is new or has changed; how many items that were."""
    schema = parsed(current_schema(project.pk).pk)
    items = items_of(project, of)
    made = 0
    for done, some in enumerate(kept.pieces(items)):
        keys = kept.keys_of(some, of)
        found = {one.item: one for one in _pairs(some, of, schema.id)}
        gone = [item for item in keys if item not in found]
        stale = [one for one in found.values() if keys.get(one.item) != one.key]
        for start in range(0, len(stale), kept.CHUNK):
            chunk = stale[start : start + kept.CHUNK]
            say(done * kept.PIECE + len(found) - len(stale) + start, len(items))
            kept.keep(project.pk, of, _compared(chunk, of, schema, project.pk))
        if gone:
            kept.keep(project.pk, of, (), gone)
        made += len(stale) + len(gone)
    say(len(items), len(items))
    return made


def items_of(project: Project, of: str) -> list[int]:
    """Items that have a truth or an answer of that kind, or had one when they were compared; in order."""
    there = [item for (item,) in sql.rows(_ITEMS[of], {"project": project.pk})]
    return sorted({*there, *kept.items_of(project.pk, of)})


def _pairs(items: Sequence[int], of: str, schema: int) -> Iterator[Pairs]:
    statement = _PAIRS.format(pairs=_PEOPLE if of == "people" else _MODEL)
    for item, truths, answers, people, gold, picture in sql.rows(statement, {"items": list(items)}):
        yield Pairs(item, tuple(truths), tuple(answers), tuple(people), tuple(gold), float(picture), kept.key_of(schema, zip(answers, truths, strict=True)))


def _compared(some: Sequence[Pairs], of: str, schema: Parsed, project_id: int) -> list[Found]:
    from workflows.quality.evaluation.told import told_of_many  # numpy, which idle processes do without

    truths = _documents([truth for one in some for truth in one.truths], "people", schema, project_id)
    answers = _documents([answer for one in some for answer in one.answers], of, schema, project_id)
    differing = [
        (one, at) for one in some for at in range(len(one.answers)) if not _alike(truths[one.truths[at]], answers[one.answers[at]])
    ]
    sides = [(_objects(truths[one.truths[at]]), _objects(answers[one.answers[at]]), one.picture) for one, at in differing]
    told = {(one.item, at): made for (one, at), made in zip(differing, told_of_many(sides, schema.document), strict=True)}
    found = []
    for one in some:
        rows: list[str] = []
        for at in range(len(one.answers)):
            truth, answer = truths[one.truths[at]], answers[one.answers[at]]
            head = f"{one.answers[at]}\t{one.truths[at]}\t{copying.plain(one.people[at])}\t{'t' if one.gold[at] else 'f'}"
            cells = _same_cells(truth) if (one.item, at) not in told else _cells(told[one.item, at], truth, answer, of)
            rows += [_row(head, "", meant, given, fault, len(ids), sorted(ids)) for (meant, given, fault), ids in cells.items()]
            rows += [_row(head, *named, 1, ()) for named in _named(truth, answer, schema)]
        found.append(Found(one.item, one.key, len(one.answers), rows=rows))
    return found


Said = tuple[Mapping[str, Any], bytes, Any]


def _documents(ids: Sequence[int], of: str, schema: Parsed, project_id: int) -> dict[int, Said]:
    """id → (the document in the words of the schema, its digest, the version it was said under)."""
    rows = sql.rows(_SAID[of], {"ids": list(set(ids))})
    return {one: (in_words_of(schema, orjson.loads(text), project_id, under), digest, under) for one, text, under, digest in rows}


def _alike(truth: Said, answer: Said) -> bool:
    return truth[1] == answer[1] and truth[2] == answer[2]


def _objects(said: Said) -> list[dict[str, Any]]:
    return said[0].get("objects") or []


Cells = dict[tuple[str, str, str], list[str]]


def _same_cells(truth: Said) -> Cells:
    cells: Cells = {}
    for thing in _objects(truth):
        cells.setdefault((thing["label"], thing["label"], ""), []).append(thing["id"])
    return cells


def _cells(told: Sequence[Any], truth: Said, answer: Said, of: str) -> Cells:
    mine, theirs = _objects(truth), _objects(answer)
    cells: Cells = {}
    for one in told:
        of_truth = one.answer_at is None or (of == "model" and one.truth_at is not None)  # a prediction is no annotation
        thing = mine[one.truth_at] if of_truth else theirs[one.answer_at]
        cells.setdefault((one.meant or "", one.given or "", one.fault), []).append(thing["id"])
    return cells


def _named(truth: Said, answer: Said, schema: Parsed) -> Iterator[tuple[str, str, str, str]]:
    """(name, meant, given, fault) of each question about the item that has few answers."""
    from workflows.quality.matching.values import unsaid

    meant = unsaid(schema.document.get("item"))
    for one in schema.document.get("item") or ():
        if one["type"] in ("choice", "bool") and not one.get("multiple"):
            name = one["name"]
            true, said = (_word((side[0].get("item") or {}).get(name, meant.get(name))) for side in (truth, answer))
            if true or said:
                yield name, true, said, "" if true == said else "missing" if not said else "extra" if not true else "wrong_label"


def _word(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _row(head: str, about: str, meant: str, given: str, fault: str, n: int, ids: Sequence[str]) -> str:
    words = "\t".join(copying.text(word[:LONGEST]) for word in (about, meant, given, fault))
    return f"{head}\t{words}\t{n}\t{{{','.join(ids)}}}"
