"""Several connections read what one transaction sees, and what goes wrong in one of them is not lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DataError, connection, transaction

from annotate.kernel.instant import exported, steady
from annotate.people.models import Organisation

BACKEND = "SELECT pg_backend_pid()"


def reading(statement: str) -> Callable[[], Any]:
    def read() -> Any:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()[0]

    return read


def elsewhere(act: Callable[[], object]) -> None:
    """Done and committed by another connection."""

    def run() -> None:
        try:
            act()
        finally:
            connection.close()

    other = threading.Thread(target=run)
    other.start()
    other.join()


@pytest.mark.django_db(transaction=True)
def test_other_connections_see_what_the_transaction_saw_when_it_began() -> None:
    count = reading("SELECT count(*) FROM annotate_organisation")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        before = count()
        instant = exported()
        elsewhere(lambda: Organisation.objects.create(name="late"))
        assert instant.together([count] * 3) == [before] * 3
        assert reading(BACKEND)() not in instant.together([reading(BACKEND)] * 2)
    assert count() == before + 1


@pytest.mark.django_db(transaction=True)
def test_what_goes_wrong_in_one_connection_is_raised_and_the_instant_can_be_read_again() -> None:
    with steady() as instant:
        with pytest.raises(DataError, match="division by zero"):
            instant.together([reading("SELECT 1"), reading("SELECT 1 / 0")])
        assert instant.together([reading("SELECT 1"), reading("SELECT 2")]) == [1, 2]


@pytest.mark.django_db
def test_within_another_transaction_its_own_connection_reads_alone() -> None:
    Organisation.objects.create(name="unseen by others")
    with steady() as instant:
        assert set(instant.together([reading(BACKEND)] * 2)) == {reading(BACKEND)()}
        assert instant.together([lambda: Organisation.objects.filter(name="unseen by others").count()] * 2) == [1, 1]
