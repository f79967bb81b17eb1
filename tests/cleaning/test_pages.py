"""The pages of cleaning, as people of each role use them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from annotate.annotations.services import add_revision
from annotate.projects.queries import current_schema
from annotate.queues.models import Hold
from workflows.cleaning import applying, charts, gates
from workflows.cleaning.models import CheckRun, Finding, Gate, Rule
from workflows.cleaning.rules import kinds
from workflows.cleaning.spread import histogram

pytestmark = pytest.mark.django_db
NIGHT, DUSK, DAY = (8, 8, 8), (100, 100, 100), (200, 190, 180)


def text(response: Any) -> str:
    return response.content.decode()


def words(response: Any) -> str:
    """What a person reads, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text(response)))


@pytest.fixture
def dirty(picture: Any, collected: Any) -> Any:
    """A batch with a dark picture, a dim one and a bright one."""
    return collected({"night.png": picture(color=NIGHT), "dusk.png": picture(color=DUSK), "day.png": picture(color=DAY)})


@pytest.fixture
def dark(rule: Any) -> Rule:
    return rule("dark", action="quarantine")


@pytest.fixture
def run(dirty: Any, dark: Rule, checked: Any) -> CheckRun:
    return checked(dirty)


def test_an_empty_project_offers_packs_to_a_manager_and_asks_a_viewer_to_wait(world: Any) -> None:
    page = text(world.page(world.manager).get(f"/p/{world.project.pk}/cleaning"))
    assert "Say what clean means" in page and page.count("Add these rules") == 3 and "cleaning/new" in page
    page = text(world.page(world.viewer).get(f"/p/{world.project.pk}/cleaning"))
    assert "No rules yet" in page and "Add these rules" not in page


def test_a_pack_comes_in_one_click_and_says_what_is_there_already(world: Any) -> None:
    page, address = world.page(world.manager), f"/p/{world.project.pk}/cleaning"
    assert page.post(f"{address}/packs", {"pack": "pictures"}).url == address
    shown = text(page.get(address))
    assert Rule.objects.filter(kind="dark", action="quarantine").exists() and "Darker than 0.32" in shown
    assert "All of them are there" in shown and re.search(r"Add \d+ more rule", shown)


@pytest.mark.parametrize(("person", "cleaning", "form"), [("manager", 200, 200), ("reviewer", 200, 403), ("viewer", 200, 403), ("annotator", 404, 404), ("collector", 404, 404), ("outsider", 404, 404)])
def test_managers_act_reviewers_and_viewers_look_others_see_nothing(world: Any, run: CheckRun, dark: Rule, person: str, cleaning: int, form: int) -> None:
    page = world.page(getattr(world, person))
    for address in (f"/p/{world.project.pk}/cleaning", f"/check-runs/{run.pk}", f"/check-runs/{run.pk}/progress", f"/check-runs/{run.pk}/rules/{dark.pk}"):
        assert page.get(address).status_code == cleaning, address
    for address in (f"/rules/{dark.pk}", f"/p/{world.project.pk}/cleaning/new", f"/p/{world.project.pk}/cleaning/new?kind=dark"):
        assert page.get(address).status_code == form, address
    acts = (f"/check-runs/{run.pk}/apply", f"/check-runs/{run.pk}/undo", f"/check-runs/{run.pk}/again", f"/check-runs/{run.pk}/rules/{dark.pk}/threshold", f"/rules/{dark.pk}/active", f"/p/{world.project.pk}/cleaning/check")
    if person != "manager":
        for address in acts:
            assert page.post(address, {"threshold": "0.5"}).status_code == form, address
        shown = text(page.get(f"/check-runs/{run.pk}"))
        assert f'action="/check-runs/{run.pk}' not in shown
        assert Rule.objects.get(pk=dark.pk).active and CheckRun.objects.get().state == "checked"


