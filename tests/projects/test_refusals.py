"""Refusals are told in the reader's language: a policy's words reach the page."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.django_db


def test_a_refused_page_says_why_in_the_language_of_the_reader(world: Any) -> None:
    page = world.page(world.reviewer)
    refused = page.get(f"/p/{world.project.pk}/settings")
    assert refused.status_code == 403 and "Only a manager of the project may do this" in refused.content.decode()
    page.cookies["sluice_language"] = "zh-hans"
    body = page.get(f"/p/{world.project.pk}/settings").content.decode()
    assert "只有项目的经理可以这样做" in body and "manager" not in body
