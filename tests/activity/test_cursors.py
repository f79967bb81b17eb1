"""Consumers of activity get each row exactly once, in order, whatever runs beside them."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from annotate.activity.cursors import read_news, skip_to_now
from annotate.activity.models import Activity
from annotate.activity.services import record

pytestmark = pytest.mark.django_db(transaction=True)


def write(n: int) -> None:
    for index in range(n):
        record(None, "item.move", ("item", index), organisation=1)


def test_rows_come_once_and_in_order_for_each_consumer() -> None:
    write(5)
    ids = list(Activity.objects.order_by("transaction", "id").values_list("pk", flat=True))
    assert [row.pk for row in read_news("a", 3)] == ids[:3]
    assert [row.pk for row in read_news("a", 3)] == ids[3:]
    assert read_news("a", 3) == []
    assert [row.pk for row in read_news("b", 10)] == ids


def test_a_consumer_that_fails_reads_the_same_rows_again() -> None:
    write(2)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        assert len(read_news("a")) == 2
        raise ZeroDivisionError
    assert len(read_news("a")) == 2


def test_a_late_commit_is_not_passed_over() -> None:
    began, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            write(1)
            began.set()
            go_on.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    began.wait(10)
    write(2)
    assert read_news("a") == [], "what stands after a running transaction waits for it"
    go_on.set()
    thread.join()
    assert len(read_news("a")) == 3


def test_a_consumer_may_start_at_now() -> None:
    write(2)
    skip_to_now("late")
    write(1)
    assert len(read_news("late")) == 1