def test_every_kind_has_a_form_that_opens_with_its_defaults(world: Any) -> None:
    page, address = world.page(world.manager), f"/p/{world.project.pk}/cleaning/new"
    listed = text(page.get(address))
    for name in kinds():
        assert f"?kind={name}" in listed
        assert page.get(f"{address}?kind={name}").status_code == 200, name
    assert page.get(f"{address}?kind=none").status_code == 404


def test_a_rule_is_made_by_its_form(world: Any) -> None:
    page, address = world.page(world.manager), f"/p/{world.project.pk}/cleaning/new"
    assert 'value="0.32"' in text(page.get(f"{address}?kind=dark"))
    made = page.post(address, {"kind": "dark", "name": "night", "of_threshold": "0.4", "severity": "error", "action": "quarantine", "queue": ""})
    rule = Rule.objects.get()
    assert made.status_code == 302 and made.url.endswith(f"#rule-{rule.pk}")
    assert (rule.name, rule.parameters, rule.severity, rule.action) == ("night", {"threshold": 0.4}, "error", "quarantine")


@pytest.mark.parametrize(
    ("kind", "over", "field"),
    [
        ("dark", {"of_threshold": "7"}, "of_threshold"),
        ("dark", {"of_threshold": "much"}, "of_threshold"),
        ("dark", {"action": "burn"}, "action"),
        ("condition", {"of_q": "nonsense ~~ 1"}, "of_q"),
        ("pattern", {"of_pattern": "("}, "of_pattern"),
        ("out_of_range", {"of_field": "", "of_least": "1", "of_most": "2"}, "of_field"),
    ],
)
def test_a_refused_form_keeps_what_was_typed_and_says_why_at_the_field(world: Any, kind: str, over: dict[str, str], field: str) -> None:
    page, address = world.page(world.manager), f"/p/{world.project.pk}/cleaning/new"
    usual = {f"of_{name}": str(value) for name, value in kinds()[kind].defaults().items() if value is not None}
    answer = page.post(address, {"kind": kind, "name": "keep me", "severity": "info", "action": "flag"} | usual | over)
    shown = text(answer)
    assert answer.status_code == 400 and "keep me" in shown and not Rule.objects.exists()
    assert f'id="id_{field}_error"' in shown and f'href="#id_{field}' in shown


def test_a_taken_name_is_said_at_the_name(world: Any, dark: Rule) -> None:
    form = {"kind": "dark", "name": "dark", "of_threshold": "0.4", "severity": "info", "action": "flag"}
    shown = text(world.page(world.manager).post(f"/p/{world.project.pk}/cleaning/new", form))
    assert 'id="id_name_error"' in shown and "exists" in shown


def test_a_rule_is_changed_switched_off_and_deleted(world: Any, dark: Rule) -> None:
    page = world.page(world.manager)
    assert 'value="0.32"' in text(page.get(f"/rules/{dark.pk}"))
    page.post(f"/rules/{dark.pk}", {"name": "dark", "of_threshold": "0.5", "severity": "info", "action": "flag", "queue": ""})
    dark.refresh_from_db()
    assert dark.parameters == {"threshold": 0.5} and dark.severity == "info"
    part = text(page.post(f"/rules/{dark.pk}/active", {"active": "0"}, headers={"HX-Request": "true"}))
    assert part.startswith(f'<tr id="rule-{dark.pk}"') and 'aria-checked="false"' in part
    page.post(f"/rules/{dark.pk}/delete")
    assert not Rule.objects.exists()


def test_a_check_without_active_rules_says_so(world: Any, dark: Rule) -> None:
    page = world.page(world.manager)
    Rule.objects.update(active=False)
    answer = page.post(f"/p/{world.project.pk}/cleaning/check", {"batch": ""}, follow=True)
    assert "There are no rules yet" in text(answer) and not CheckRun.objects.exists()
    assert page.post(f"/p/{world.project.pk}/cleaning/check", {"batch": "99999999999999999999"}).status_code == 404


