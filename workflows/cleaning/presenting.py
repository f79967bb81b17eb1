"""Rules, runs, findings and gates as the API answers them."""

from __future__ import annotations

from typing import Any

from workflows.cleaning.models import CheckRun, Finding, Gate, Rule, RuleSet


def present_rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.pk,
        "project": rule.project_id,
        "name": rule.name,
        "kind": rule.kind,
        "parameters": parameters_of(rule.kind, rule.parameters),
        "severity": rule.severity,
        "action": rule.action,
        "queue": rule.queue_id,
        "active": rule.active,
        "created_by": rule.created_by_id,
        "created_at": rule.created_at,
    }


def parameters_of(kind: str, given: dict[str, Any]) -> dict[str, Any]:
    """With the kind's own where a rule gives none."""
    from workflows.cleaning.rules import kinds

    known = kinds().get(kind)
    return {**(known.defaults() if known else {}), **given}


def present_kind(name: str) -> dict[str, Any]:
    from workflows.cleaning.rules import kinds
    from workflows.cleaning.wording import words_of

    kind, words = kinds()[name], words_of(name)
    return {
        "kind": kind.name,
        "about": kind.about,
        "title": str(words.title),
        "help": str(words.help),
        "source": kind.source,
        "severity": kind.severity,
        "action": kind.action,
        "threshold": kind.line or None,
        "caught": kind.side or None,
        "parameters": [
            {
                "name": parameter.name,
                "type": parameter.type,
                "default": parameter.default,
                "least": parameter.least,
                "most": parameter.most,
                "options": list(parameter.options),
                "title": str(words.parameters.get(parameter.name, parameter.name)),
            }
            for parameter in kind.parameters
        ],
    }


def present_rule_set(found: RuleSet) -> dict[str, Any]:
    return {"id": found.pk, "number": found.number, "rules": found.document, "digest": bytes(found.digest).hex(), "created_by": found.created_by_id, "created_at": found.created_at}


def present_run(run: CheckRun) -> dict[str, Any]:
    """A run of a list: what it came to is asked of the run itself."""
    return {
        "id": run.pk,
        "project": run.project_id,
        "batch": run.batch_id,
        "q": run.q,
        "state": run.state,
        "rule_set": run.rule_set.number,
        "items": run.items,
        "counts": run.counts,
        "job": run.job_id,
        "created_by": run.created_by_id,
        "created_at": run.created_at,
        "applied_by": run.applied_by_id,
        "applied_at": run.applied_at,
        "undone_by": run.undone_by_id,
        "undone_at": run.undone_at,
    }


def rules_of(run: CheckRun) -> list[dict[str, Any]]:
    """The rules of a run as they stood."""
    return [rule for rule in run.rule_set.document if not run.chosen or rule["id"] in run.chosen]


def ordered(run: CheckRun) -> list[dict[str, Any]]:
    """Those that caught most first; those that could not be run, or caught too much, before all."""

    def place(rule: dict[str, Any]) -> tuple[bool, bool, int]:
        result = run.results.get(str(rule["id"])) or {}
        return not result.get("too_many"), not result.get("error"), -result.get("caught", 0)

    return sorted(rules_of(run), key=place)


def present_whole_run(run: CheckRun) -> dict[str, Any]:
    """With each rule's result: how many items it caught of those it could check, the histogram of its scores, and what two rules share."""
    told = [
        {**rule, "parameters": parameters_of(rule["kind"], rule["parameters"]), "result": run.results.get(str(rule["id"]))}
        for rule in rules_of(run)
    ]
    return present_run(run) | {"rules": told, "overlap": run.results.get("overlap", [])}


def present_finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.pk,
        "run": finding.run_id,
        "rule": finding.rule,
        "name": finding.name,
        "kind": kind_of(finding),
        "item": finding.item_id,
        "key": finding.item.key if finding.item is not None else None,
        "object": str(finding.object) if finding.object else None,
        "subject": finding.subject or None,
        "score": finding.score,
        "partner": finding.partner,
        "detail": finding.detail,
        "state": finding.state,
    }


def rule_of(finding: Finding) -> dict[str, Any]:
    """The rule as it stood in the finding's run."""
    found: dict[str, Any] = next((rule for rule in finding.run.rule_set.document if rule["id"] == finding.rule), {})
    return found


def kind_of(finding: Finding) -> str:
    return str(rule_of(finding).get("kind", ""))


def present_gate(gate: Gate) -> dict[str, Any]:
    from workflows.cleaning.gates import rules_since

    return {
        "batch": gate.batch_id,
        "state": gate.state,
        "bar": gate.bar,
        "share": gate.share,
        "run": gate.run_id,
        "rules_since": rules_since(gate),
        "opened_by": gate.opened_by_id,
        "reason": gate.reason or None,
        "created_by": gate.created_by_id,
        "created_at": gate.created_at,
    }
