"""How the demo lets people in: gold from the first batch, a qualification with a run, one newcomer who passed it and one who has
it before them. Whoever was there before has it by the manager's word."""

from __future__ import annotations

from collections import Counter

from annotate.annotations.models import CurrentAnnotation
from annotate.gold.models import Gold
from annotate.gold.services import add_gold
from annotate.projects.models import Project
from annotate.qualifications.models import Qualification, Qualified
from annotate.qualifications.services import create, give
from annotate.qualifications.setting_up import give_run
from annotate.queues.claim import next_task
from annotate.queues.models import Queue
from annotate.queues.queries import able
from annotate.queues.services import change_queue
from workflows.demo import accounts, shift
from workflows.demo.crew import HANDS
from workflows.demo.pictures import Frame
from workflows.quality.gold import measure_some

NAME = "Street boxes"
ABOUT = (
    "Draw every car, person, bicycle and sign, edges close, and say what the weather is. Five pictures, one after the other.\n"
    "请框出每一辆汽车、每一位行人、每一辆自行车和每一个交通标志，边缘贴紧，并选择天气。共五张图片，逐张进行。"
)
GOLD = 12  # one of each take
QUESTIONS, PASS_MARK, ATTEMPTS = 5, 0.7, 2
PASSED, WAITING = "noah", "nora"


def let_in(project: Project, truth: shift.Truth, queue: Queue) -> None:
    """Goes on from what stands, as the rest of the load does."""
    manager = accounts.actor("mira")
    if not Gold.objects.filter(project=project).exists():
        add_gold(project, _chosen(project, truth), by=manager)
    found = Qualification.objects.filter(project=project, name=NAME).first()
    found = found or create(project, NAME, kind="label", about=ABOUT, by=manager)
    if found.queue_id is None:
        found = give_run(found, questions=QUESTIONS, pass_mark=PASS_MARK, attempts=ATTEMPTS, by=manager)
    has = set(Qualified.objects.filter(qualification=found).values_list("person_id", flat=True))
    for person in able(project).values():
        if person.name not in (PASSED, WAITING) and person.pk not in has:
            give(found, person, by=manager)
    _pass(found, truth)
    change_queue(queue, requires=[{"qualification": found.pk, "bar": None}], by=manager)


def _chosen(project: Project, truth: shift.Truth) -> list[int]:
    """A clean frame of each take whose approved labels are all that is there and nothing else: gold must be right."""
    shown = CurrentAnnotation.objects.filter(item__project=project, item__state="approved").select_related("annotation", "item")
    fit: dict[str, int] = {}
    for row in shown.order_by("item__group", "-item__frame"):
        frame = truth[row.item.key]
        if _clean(frame) and Counter(one["label"] for one in row.annotation.content["objects"]) == Counter(one.label for one in frame.truths):
            fit.setdefault(row.item.group, row.item_id)
    return list(fit.values())[:GOLD]


def _clean(frame: Frame) -> bool:
    return not frame.dirt and bool(frame.truths)


def _pass(found: Qualification, truth: shift.Truth) -> None:
    """The first newcomer answers the questions, and is measured at once; who fails tries again with all care."""
    passed, by = Qualified.objects.filter(qualification=found, person__name=PASSED), accounts.actor(PASSED)
    for hand in ("steady", "careful"):
        if found.queue is None or passed.exists():
            return
        while (lease := next_task(found.queue, by)) is not None:
            shift.answer_lease(lease, by, truth, HANDS[hand])
        measure_some()
