"""Guidelines: how this project is to be labelled, in Markdown with good and bad examples per label.

Every change is a version; versions stay. A person says once that they read one, and is asked again when the next comes.
An example is `{"label", "good", "text", "picture"}`: `picture` is the id of a `GuidelinePicture` or null.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.kernel.canonical import check_text
from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid
from annotate.media.models import Blob
from annotate.people.actor import Actor
from annotate.projects import policies
from annotate.projects.models import Guideline, GuidelinePicture, GuidelineSeen, Project

LONGEST = 200_000  # characters of the text
LONGEST_WORDS = 1000  # of one example
MOST = 300  # examples
_SEEN = """
INSERT INTO annotate_guidelineseen (project_id, person_id, number, seen_at) VALUES (%s, %s, %s, now())
ON CONFLICT (project_id, person_id) DO UPDATE SET number = greatest(annotate_guidelineseen.number, excluded.number), seen_at = now()
"""


def newest(project: Project) -> Guideline | None:
    return Guideline.objects.filter(project=project).select_related("created_by").order_by("-number").first()


def seen(actor: Actor, project: Project) -> int:
    """The version that the actor said they read, 0 for none."""
    rows = GuidelineSeen.objects.filter(project=project, person_id=actor.person_id)
    return rows.values_list("number", flat=True).first() or 0


@transaction.atomic
def change(project: Project, text: str, *, examples: Sequence[Any] | None = None, message: str = "", by: Actor) -> Guideline:
    """A new version; without `examples` those of the newest stay. The same again gives the newest again.

    Whoever writes it has read it.
    """
    require(policies.may_manage(by, project))
    Project.objects.select_for_update().get(pk=project.pk)
    last = newest(project)
    words, said = check_text(text), check_text(message).strip()
    wrong = {}
    if len(words) > LONGEST:
        wrong["text"] = f"at most {LONGEST} characters"
    if len(said) > 500:
        wrong["message"] = "at most 500 characters"
    if wrong:
        raise Invalid(_("The guidelines are too long."), fields=wrong)
    shown = _checked(project, examples) if examples is not None else list(last.examples) if last else []
    if last is not None and (last.text, last.examples) == (words, shown):
        return last
    number = last.number + 1 if last else 1
    made = Guideline.objects.create(project=project, number=number, text=words, examples=shown, message=said, created_by=by.person)
    acknowledge(project, number, by=by)
    record(by, "guidelines.change", made, organisation=project.organisation_id, project=project, data={"number": number})
    return made


def _checked(project: Project, examples: Any) -> list[dict[str, Any]]:
    if not isinstance(examples, list | tuple) or len(examples) > MOST:
        raise Invalid(_("The examples must be a list."), fields={"examples": f"a list of at most {MOST}"})
    wanted = [each.get("picture") for each in examples if isinstance(each, dict) and isinstance(each.get("picture"), int)]
    pictures = set(GuidelinePicture.objects.filter(project=project, pk__in=wanted).values_list("pk", flat=True))
    wrong: dict[str, str] = {}
    sound = [_one(each, f"examples[{place}]", pictures, wrong) for place, each in enumerate(examples)]
    if wrong:
        place, why = next(iter(wrong.items()))
        raise Invalid(f"{place}: {why}", fields=wrong)
    return sound


def _one(raw: Any, place: str, pictures: set[int], wrong: dict[str, str]) -> dict[str, Any]:
    if not isinstance(raw, dict) or set(raw) - {"label", "good", "text", "picture"}:
        wrong[place] = "an object with label, good, text and perhaps picture"
        return {}
    label, good, text, picture = raw.get("label", ""), raw.get("good", True), raw.get("text", ""), raw.get("picture")
    if not isinstance(label, str) or len(label) > 200:
        wrong[f"{place}.label"] = "the name of a label, or empty"
        label = ""
    if not isinstance(good, bool):
        wrong[f"{place}.good"] = "true or false"
    if not isinstance(text, str) or len(text) > LONGEST_WORDS:
        wrong[f"{place}.text"] = f"words, at most {LONGEST_WORDS} characters"
        text = ""
    if picture is not None and (isinstance(picture, bool) or picture not in pictures):
        wrong[f"{place}.picture"] = "no picture of this project's guidelines has this id"
    if not text.strip() and picture is None:
        wrong.setdefault(place, "words or a picture")
    return {"label": check_text(label), "good": good, "text": check_text(text).strip(), "picture": picture}


@transaction.atomic
def add_example(
    project: Project,
    *,
    label: str,
    good: bool,
    text: str,
    blob: Blob | None = None,
    item_id: int | None = None,
    shape: Any = None,
    by: Actor,
) -> Guideline:
    """A version with one example more: its picture an uploaded one, or a part of an item of the project."""
    require(policies.may_manage(by, project))
    picture = None
    if blob is not None or item_id is not None:
        picture = GuidelinePicture.objects.create(project=project, blob=blob, item_id=item_id, shape=shape, created_by=by.person).pk
    last = newest(project)
    example = {"label": label, "good": good, "text": text, "picture": picture}
    kept = list(last.examples) if last else []
    message = _("A good example more") if good else _("A bad example more")
    return change(project, last.text if last else "", examples=[*kept, example], message=message, by=by)


def acknowledge(project: Project, number: int, *, by: Actor) -> int:
    """The actor read this version; the highest that they read. A number that does not exist yet counts as the newest."""
    last = newest(project)
    if last is None or isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise Invalid(_("There is no such version of the guidelines."), fields={"number": "a version's number"})
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, [project.pk, by.person_id, min(number, last.number)])
    return seen(by, project)