def test_a_check_is_narrowed_by_a_query_whose_items_are_counted_while_it_is_typed(world: Any, dirty: Any, dark: Rule, run_jobs: Callable[[], int]) -> None:
    page, address = world.page(world.manager), f"/p/{world.project.pk}/cleaning/check"
    assert 'name="q"' in text(page.get(f"/p/{world.project.pk}/cleaning"))
    for q, said in (("", "3 items are checked"), ("key contains night", "1 item matches and is checked"), ("key = x", "No item matches now"), ("key =", "not complete yet")):
        assert said in words(page.post(f"{address}/foretold", {"batch": "", "q": q})), q
    assert "does not open it" in words(page.post(f"{address}/foretold", {"batch": str(dirty.pk), "q": "key contains night"}))
    assert world.page(world.viewer).post(f"{address}/foretold", {"q": ""}).status_code == 403
    asked = page.post(address, {"batch": str(dirty.pk), "q": "key contains night"})
    run_jobs()
    made = CheckRun.objects.get()
    assert asked.url == f"/check-runs/{made.pk}" and (made.q, made.items) == ("key contains night", 1)


def test_a_query_that_is_wrong_stays_in_the_form_with_a_mark_under_it(world: Any, dirty: Any, dark: Rule) -> None:
    answer = world.page(world.manager).post(f"/p/{world.project.pk}/cleaning/check", {"batch": str(dirty.pk), "q": "key = a and nosuch = 1"})
    shown = text(answer)
    assert answer.status_code == 400 and not CheckRun.objects.exists()
    assert 'value="key = a and nosuch = 1"' in shown and f'<option value="{dirty.pk}" selected>' in shown and '<span class="tok-e">nosuch</span>' in shown


def test_a_check_is_watched_and_then_told(world: Any, dirty: Any, dark: Rule, run_jobs: Callable[[], int]) -> None:
    page = world.page(world.manager)
    asked = page.post(f"/p/{world.project.pk}/cleaning/check", {"batch": str(dirty.pk)})
    made = CheckRun.objects.get()
    assert asked.url == f"/check-runs/{made.pk}" and made.batch_id == dirty.pk
    assert "every 1s" in text(page.get(asked.url)) and "HX-Refresh" not in page.get(f"{asked.url}/progress").headers
    run_jobs()
    assert page.get(f"{asked.url}/progress").headers["HX-Refresh"] == "true"
    shown = page.get(asked.url)
    assert "every 1s" not in text(shown) and "Applying would put 1 item in quarantine." in words(shown)
    assert "So far nothing is changed." in words(shown)
    listed = text(page.get(f"/p/{world.project.pk}/cleaning"))
    assert re.search(rf'href="/check-runs/{made.pk}/rules/{dark.pk}"[^>]*><b>1</b>', listed)


def test_what_would_happen_is_counted_in_items_by_act(world: Any, dirty: Any, rule: Any, checked: Any) -> None:
    rule("dark", action="quarantine")
    rule("dark", name="dim", threshold=0.5)
    rule("dark", name="look", threshold=0.5, action="queue")
    shown = words(world.page(world.manager).get(f"/check-runs/{checked(dirty).pk}"))
    assert "Applying would put 1 item in quarantine, flag 2 items and send 2 items to a queue." in shown
    assert "Caught by both" in shown


def test_apply_undo_and_a_new_run_from_the_page(world: Any, run: CheckRun, run_jobs: Callable[[], int]) -> None:
    page = world.page(world.manager)
    page.post(f"/check-runs/{run.pk}/apply")
    shown = words(page.get(f"/check-runs/{run.pk}"))
    assert Hold.objects.filter(ended_at=None).count() == 1 and "1 in quarantine" in shown and "Lets go of all" in shown
    assert "The threshold is moved in a dry run" in words(page.get(f"/check-runs/{run.pk}/rules/{run.rule_set.document[0]['id']}"))
    again = page.post(f"/check-runs/{run.pk}/again")
    assert again.url != f"/check-runs/{run.pk}" and CheckRun.objects.count() == 2
    run_jobs()
    page.post(f"/check-runs/{run.pk}/undo")
    assert not Hold.objects.filter(ended_at=None).exists()
    assert "It was applied and undone" in words(page.get(f"/check-runs/{run.pk}"))
    assert "Only a run that was applied can be undone" in words(page.post(f"/check-runs/{run.pk}/undo", follow=True))


