"""What a transactional test has committed is gone for the next one, rows that stay for ever as well."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.management import call_command

from tests.flush import KEPT
from tests.laying import make_world


def _filled() -> set[str]:
    return {
        model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._default_manager.exists()
    }


@pytest.mark.django_db(transaction=True)
def test_only_what_migrating_made_is_left() -> None:
    make_world()
    assert {"annotate_activity", "annotate_project", *KEPT} <= _filled()
    call_command("flush", verbosity=0, interactive=False, reset_sequences=False)
    assert _filled() == KEPT
