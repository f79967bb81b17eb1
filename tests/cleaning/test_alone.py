"""Pictures that no other is like: they have no score, so a chart leaves them out and none of them only just passed."""

from __future__ import annotations

import io
import random
from typing import Any

import pytest
from PIL import Image

from tests.cleaning.rules.test_duplicates import BASE
from tests.cleaning.test_pages import words
from workflows.cleaning.models import PictureFacts

pytestmark = pytest.mark.django_db


def _noise(n: int) -> bytes:
    """A picture that is sharp and like no other."""
    found = io.BytesIO()
    Image.frombytes("L", (32, 32), random.Random(n).randbytes(1024)).save(found, "PNG")
    return found.getvalue()


def test_what_no_other_is_like_has_no_score_and_did_not_only_just_pass(world: Any, collected: Any, rule: Any, checked: Any) -> None:
    batch, page = collected({f"{n}.png": _noise(n) for n in range(5)}), world.page(world.viewer)
    hashes = [BASE, BASE ^ 1, BASE ^ 0b1111111, BASE ^ (2**40 - 1), ~BASE & 2**63 - 1]
    for facts, hashed in zip(PictureFacts.objects.order_by("pk"), hashes, strict=True):
        facts.phash = hashed if hashed < 2**63 else hashed - 2**64
        facts.save()
    alike = rule("near_duplicate")
    run = checked(batch)
    result = run.results[str(alike.pk)]
    assert (result["checked"], result["caught"], len(result["near"])) == (5, 1, 1) and result["histogram"]["total"] == 2
    shown = words(page.get(f"/check-runs/{run.pk}/rules/{alike.pk}"))
    assert "3 are like no other" in shown and "Only just not caught" in shown
    PictureFacts.objects.filter(phash=hashes[2] if hashes[2] < 2**63 else hashes[2] - 2**64).update(phash=1)
    run = checked(batch)
    assert run.results[str(alike.pk)]["near"] == []
    assert "Nothing was only just not caught" in words(page.get(f"/check-runs/{run.pk}/rules/{alike.pk}"))
