"""Verbs in words, as pages say them after the person's name; rooms may add theirs to `VERBS`."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

VERBS: dict[str, Any] = {
    "organisation.create": _("made the organisation"),
    "person.create": _("added a person"),
    "person.change": _("changed a person"),
    "person.reset": _("made a new password link for a person"),
    "person.enter": _("set a password by a one-time link"),
    "people.invite": _("invited people from a list"),
    "team.create": _("made a team"),
    "team.change": _("changed a team"),
    "team.end": _("ended a team"),
    "token.create": _("made a token"),
    "token.revoke": _("revoked a token"),
    "project.create": _("made the project"),
    "project.change": _("changed the project"),
    "schema.change": _("changed the label schema"),
    "member.set": _("gave a role in the project"),
    "member.remove": _("took somebody out of the project"),
    "batch.collectors": _("said who collects for a batch"),
    "batch.assign": _("handed a batch to a team"),
    "batch.unassign": _("took a batch back from a team"),
    "batch.create": _("made a batch"),
    "batch.change": _("changed a batch"),
    "batch.upload": _("uploaded to a batch"),
    "batch.seal": _("sealed a batch"),
    "batch.reopen": _("opened a batch again"),
    "items.add": _("added items"),
    "item.submit": _("moved an item to labelled"),
    "item.return": _("moved an item to returned"),
    "item.approve": _("approved an item"),
    "item.withdraw": _("withdrew an item"),
    "item.erase": _("erased an item"),
    "annotation.submit": _("submitted an answer"),
    "annotation.add": _("wrote a revision"),
    "annotation.import": _("imported annotations"),
    "queue.create": _("made a queue"),
    "queue.change": _("changed a queue"),
    "queue.place": _("changed the order of queues"),
    "queue.pause": _("paused a queue"),
    "queue.resume": _("resumed a queue"),
    "queue.close": _("closed a queue"),
    "queue.require": _("changed what a queue asks for"),
    "gold.add": _("made items gold"),
    "gold.retire": _("retired gold"),
    "qualification.create": _("made a qualification"),
    "qualification.change": _("changed a qualification"),
    "qualification.give": _("gave a qualification"),
    "qualification.end": _("took a qualification away"),
    "qualification.grant": _("granted one more attempt at a qualification"),
    "qualification.revoke": _("took a granted attempt back"),
    "qualification.run": _("set up a qualification's run"),
    "qualification.no_run": _("took a qualification's run away"),
    "qualification.pass": _("passed somebody in a run"),
    "qualification.fail": _("did not pass somebody in a run"),
    "person.pause": _("paused a person"),
    "person.let_on": _("let a paused person go on"),
    "task.reserve": _("kept items for somebody"),
    "task.release": _("kept items for nobody any more"),
    "work.move": _("moved somebody's open work"),
    "bulk.assign": _("kept a selection for somebody"),
    "bulk.release": _("kept a selection for nobody any more"),
    "bulk.prioritise": _("put a selection in another place"),
    "bulk.send_back": _("sent a selection back to its authors"),
    "bulk.void": _("took a selection out of its queues"),
    "bulk.undo": _("took an act on a selection back"),
    "lease.take": _("took an item back from somebody"),
    "task.skip": _("skipped an item"),
    "task.reopen": _("opened an answer again"),
    "review.accept": _("accepted an answer"),
    "review.return": _("returned an answer"),
    "review.fix": _("fixed an answer"),
    "review.undo": _("took a verdict back"),
    "question.ask": _("asked a question"),
    "question.answer": _("answered a question"),
    "guidelines.change": _("changed the guidelines"),
    "skips.back": _("put a skipped item back"),
    "skips.hold": _("held a skipped item back"),
    "skips.void": _("took a skipped item out of its queue"),
    "approval.add": _("approved an item"),
    "approval.withdraw": _("withdrew an approval"),
    "comment.add": _("wrote a comment"),
    "comment.resolve": _("settled a comment"),
    "job.cancel": _("ended background work"),
    "slice.create": _("made a slice"),
    "dataset.create": _("made a dataset"),
    "version.cut": _("asked for a version"),
    "version.freeze": _("froze a version"),
    "version.fail": _("could not freeze a version"),
    "version.withdraw": _("withdrew a version"),
    "tag.set": _("set a tag"),
    "export.create": _("asked for an export"),
}

# noun → address of its page.
PAGES: dict[str, str] = {
    "project": "/p/{id}",
    "batch": "/batches/{id}",
    "item": "/items/{id}",
    "queue": "/queues/{id}",
    "dataset": "/datasets/{id}",
    "version": "/versions/{id}",
    "bulk": "/bulk/{id}",
    "job": "/jobs/{id}",
    "person": "/people/{id}",
    "team": "/teams/{id}",
    "qualification": "/qualifications/{id}",
}


def sentence(verb: str) -> Any:
    """What the person did; an unknown verb is said as it stands."""
    return VERBS.get(verb, verb.replace(".", " ").replace("_", " "))


def page_of(noun: str, noun_id: int | None) -> str:
    """The thing's page, or "" when it has none."""
    return PAGES[noun].format(id=noun_id) if noun in PAGES and noun_id is not None else ""