def test_one_rule_of_a_run_shows_what_it_catches_and_what_only_just_not(world: Any, run: CheckRun, dark: Rule) -> None:
    shown = text(world.page(world.viewer).get(f"/check-runs/{run.pk}/rules/{dark.pk}"))
    caught, near = shown.index("Caught, worst first"), shown.index("Only just not caught")
    assert caught < shown.index("night.png", caught) < near < shown.index("dusk.png", near) < shown.index("day.png", near)
    assert "Brightness 0.03, below 0.32" in shown and 'id="threshold-stops"' in shown and "Use this threshold" not in shown
    assert world.page(world.viewer).get(f"/check-runs/{run.pk}/rules/{dark.pk + 1}").status_code == 404


def test_a_threshold_is_used_without_script(world: Any, run: CheckRun, dark: Rule, run_jobs: Callable[[], int]) -> None:
    page, address = world.page(world.manager), f"/check-runs/{run.pk}/rules/{dark.pk}"
    refused = page.post(f"{address}/threshold", {"threshold": "7"})
    assert refused.status_code == 400 and "at most 1" in text(refused) and 'value="7"' in text(refused)
    assert page.post(f"{address}/threshold", {"threshold": "x"}).status_code == 400
    used = page.post(f"{address}/threshold", {"threshold": "0.5"})
    assert used.url == f"/check-runs/{run.pk}?then={dark.pk}" and "every 1s" in text(page.get(used.url))
    assert page.get(address).status_code == 302
    run_jobs()
    assert page.get(used.url).url == address
    dark.refresh_from_db()
    assert dark.parameters == {"threshold": 0.5} and Finding.objects.filter(run=run).count() == 2


def test_a_rule_that_was_changed_or_deleted_since_says_so(world: Any, run: CheckRun, dark: Rule) -> None:
    page, address = world.page(world.manager), f"/check-runs/{run.pk}/rules/{dark.pk}"
    Rule.objects.filter(pk=dark.pk).update(parameters={"threshold": 0.6})
    assert "Darker than 0.6" in words(page.get(address))
    Rule.objects.all().delete()
    shown = words(page.get(address))
    assert "The rule has been deleted since" in shown and "Use this threshold" not in shown
    assert page.post(f"{address}/threshold", {"threshold": "0.5"}).status_code == 404


def test_copies_stand_beside_what_stays(world: Any, picture: Any, collected: Any, rule: Any, checked: Any) -> None:
    same = picture(color=DAY)
    batch = collected({"first.png": same, "second.png": same, "third.png": same})
    copies = rule("exact_duplicate", action="quarantine")
    shown = text(world.page(world.manager).get(f"/check-runs/{checked(batch).pk}/rules/{copies.pk}"))
    groups = shown.index("Groups: what stays")
    assert groups < shown.index("first.png", groups) < shown.index("2 copies", groups) < shown.index("third.png", groups)
    assert "copy of" in shown


def test_of_an_object_nothing_but_itself_is_drawn(world: Any, picture: Any, collected: Any, rule: Any, checked: Any) -> None:
    item = collected({"street.png": picture(size=(640, 480))}).items.get()
    boxes = [[1.0, 2.0, 2.0, 2.0], [50.0, 60.0, 300.0, 200.0]]
    objects = [{"id": str(uuid.uuid4()), "label": "car", "kind": "box", "box": box, "attributes": {}} for box in boxes]
    add_revision(item.pk, document={"objects": objects, "item": {}}, schema_version=current_schema(world.project.pk), by=world.actor(world.annotator))
    tiny = rule("tiny")
    run = checked(item.batch)
    shown = text(world.page(world.viewer).get(f"/check-runs/{run.pk}/rules/{tiny.pk}"))
    caught, near = shown[: shown.index("Only just not caught")], shown[shown.index("Only just not caught") :]
    assert "M1 2h2v2h-2z" in caught and "M50 60h300" not in caught and "(objects, on 1 item)" in caught
    assert "M50 60h300v200h-300z" in near and "60,000" in near
    applying.apply(run, by=world.actor(world.manager))
    assert f'data-about="{objects[0]["id"]}"' in text(world.page(world.viewer).get(f"/items/{item.pk}"))


