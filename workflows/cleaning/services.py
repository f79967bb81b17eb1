"""What a project calls clean: its rules, whole packs of them, and the numbered sets that runs name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.kernel import canonical
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid
from annotate.people.actor import Actor
from annotate.people.services import clean_name
from annotate.projects.models import Project
from annotate.queues.models import Queue
from annotate.search.compile import compile_query
from annotate.search.errors import QueryError
from workflows.cleaning.models import ACTIONS, SEVERITIES, Rule, RuleSet
from workflows.cleaning.packs import PACKS
from workflows.cleaning.policies import may_clean
from workflows.cleaning.rules import kinds
from workflows.cleaning.rules.parameters import ITEM, OBJECT
from workflows.cleaning.words.faults import fault_words

LONGEST, MOST = 80, 200  # characters of a rule's name; rules of a project


@transaction.atomic
def create_rule(
    project: Project,
    *,
    name: str,
    kind: str,
    parameters: Mapping[str, Any] | None = None,
    severity: str | None = None,
    action: str | None = None,
    queue: Queue | None = None,
    active: bool = True,
    by: Actor,
) -> Rule:
    """A rule of the project. Without severity and action, its kind's own. `Invalid` names each parameter that is wrong; `Conflict` on a taken name."""
    require(may_clean(by, project))
    given = {"name": name, "kind": kind, "parameters": parameters or {}, "severity": severity, "action": action, "queue": queue, "active": active}
    rule = _made(project, given, by)
    record(by, "rule.create", rule, organisation=project.organisation_id, project=project, data={"kind": kind})
    return rule


def _made(project: Project, given: Mapping[str, Any], by: Actor) -> Rule:
    sort = _kind(given["kind"])
    if Rule.objects.filter(project=project).count() >= MOST:
        raise Conflict(_("A project has at most %(n)d rules.") % {"n": MOST}, code="too_many_rules")
    rule = Rule(project=project, kind=given["kind"], parameters=dict(given["parameters"]), queue=given.get("queue"), active=given.get("active", True), created_by=by.person)
    rule.name = clean_name(given["name"], longest=LONGEST)
    rule.severity, rule.action = given["severity"] or sort.severity, given["action"] or sort.action
    _check(rule, sort)
    _save(rule)
    return rule


@transaction.atomic
def change_rule(rule: Rule, *, by: Actor, **changes: Any) -> Rule:
    """Change its name, parameters (those given; the others stay), severity, action, queue or whether it is active. What runs found stays as it is."""
    require(may_clean(by, rule.project))
    rule = Rule.objects.select_for_update(of=("self",)).select_related("project").get(pk=rule.pk)
    if changes.get("parameters") is not None:
        changes["parameters"] = rule.parameters | changes["parameters"]
    if changes.get("name") is not None:
        changes["name"] = clean_name(changes["name"], longest=LONGEST)
    for name, value in changes.items():
        setattr(rule, name, value)
    _check(rule, _kind(rule.kind))
    _save(rule)
    record(by, "rule.change", rule, organisation=rule.project.organisation_id, project=rule.project, data={"changed": sorted(changes)})
    return rule


@transaction.atomic
def delete_rule(rule: Rule, *, by: Actor) -> None:
    """It runs no more. Runs keep what they found by it, and what was applied stays until it is undone."""
    require(may_clean(by, rule.project))
    record(by, "rule.delete", rule, organisation=rule.project.organisation_id, project=rule.project, data={"kind": rule.kind})
    rule.delete()


@transaction.atomic
def add_pack(project: Project, pack: str, *, by: Actor) -> list[Rule]:
    """The rules of a pack that the project does not have yet (by kind), those that came."""
    require(may_clean(by, project))
    if pack not in PACKS:
        raise Invalid(_("There is no such pack."), fields={"pack": _one_of(PACKS)})
    there = set(Rule.objects.filter(project=project).values_list("kind", flat=True))
    names = set(Rule.objects.filter(project=project).values_list("name", flat=True))
    made = [_made(project, asked._asdict(), by) for asked in PACKS[pack] if asked.kind not in there and asked.name not in names]
    if made:
        record(by, "rules.add", project, organisation=project.organisation_id, project=project, data={"pack": pack, "count": len(made)})
    return made


@transaction.atomic
def rule_set(project: Project, *, by: Actor | None) -> RuleSet:
    """The project's active rules as a numbered set; the newest one when nothing has changed since."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('rule set ' || %s::text, 0))", [project.pk])
    rows = Rule.objects.filter(project=project, active=True).order_by("pk")
    document = [
        {"id": row.pk, "name": row.name, "kind": row.kind, "parameters": row.parameters, "severity": row.severity, "action": row.action, "queue": row.queue_id}
        for row in rows
    ]
    digest = canonical.digest(canonical.dumps(document))
    newest = RuleSet.objects.filter(project=project).order_by("-number").first()
    if newest is not None and bytes(newest.digest) == digest:
        return newest
    number = newest.number + 1 if newest else 1
    return RuleSet.objects.create(project=project, number=number, document=document, digest=digest, created_by=by.person if by else None)


def _kind(name: str) -> Any:
    found = kinds().get(name)
    if found is None:
        raise Invalid(_("There is no rule of this kind."), fields={"kind": _one_of(kinds())})
    return found


def _one_of(names: Iterable[str]) -> str:
    return _("one of %(names)s") % {"names": ", ".join(names)}


def _check(rule: Rule, kind: Any) -> None:
    from workflows.cleaning.rules.kind import wrong_parameters  # numpy, which an idle process does without
    from workflows.cleaning.rules.pattern import check_pattern

    wrong = {f"parameters.{name}": fault_words(why) for name, why in wrong_parameters(kind, rule.parameters).items()}
    for parameter in kind.parameters:
        place, value = f"parameters.{parameter.name}", rule.parameters.get(parameter.name, parameter.default)
        if place in wrong or not isinstance(value, str):
            continue
        if parameter.type == "query":
            try:
                compile_query(canonical.check_text(value), rule.project_id)
            except QueryError as error:
                wrong[place] = error.detail
        elif parameter.type == "pattern" and (why := check_pattern(value)):
            wrong[place] = fault_words(why)
    if rule.severity not in SEVERITIES:
        wrong["severity"] = _one_of(SEVERITIES)
    if rule.action not in ACTIONS:
        wrong["action"] = _one_of(ACTIONS)
    if rule.action != "flag" and kind.rows not in (ITEM, OBJECT):
        wrong["action"] = _("this kind speaks of no items: it can only flag")
    if rule.queue is not None and (rule.queue.project_id != rule.project_id or rule.queue.stage != "annotate"):
        wrong["queue"] = _("a queue of this project in which people label")
    if wrong:
        raise Invalid(_("The rule is not valid."), fields=wrong)


def _save(rule: Rule) -> None:
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError as error:
        raise Conflict(_("A rule of this name exists."), code="name_taken", fields={"name": _("taken")}) from error
