"""Gates on the measures: what they keep out of versions, what they say, and how a manager opens them."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.activity.models import Activity
from annotate.items.models import Item
from annotate.items.services import NewItem, add_items
from annotate.kernel.errors import Conflict, Denied, Invalid, Missing
from workflows.gating import services
from workflows.gating.judging import of_batches
from workflows.gating.models import GateOpening, ReleaseGate
from workflows.releases.preview import preview
from workflows.releases.services import create_slice
from workflows.releases.services import cut as ask

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(world: Any) -> Any:
    return world.actor(world.manager)


def keys(world: Any, version: Any) -> list[str]:
    return [row["key"] for row in world.api(world.viewer).get(f"/versions/{version.pk}/items").json()["results"]]


def test_a_batch_whose_gate_fails_stays_out_of_the_version_with_the_reason_on_record(world: Any, approved: Any, cut: Any, by: Any) -> None:
    good, bad = approved("good", 3), approved("bad", 2)
    services.set_gate(world.project, "items >= 3", by=by)
    shown = preview(world.project, "")
    assert (shown.taken, shown.gated, shown.selected) == (3, 2, 5)
    assert [(pk, name) for pk, name, _why in shown.batches] == [(bad.pk, "bad")]
    version = cut()
    assert version.state == "frozen" and all(key.startswith("good/") for key in keys(world, version))
    assert version.counts["excluded"] == {"gate": 2}
    record = {one["name"]: one for one in version.counts["gates"]}
    assert (record["good"]["state"], record["bad"]["state"], record["bad"]["failed"]) == ("pass", "fail", ["items >= 3"])
    assert record["bad"]["parts"][0]["value"] == 2 and record["bad"]["batch"] == bad.pk and good.pk == record["good"]["batch"]
    assert set(version.job.report_lines.values_list("code", "detail")) == {("gate", "batch bad: items >= 3: 2 on 2")}


def test_too_little_evidence_never_passes_and_says_so(world: Any, approved: Any, cut: Any, by: Any) -> None:
    approved("good", 2)
    services.set_gate(world.project, "gold_accuracy >= 0 or not agreement < 0.5", by=by)
    [found] = of_batches(world.project, dict(world.project.batches.values_list("pk", "name"))).values()
    assert (found.state, found.why) == ("not_enough", "gold_accuracy >= 0: not enough, on 0; not agreement < 0.5: not enough, on 0")
    version = cut()
    assert version.state == "failed" and "no approved item is left" in version.job.error


def test_a_batch_has_its_own_rule_before_the_projects_and_the_projects_again_without_it(world: Any, approved: Any, by: Any) -> None:
    batch = approved("march", 2)
    services.set_gate(world.project, "items >= 100", by=by)
    services.set_gate(world.project, "items >= 1", batch=batch, by=by)
    assert preview(world.project, "").gated == 0
    services.remove_gate(world.project, batch=batch, by=by)
    assert preview(world.project, "").gated == 2
    services.remove_gate(world.project, by=by)
    assert preview(world.project, "").gated == 0
    assert list(Activity.objects.filter(verb__startswith="release_gate").order_by("id").values_list("verb", "noun")) == [
        ("release_gate.set", "project"), ("release_gate.set", "batch"), ("release_gate.remove", "batch"), ("release_gate.remove", "project"),
    ]  # fmt: skip


def test_a_slice_whose_gate_fails_is_not_cut_and_the_answer_names_each_part_with_its_figure(world: Any, approved: Any, dataset: Any, by: Any) -> None:
    approved("march", 2)
    one = create_slice(world.project, "spring", q='batch = "march"', by=by)
    services.set_gate(world.project, "items >= 5 and answers >= 1", slice=one, by=by)
    refused = world.api(world.manager).post(f"/datasets/{dataset.pk}/versions", {"slice": "spring"})
    assert (refused.status_code, refused.json()["code"]) == (409, "gate_failed")
    assert refused.json()["detail"] == "The gate of the slice is shut. spring: items >= 5: 2 on 2; answers >= 1: 0 on 0"
    [gate] = refused.json()["gates"]
    assert gate["failed"] == ["items >= 5", "answers >= 1"] and [part["value"] for part in gate["parts"]] == [2, 0]
    assert ask(dataset, q="state = approved", by=by).state == "cutting"  # another query is no slice
    services.open_by_hand(world.project, slice=one, reason="agreed with the team", by=by)
    assert ask(dataset, q='batch = "march"', by=by).state == "cutting"


def test_a_slice_that_fails_at_the_instant_of_the_cut_fails_the_cut(world: Any, approved: Any, dataset: Any, run_jobs: Any, by: Any) -> None:
    approved("march", 2)
    one = create_slice(world.project, "spring", q='batch = "march"', by=by)
    version = ask(dataset, q=one.q, by=by)
    services.set_gate(world.project, "items >= 5", slice=one, by=by)
    run_jobs()
    version.refresh_from_db()
    assert version.state == "failed" and "items >= 5: 2 on 2" in version.job.error


def test_what_is_opened_by_hand_says_why_and_holds_until_the_rule_changes_or_items_come(world: Any, approved: Any, cut: Any, by: Any) -> None:
    batch = approved("march", 2)
    services.set_gate(world.project, "items >= 5", by=by)
    with pytest.raises(Invalid, match="Say why"):
        services.open_by_hand(world.project, batch=batch, reason="  ", by=by)
    services.open_by_hand(world.project, batch=batch, reason="the pilot is small", by=by)
    with pytest.raises(Conflict, match="open"):
        services.open_by_hand(world.project, batch=batch, reason="twice", by=by)
    version = cut()
    [record] = version.counts["gates"]
    assert (version.counts["items"], record["state"], record["said"], record["opened"]["reason"]) == (2, "opened", "fail", "the pilot is small")
    services.set_gate(world.project, "items >= 6", by=by)
    assert preview(world.project, "").gated == 2
    services.open_by_hand(world.project, batch=batch, reason="still small", by=by)
    add_items(batch, [NewItem(key="late.jpg", uri="s3://b/late.jpg", width=64, height=48)], by=by)
    assert preview(world.project, "").gated == 2
    services.open_by_hand(world.project, batch=batch, reason="small", by=by)
    services.shut_again(world.project, batch=batch, by=by)
    assert preview(world.project, "").gated == 2 and GateOpening.objects.filter(ended_at=None).count() == 0
    with pytest.raises(Missing):
        services.shut_again(world.project, batch=batch, by=by)


def test_a_version_that_is_cut_is_as_it_was_whatever_the_gate_says_later(world: Any, approved: Any, cut: Any, by: Any) -> None:
    approved("march", 2)
    version = cut()
    root, counts = version.root, version.counts
    assert "gates" not in counts
    services.set_gate(world.project, "items >= 5", by=by)
    version.refresh_from_db()
    assert (version.root, version.counts) == (root, counts) and len(keys(world, version)) == 2


def test_a_label_that_has_gone_is_not_enough_and_an_erased_items_batch_still_tells(world: Any, approved: Any, by: Any) -> None:
    batch = approved("march", 2)
    services.set_gate(world.project, "agreement(car) >= 0.5", by=by)
    ReleaseGate.objects.update(expression="agreement(tree) >= 0.5")
    found = of_batches(world.project, {batch.pk: batch.name})[batch.pk]
    assert (found.state, found.outcome.parts[0].figure.why) == ("not_enough", "no_label")


def test_only_managers_set_and_open_and_whoever_does_not_see_all_items_sees_no_gate(world: Any, approved: Any, by: Any) -> None:
    batch = approved("march", 2)
    services.set_gate(world.project, "items >= 5", by=by)
    for act in (
        lambda: services.set_gate(world.project, "items > 1", by=world.actor(world.reviewer)),
        lambda: services.open_by_hand(world.project, batch=batch, reason="x", by=world.actor(world.reviewer)),
    ):
        with pytest.raises(Denied):
            act()
    with pytest.raises(Missing):
        services.set_gate(world.other_project, "items > 1", batch=batch, by=world.actor(world.outsider))
    place = f"/batches/{batch.pk}/release-gate"
    for who, status in ((world.viewer, 200), (world.reviewer, 200), (world.annotator, 404), (world.collector, 403), (world.outsider, 404)):
        assert world.api(who).get(place).status_code == status, who


def test_the_api_says_how_each_part_is_computed_and_where_its_items_are(world: Any, approved: Any) -> None:
    batch, api = approved("march", 2), world.api(world.manager)
    place = f"/batches/{batch.pk}/release-gate"
    assert api.get(place).status_code == 404
    wrong = api.put(place, {"expression": "agreement >= 0.8 and agremeent > 1"})
    assert (wrong.status_code, wrong.json()["column"]) == (400, 22) and "did you mean agreement" in wrong.json()["fields"]["expression"]
    assert "expression" in api.put(place, {}).json()["fields"] and "x" in api.put(place, {"x": 1}).json()["fields"]
    made = api.put(place, {"expression": "agreement(car) >= 0.8 and quarantined_share <= 0"}).json()
    car, quarantined = made["parts"]
    assert (made["of"], made["state"], car["state"], car["why"]) == ("batch", "not_enough", "not_enough", "no_pairs")
    assert (quarantined["state"], quarantined["value"], quarantined["low"], quarantined["of"]) == ("pass", 0, 0, 2) and quarantined["how"]
    listed = world.page(world.viewer).get(car["link"])
    assert listed.status_code == 200 and "march" in listed.content.decode()
    assert api.post(f"{place}/open", {"reason": ""}).status_code == 400
    assert api.post(f"{place}/open", {"reason": "so it is"}).json()["state"] == "opened"
    assert api.delete(f"{place}/open").status_code == 204 and api.delete(f"{place}/open").status_code == 404
    assert api.delete(place).status_code == 204 and api.delete(place).status_code == 404
    default = f"/projects/{world.project.pk}/release-gate"
    assert api.get(default).status_code == 404
    assert api.put(default, {"expression": "items > 0"}).json()["of"] == "project"
    assert api.get(place).json()["of"] == "project"
    one = create_slice(world.project, "all", q="", by=world.actor(world.manager))
    assert api.get(f"/slices/{one.pk}/release-gate").status_code == 404  # the project's rule is about batches
    assert api.put(f"/slices/{one.pk}/release-gate", {"expression": "items > 1"}).json()["state"] == "pass"


def test_pages_show_each_part_and_take_the_rule_with_errors_at_the_field(world: Any, approved: Any, dataset: Any) -> None:
    batch, page = approved("march", 2), world.page(world.manager)
    place = f"/batches/{batch.pk}/release-gate"
    assert f'hx-get="{place}"' in page.get(f"/batches/{batch.pk}").content.decode()
    wrong = page.post(place, {"expression": "items >"})
    assert "a value is missing here" in wrong.content.decode()
    page.post(place, {"expression": "items >= 5 and gold_accuracy >= 0.9"})
    text = page.get(place).content.decode()
    assert "items &gt;= 5" in text and "fails" in text and "not enough" in text and "Open it by hand" in text
    drafted = page.get(f"/p/{world.project.pk}/versions").content.decode()
    assert "The gate of march is shut, its items stay out:" in drafted and "items &gt;= 5: 2 on 2" in drafted
    page.post(f"{place}/open", {"reason": "a pilot"})
    assert "a pilot" in page.get(place).content.decode()
    page.post(f"{place}/open", {"act": "shut"})
    one = create_slice(world.project, "spring", q="", by=world.actor(world.manager))
    page.post(f"/slices/{one.pk}/release-gate", {"expression": "items >= 9"})
    assert page.post(f"/slices/{one.pk}/release-gate", {"expression": "no"}).status_code == 400
    listed = page.get(f"/p/{world.project.pk}/release-gates").content.decode()
    assert "items &gt;= 9" in listed and "items &gt;= 5" in listed
    assert page.post(f"/p/{world.project.pk}/release-gates", {"expression": "nothing"}).status_code == 400
    refused = page.post(f"/datasets/{dataset.pk}", {"dataset": dataset.pk, "q": "", "splits": "", "by": "group"})
    assert refused.status_code == 400 and "The gate of the slice is shut" in refused.content.decode()
    viewer = world.page(world.viewer).get(f"/p/{world.project.pk}/release-gates").content.decode()
    assert "items &gt;= 9" in viewer and "Set the rule" not in viewer


def test_the_version_shows_what_its_gates_said(world: Any, approved: Any, cut: Any, by: Any) -> None:
    approved("good", 3), approved("bad", 2)
    services.set_gate(world.project, "items >= 3", by=by)
    text = world.page(world.viewer).get(f"/versions/{cut().pk}").content.decode()
    assert "2 kept out by a gate" in text and "items &gt;= 3: 2 on 2" in text


def test_three_batches_are_measured_with_as_many_statements_as_one(world: Any, approved: Any, by: Any, django_assert_num_queries: Any) -> None:
    services.set_gate(world.project, "agreement >= 0.8 and gold_accuracy >= 0.95 and returned_rate < 0.05 and reviewed_share > 0", by=by)
    for name in ("a", "b", "c"):
        approved(name, 1)
        if name == "b":
            continue
        with django_assert_num_queries(7):  # gates, openings, the last items, four measures
            of_batches(world.project, dict(world.project.batches.values_list("pk", "name")).copy())


def test_items_of_two_batches_count_each_for_its_own(world: Any, approved: Any) -> None:
    batches = {approved("a", 2).pk: "a", approved("b", 3).pk: "b"}
    services.set_gate(world.project, "items = 2 and approved_share >= 1", by=world.actor(world.manager))
    assert {found.about["name"]: found.state for found in of_batches(world.project, batches).values()} == {"a": "pass", "b": "fail"}
    assert Item.objects.count() == 5
