"""Packs hold rules that can be made as they stand, and everything has words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from annotate.activity.models import Activity
from tests.cleaning.rules.set_rules import judge
from workflows.cleaning.models import Rule
from workflows.cleaning.packs import PACKS, PackRule
from workflows.cleaning.rules import kinds
from workflows.cleaning.rules.kind import ACTIONS, SEVERITIES, wrong_parameters
from workflows.cleaning.services import add_pack
from workflows.cleaning.words import packs, sets

RULES = [pytest.param(rule, id=f"{pack}-{rule.name}") for pack, rules in PACKS.items() for rule in rules]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_of_a_pack_fits_its_kind(rule: PackRule) -> None:
    assert rule.kind in kinds()
    assert not wrong_parameters(kinds()[rule.kind], rule.parameters)
    assert rule.severity in SEVERITIES and rule.action in ACTIONS and rule.action != "queue"


@pytest.mark.parametrize("pack", PACKS)
def test_names_are_unique_and_the_pack_has_words(pack: str) -> None:
    names = [rule.name for rule in PACKS[pack]]
    assert len(set(names)) == len(names) and packs.WORDS[pack].title and packs.WORDS[pack].help


def test_packs_have_words_for_themselves_only() -> None:
    assert packs.WORDS.keys() == PACKS.keys()


@pytest.mark.parametrize("name", sets.WORDS)
def test_words_name_every_parameter(name: str) -> None:
    words = sets.WORDS[name]
    assert words.parameters.keys() == {parameter.name for parameter in kinds()[name].parameters}
    assert words.title and words.help and words.score and words.says


@pytest.mark.django_db
@pytest.mark.parametrize("pack", ["pictures", "driving"])
def test_labelled_items_with_nothing_marked_are_looked_for_once_somebody_switches_that_on(world: Any, pack: str) -> None:
    add_pack(world.project, pack, by=world.actor(world.manager))
    rule = Rule.objects.get(project=world.project, kind="object_count")
    assert (rule.active, rule.action, rule.severity) == (False, "flag", "info")
    assert Rule.objects.filter(project=world.project, active=False).count() == 1
    found = judge("object_count", {"objects": np.array([0, 1, 30_000, np.nan])}, **rule.parameters)
    assert found.caught.tolist() == [True, False, False, False]  # one that nobody has labelled is not judged


@pytest.mark.django_db
def test_a_pack_is_added_as_one_act_and_once(world: Any) -> None:
    by = world.actor(world.manager)
    assert len(add_pack(world.project, "text", by=by)) == len(PACKS["text"])
    assert add_pack(world.project, "text", by=by) == []
    [act] = Activity.objects.filter(project_id=world.project.pk, verb__startswith="rule")
    assert act.verb == "rules.add" and act.data == {"pack": "text", "count": len(PACKS["text"])}
