"""Many files onto a batch in a real browser: dropped, sent with progress, tried again one by one, and read in the background."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from annotate.items import services
from annotate.items.models import Item
from annotate.jobs.models import Job
from tests.conftest import World, draw_picture

DROP = """
(files) => {
  const data = new DataTransfer();
  for (const [name, size] of files) data.items.add(new File([new Uint8Array(size)], name));
  document.querySelector("[data-drop]").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
}
"""


@pytest.fixture
def batch(live: World) -> Any:
    return services.create_batch(live.project, "march", by=live.actor(live.manager))


@pytest.fixture
def pictures(tmp_path: Path) -> list[str]:
    paths = []
    for index in range(3):
        path = tmp_path / f"street-{index}.jpg"
        path.write_bytes(draw_picture(color=(index, 40, 90)))
        paths.append(str(path))
    return paths


def test_chosen_files_go_at_once_and_become_items(live: World, batch: Any, sign_in: Any, pictures: list[str], run_jobs: Any) -> None:
    page = sign_in(live.collector)
    page.goto(f"/batches/{batch.pk}")
    page.set_input_files("#files", pictures)
    expect(page.locator("[data-uploading] [role=status]")).to_contain_text("Files sent: 3")
    expect(page.locator("[data-uploading] li.good")).to_have_count(3)
    expect(page.locator("#imports .imports > li")).to_have_count(1)
    run_jobs()
    assert sorted(Item.objects.values_list("key", flat=True)) == ["street-0.jpg", "street-1.jpg", "street-2.jpg"]
    expect(page.locator("#imports")).to_contain_text("3 accepted")
    expect(page.locator("#newest-card .gallery > li")).to_have_count(3)
    expect(page.locator("#line-card")).to_contain_text("New")


def test_dropped_files_go_in_chunks(live: World, batch: Any, sign_in: Any) -> None:
    page = sign_in(live.manager)
    page.goto(f"/batches/{batch.pk}")
    page.evaluate(DROP, [[f"file-{index:03d}.jpg", 10] for index in range(120)])
    expect(page.locator("[data-uploading] [role=status]")).to_contain_text("Files sent: 120")
    assert Job.objects.filter(kind="collection.files").count() == 3


def test_a_request_without_an_answer_is_sent_again_by_itself_and_once(live: World, batch: Any, sign_in: Any, pictures: list[str]) -> None:
    page = sign_in(live.manager)
    page.goto(f"/batches/{batch.pk}")
    keys: list[str] = []

    def lose_first(route: Any) -> None:
        keys.append(route.request.headers["idempotency-key"])
        route.abort() if len(keys) == 1 else route.continue_()

    page.route("**/files", lose_first)
    page.set_input_files("#files", pictures)
    expect(page.locator("[data-uploading] [role=status]")).to_contain_text("Files sent: 3")
    assert len(keys) == 2 and keys[0] == keys[1] and Job.objects.filter(kind="collection.files").count() == 1


def test_a_refused_file_says_why_leaves_the_others_and_can_be_tried_again(live: World, batch: Any, sign_in: Any, pictures: list[str]) -> None:
    page = sign_in(live.manager)
    page.goto(f"/batches/{batch.pk}")
    refuse = {"on": True}

    def judge(route: Any) -> None:
        body = route.request.post_data_buffer or b""
        if refuse["on"] and (b"street-1.jpg" in body):
            route.fulfill(status=413, content_type="application/problem+json", body='{"detail": "A file may have at most 1 MB."}')
        else:
            route.continue_()

    page.route("**/files", judge)
    page.set_input_files("#files", pictures)
    failed = page.locator("[data-uploading] li.bad")
    expect(failed).to_have_count(1)
    expect(failed).to_contain_text("at most 1 MB")
    expect(page.locator("[data-uploading] [role=status]")).to_contain_text("2 of 3 files are sent. Not sent: 1")
    refuse["on"] = False
    failed.get_by_role("button", name="Try again").click()
    expect(page.locator("[data-uploading] [role=status]")).to_contain_text("Files sent: 3")


def test_the_form_works_without_script(live: World, batch: Any, sign_in: Any, pictures: list[str]) -> None:
    page = sign_in(live.manager, java_script_enabled=False)
    page.goto(f"/batches/{batch.pk}")
    page.set_input_files("#files", pictures)
    page.get_by_role("button", name="Upload").click()
    expect(page.locator(".toast")).to_contain_text("coming in")
    assert Job.objects.filter(kind="collection.files").count() == 1
