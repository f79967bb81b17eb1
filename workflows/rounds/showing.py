"""What the pages show of rounds: rows of a list, and all that one round's page says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotate.items.models import Item
from annotate.items.thumbs import thumbs
from annotate.kernel.words import share
from annotate.projects.models import Project
from annotate.projects.return_reasons import said
from annotate.reviews.models import Review
from workflows.rounds import breaking_down, deciding, drawing, settling, tallying
from workflows.rounds.breaking_down import Part
from workflows.rounds.gathering import LEFT_OUT
from workflows.rounds.models import Round
from workflows.rounds.states import ERRING, UNSAMPLED_OUTCOMES
from workflows.rounds.tallying import Figures, Found
from workflows.rounds.wording import ESCALATIONS, JUDGED_BY, between, end_words, mistakes, plan_words, reason_key

BUSY = ("planning", "passing", "failing")
SMALL = 160.0
MOST_SHOWN = 60  # mistakes, and items of the sample, on one page


def allowed(made: Round) -> float:
    return max(0.0, 1 - made.pass_mark)


def figures_of(made: Round, sample: list[Found] | None = None) -> Figures:
    """As they stand: of a decided round those that it was decided on."""
    if made.rate is not None:
        return Figures(made.sampled, made.judged or 0, made.erring or 0, 0, made.rate, made.low or 0.0, made.high or 1.0)
    return tallying.figures(tallying.found(made.pk) if sample is None else sample)


def _over(made: Round, of: Figures) -> bool:
    return of.rate is not None and not tallying.passes(made, of)


def rows(rounds: Iterable[Round]) -> list[dict[str, Any]]:
    """One line of a list each."""
    made = []
    for one in rounds:
        of = figures_of(one)
        seen = of.judged > 0
        made.append({
            "round": one,
            "plan": plan_words(one),
            "of": of,
            "rate": mistakes(of.rate),
            "between": between(of.low, of.high) if seen else "",
            "picture": drawing.picture(allowed=allowed(one), rate=of.rate, low=of.low, high=of.high, over=_over(one, of), width=SMALL) if seen else None,
            "mark": share(one.pass_mark),
        })  # fmt: skip
    return made


def left_out_words(left_out: dict[str, int]) -> list[tuple[int, str]]:
    return [(n, str(LEFT_OUT[name])) for name, n in left_out.items() if name in LEFT_OUT]


def sentence(made: Round, of: Figures) -> str:
    """What the round came to, in one sentence."""
    values = {"n": of.judged, "erring": of.erring, "rate": mistakes(of.rate), "sampled": made.sampled, "approved": made.counts.get("approved", 0)}
    if made.state == "planning":
        return _("The sample is being drawn.")
    if made.state == "withdrawn":
        return _("Withdrawn: nothing follows from it.")
    if made.state == "judging" and not of.judged:
        return ngettext("%(sampled)s answer waits to be judged.", "%(sampled)s answers wait to be judged.", made.sampled) % values
    if made.state == "judging":
        return _("%(n)s of %(sampled)s answers are judged; %(erring)s had mistakes.") % values
    if made.state in ("passing", "passed"):
        return _("Passed: mistakes in %(erring)s of %(n)s answers, %(rate)s.") % values
    return _("Failed: mistakes in %(erring)s of %(n)s answers, %(rate)s.") % values


def whole(made: Round, sample: list[Found]) -> dict[str, Any]:
    """All that the page of one round says."""
    of = figures_of(made, sample)
    over = _over(made, of)
    drawn = drawing.picture(allowed=allowed(made), rate=of.rate, low=of.low, high=of.high, over=over)
    return {
        "round": made,
        "sentence": sentence(made, of),
        "of": of,
        "rate": mistakes(of.rate),
        "between": between(of.low, of.high) if of.judged else "",
        "over": over,
        "picture": drawn,
        "right_end": mistakes(drawn.whole),
        "allowed": share(allowed(made)),
        "mark": share(made.pass_mark),
        "plan": plan_words(made),
        "judged_by": JUDGED_BY[made.judged_by],
        "escalation": ESCALATIONS[made.escalation],
        "end": end_words(made.reason),
        "left_out": left_out_words(made.left_out),
        "unsampled": made.items - made.sampled,
        "outcomes": [(name, made.counts[name]) for name in UNSAMPLED_OUTCOMES if made.counts.get(name)],
        "busy": made.state in BUSY,
        "live": made.state == "judging" and of.pending > 0,
        "polls": made.state in ("judging", *BUSY),
        "progress": settling.progress(made) if made.state in ("passing", "failing") else None,
        "job": made.job,
        "next": getattr(made, "next", None),
        "reasons": [(reason_key(made.batch.project, key), n) for key, n in breaking_down.reasons(sample).items()],
        "people": _parts(made, breaking_down.by_person(sample)),
        "labels": _parts(made, breaking_down.by_label(made, sample)),
        "rates": made.rates,
    } | _items(sample, made.batch.project)


def _parts(made: Round, parts: list[Part]) -> list[dict[str, Any]]:
    """Rows of a table whose pictures have one scale."""
    top = max((part.high for part in parts if part.judged), default=0.0)
    return [
        {
            "part": part,
            "rate": mistakes(part.rate),
            "between": between(part.low, part.high) if part.judged else "",
            "percent": made.rates.get(part.key),
            "picture": drawing.picture(
                allowed=allowed(made), rate=part.rate, low=part.low, high=part.high, over=part.low > allowed(made), width=SMALL, whole=top
            )
            if part.judged
            else None,
        }
        for part in parts
    ]


def _items(sample: list[Found], project: Project) -> dict[str, Any]:
    """Mistakes with why, and the other items of the sample; the first of each."""
    wrong = [one for one in sample if one.outcome in ERRING]
    right = [one for one in sample if one.outcome not in ERRING]
    shown = [*wrong[:MOST_SHOWN], *right[:MOST_SHOWN]]
    items = Item.objects.in_bulk([one.item for one in shown])
    reviews = Review.objects.select_related("person", "annotation__person").in_bulk([one.review for one in wrong[:MOST_SHOWN] if one.review])
    for row in reviews.values():
        row.why = said(project, row.reason_key, row.reason)  # type: ignore[attr-defined]
    drawn = dict(zip([one.item for one in shown], thumbs([items[one.item] for one in shown]), strict=True))
    return {
        "wrong": [(one, drawn[one.item], reviews.get(one.review or 0)) for one in wrong[:MOST_SHOWN]],
        "wrong_more": max(0, len(wrong) - MOST_SHOWN),
        "sample": [(one, drawn[one.item]) for one in right[:MOST_SHOWN]],
        "sample_more": max(0, len(right) - MOST_SHOWN),
    }


def closing(made: Round, of: Figures) -> list[str]:
    """What closing the round now would do, said before it is done; [] when it cannot be closed."""
    if made.state != "judging" or not of.judged:
        return []
    rest = made.items - made.sampled
    passes = tallying.passes(made, of)
    if passes:
        first = ngettext("As it stands it passes: %(n)s answer that nobody looked at is approved.",
                         "As it stands it passes: %(n)s answers that nobody looked at are approved.", rest) % {"n": rest}  # fmt: skip
    elif made.escalation == "return":
        first = ngettext("As it stands it fails: %(n)s answer that nobody looked at goes back to its author.",
                         "As it stands it fails: %(n)s answers that nobody looked at go back to their authors.", rest) % {"n": rest}  # fmt: skip
    elif made.escalation == "larger":
        first = _("As it stands it fails: nothing more is approved, and a new round draws twice as many.")
    else:
        first = _("As it stands it fails: nothing more is approved, and nothing goes back.")
    words = [first]
    if of.pending:
        words.append(ngettext("%(n)s answer of the sample is not judged: it is left to other review queues.",
                              "%(n)s answers of the sample are not judged: they are left to other review queues.", of.pending) % {"n": of.pending})  # fmt: skip
    if rest > deciding.AT_ONCE:
        words.append(_("It is carried out in the background."))
    return words