def test_a_rule_that_caught_too_much_cannot_be_applied_and_says_the_way_out(world: Any, run: CheckRun, dark: Rule) -> None:
    run.results[str(dark.pk)]["too_many"] = True
    run.save()
    shown = words(world.page(world.manager).get(f"/check-runs/{run.pk}"))
    assert "more than one rule may act on" in shown and "One act, undone as one." not in shown


def test_findings_of_two_rules_are_told_together(world: Any, dirty: Any, rule: Any, checked: Any) -> None:
    one, other = rule("dark"), rule("dark", name="dim", threshold=0.5)
    run = checked(dirty)
    shown = text(world.page(world.viewer).get(f"/check-runs/{run.pk}/rules/{other.pk}?also={one.pk}"))
    part = shown[shown.index('id="findings"') :]
    assert "night.png" in part and "dusk.png" not in part
    assert world.page(world.viewer).get(f"/check-runs/{run.pk}/rules/{other.pk}?also=999999").status_code == 404


def test_an_item_says_why_it_is_in_quarantine_and_is_restored(world: Any, run: CheckRun) -> None:
    applying.apply(run, by=world.actor(world.manager))
    item = run.batch.items.get(key="night.png")
    shown = words(world.page(world.viewer).get(f"/items/{item.pk}"))
    assert "In quarantine" in shown and "Brightness 0.03, below 0.32" in shown and "until a manager restores it" in shown
    assert world.page(world.viewer).post(f"/items/{item.pk}/restore").status_code == 403
    page = world.page(world.manager)
    back = page.post(f"/items/{item.pk}/restore?q=state+%3D+new", {"rule": "dark"})
    assert back.url == f"/items/{item.pk}?q=state+%3D+new" and not Hold.objects.filter(ended_at=None).exists()
    shown = words(page.get(f"/items/{item.pk}"))
    assert "Restored" in shown and "Nobody is handed this item" not in shown
    assert "somebody has restored it already" in words(page.post(f"/items/{item.pk}/restore", follow=True))
    assert "What rules say" not in text(page.get(f"/items/{run.batch.items.get(key='day.png').pk}"))


def test_annotators_are_told_nothing_of_findings(world: Any, run: CheckRun, make_items: Any) -> None:
    from annotate.queues.services import create_queue

    create_queue(world.project, "label", stage="annotate", by=world.actor(world.owner))
    applying.apply(run, by=world.actor(world.manager))
    assert world.page(world.collector).get(f"/batches/{run.batch_id}").status_code == 200
    assert "Checks and gate" not in text(world.page(world.collector).get(f"/batches/{run.batch_id}"))
    assert world.page(world.collector).get(f"/batches/{run.batch_id}/checks").status_code == 404


def test_a_gate_is_set_told_opened_by_hand_and_removed(world: Any, run: CheckRun) -> None:
    page, address = world.page(world.manager), f"/batches/{run.batch_id}"
    assert page.post(f"{address}/gate", {"bar": "700"}).status_code == 200 and not Gate.objects.exists()
    page.post(f"{address}/gate", {"bar": "10"})
    assert Gate.objects.get().bar == 0.1
    assert f"Check #{run.pk} found what is to be held back" in words(page.get(address)) and "Waits for checks" in words(page.get(address))
    applying.apply(run, by=world.actor(world.manager))
    shown = words(page.get(address))
    assert "33.3 % of its items are in quarantine, more than the 10 % that may be" in shown and "Shut" in shown
    refused = page.post(f"{address}/gate/open", {"reason": " "})
    assert "Why it is opened by hand" in text(refused) and 'aria-invalid="true"' in text(refused)
    page.post(f"{address}/gate/open", {"reason": "night was asked for"})
    assert "“night was asked for”" in words(page.get(address)) and Gate.objects.get().state == "open"
    assert "The gate is open." in words(page.post(f"{address}/gate/open", {"reason": "again"}, follow=True))
    page.post(f"{address}/gate/remove")
    assert not Gate.objects.exists() and "Put a gate before this batch" in text(page.get(address))


def test_a_batch_is_checked_from_its_own_page(world: Any, dirty: Any, dark: Rule, run_jobs: Callable[[], int]) -> None:
    page = world.page(world.manager)
    asked = page.post(f"/batches/{dirty.pk}/checks")
    assert asked.url == f"/check-runs/{CheckRun.objects.get().pk}"
    assert "every 2s" in text(page.get(f"/batches/{dirty.pk}/checks"))
    run_jobs()
    part = text(page.get(f"/batches/{dirty.pk}/checks"))
    assert "every 2s" not in part and "1 in quarantine" in part
    assert page.post(f"/batches/{dirty.pk}/gate", {"bar": "5"}).url == f"/batches/{dirty.pk}#checks"
    assert gates.quarantined(dirty) == 0


def _runs(world: Any, rule: Any, checked: Any, dirty: Any, n: int) -> None:
    for place in range(n):
        rule("dark", name=f"dark {Rule.objects.count()} {place}", action="quarantine", threshold=0.5)
        checked(dirty)


def test_the_pages_cost_the_same_for_three_rows_as_for_one(world: Any, rule: Any, dirty: Any, checked: Any, django_assert_num_queries: Any) -> None:
    page = world.page(world.viewer)
    costs = {"cleaning": 11, "run": 7, "rule": 13, "batch": 24}

    def addresses() -> dict[str, str]:
        run, first = CheckRun.objects.latest("pk"), Rule.objects.earliest("pk")
        project = f"/p/{world.project.pk}"
        return {"cleaning": f"{project}/cleaning", "run": f"/check-runs/{run.pk}", "rule": f"/check-runs/{run.pk}/rules/{first.pk}", "batch": f"/batches/{dirty.pk}"}

    for n in (1, 2):
        _runs(world, rule, checked, dirty, n)
        for name, address in addresses().items():
            page.get(address)
            with django_assert_num_queries(costs[name]):
                assert page.get(address).status_code == 200, name


def test_findings_on_an_items_page_cost_the_same_for_three_as_for_one(world: Any, rule: Any, dirty: Any, checked: Any, django_assert_num_queries: Any) -> None:
    page, item = world.page(world.viewer), dirty.items.get(key="night.png")
    for n in (1, 2):
        for _ in range(n):
            rule("dark", name=f"dark {Rule.objects.count()}", action="flag")
        applying.apply(checked(dirty), by=world.actor(world.manager))
        page.get(f"/items/{item.pk}")
        with django_assert_num_queries(28):
            page.get(f"/items/{item.pk}")


@pytest.mark.parametrize("name", ["dark", "too_long", "duplicate_objects"])
def test_a_moved_threshold_is_told_exactly_what_the_rule_would_catch(name: str) -> None:
    """Against the rule's own comparison, at every place where the line may stand."""
    import numpy as np

    kind = kinds()[name]
    rng = np.random.default_rng(3)
    scores = np.round(rng.uniform(0, 1, 300), 2) if name != "too_long" else np.floor(rng.uniform(0, 40_000, 300))
    scores[:9] = kind.defaults()[kind.line]
    caught = {"dark": lambda line: scores < line, "too_long": lambda line: scores > line, "duplicate_objects": lambda line: scores >= line}[name]
    rows = int(caught(kind.defaults()[kind.line]).sum())
    drawn = charts.chart(histogram(scores, float(kind.defaults()[kind.line])), kind, kind.defaults(), rows)
    assert drawn is not None and drawn.exact and len(drawn.stops) > 10
    assert [stop.caught for stop in drawn.stops] == [int(caught(stop.value).sum()) for stop in drawn.stops]
