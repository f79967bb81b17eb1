"""The sealed record: it keeps order under concurrent writers, refuses change, and shows any change that was made all the same."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from annotate.activity import sealing
from annotate.activity.models import Activity, Seal
from annotate.activity.services import record
from annotate.activity.verifying import verify

pytestmark = pytest.mark.django_db(transaction=True)
ORGANISATION = 77


def write(n: int, organisation: int = ORGANISATION) -> None:
    for index in range(n):
        record(
            None,
            "item.move",
            ("item", index),
            organisation=organisation,
            before=bytes(32),
            data={"ä": [1, 2.5], "n": index},
        )


def tamper(*statements: str) -> None:
    """As somebody with the database's password could: with the triggers off."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
            assert cursor.rowcount > 0


@pytest.fixture
def chain() -> Callable[[int], None]:
    def make(n: int) -> None:
        write(n)
        assert sealing.seal() == n

    return make


def test_rows_are_numbered_from_one_without_a_gap(chain: Callable[[int], None]) -> None:
    chain(3)
    chain(2)
    write(4, organisation=78)
    sealing.seal()
    assert list(
        Activity.objects.filter(organisation_id=ORGANISATION).order_by("id").values_list("number", flat=True)
    ) == [1, 2, 3, 4, 5]
    verdict = verify(ORGANISATION)
    assert verdict and (verdict.sealed, verdict.unsealed) == (5, 0)
    assert bytes(Seal.objects.get(organisation_id=ORGANISATION).hash).hex() == verdict.head


def test_sealing_goes_on_over_many_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "ROWS", 4)
    write(10)
    assert sealing.seal() == 10
    assert verify(ORGANISATION).sealed == 10


def test_the_unsealed_tail_is_reported(chain: Callable[[int], None]) -> None:
    chain(2)
    write(3)
    verdict = verify(ORGANISATION)
    assert verdict and (verdict.sealed, verdict.unsealed) == (2, 3)


@pytest.mark.parametrize(
    "change",
    [
        "data = '{\"n\": 4}'",
        "verb = 'item.movf'",
        "before = decode(repeat('01', 32), 'hex')",
        "at = at + interval '1 microsecond'",
        "person_id = 1",
        "address = '10.0.0.1'",
    ],
)
def test_a_changed_row_is_named(chain: Callable[[int], None], change: str) -> None:
    chain(9)
    row = Activity.objects.get(number=5)
    tamper(f"UPDATE annotate_activity SET {change} WHERE number = 5")
    broken = verify(ORGANISATION).broken
    assert broken is not None and (broken.number, broken.row_id) == (5, row.pk)


def test_a_row_changed_with_a_fitting_hash_breaks_the_next(chain: Callable[[int], None]) -> None:
    chain(6)
    tamper("UPDATE annotate_activity SET verb = 'x.y' WHERE number = 3")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sealing.SELECTED} FROM annotate_activity WHERE number = 3")
        values = dict(zip(sealing.COLUMNS, cursor.fetchone(), strict=True))
    fitting = sealing.row_hash(bytes(Activity.objects.get(number=2).hash or b""), values, 3)
    tamper(f"UPDATE annotate_activity SET hash = '\\x{fitting.hex()}' WHERE number = 3")
    broken = verify(ORGANISATION).broken
    assert broken is not None and broken.number == 4


def test_a_row_taken_out_is_named(chain: Callable[[int], None]) -> None:
    chain(6)
    tamper("DELETE FROM annotate_activity WHERE number = 4")
    broken = verify(ORGANISATION).broken
    assert broken is not None and (broken.number, broken.row_id) == (4, None)


def test_two_rows_that_changed_places_are_found(chain: Callable[[int], None]) -> None:
    chain(6)
    tamper("UPDATE annotate_activity SET number = 7 - number WHERE number IN (3, 4)")
    broken = verify(ORGANISATION).broken
    assert broken is not None and broken.number == 3


def test_two_rows_whose_numbers_and_hashes_changed_places_are_found(chain: Callable[[int], None]) -> None:
    chain(6)
    tamper(
        "UPDATE annotate_activity a SET number = b.number, hash = b.hash FROM annotate_activity b"
        " WHERE a.number IN (3, 4) AND b.number = 7 - a.number"
    )
    broken = verify(ORGANISATION).broken
    assert broken is not None and broken.number == 3


def test_a_row_put_in_is_found(chain: Callable[[int], None]) -> None:
    chain(4)
    tamper(
        "INSERT INTO annotate_activity (organisation_id, verb, noun, number, hash)"
        " SELECT organisation_id, 'forged.act', noun, number, hash FROM annotate_activity WHERE number = 2"
    )
    broken = verify(ORGANISATION).broken
    assert broken is not None and broken.number == 2


def test_the_last_row_dropped_is_found_by_the_kept_and_by_an_exported_head(chain: Callable[[int], None]) -> None:
    chain(5)
    exported = verify(ORGANISATION).head
    chain(1)
    assert verify(ORGANISATION, head=exported), "an older head stays in the chain"
    tamper("DELETE FROM annotate_activity WHERE number >= 5")
    broken = verify(ORGANISATION).broken
    assert broken is not None and broken.number == 5
    last = bytes(Activity.objects.get(number=4).hash or b"").hex()
    tamper(f"UPDATE annotate_seal SET number = 4, hash = '\\x{last}' WHERE organisation_id = {ORGANISATION}")
    assert verify(ORGANISATION), "with the kept head forged too, only an exported one can tell"
    broken = verify(ORGANISATION, head=exported).broken
    assert broken is not None and broken.number == 5


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE annotate_activity SET verb = 'x.y'",
        "UPDATE annotate_activity SET hash = NULL, number = NULL",
        "DELETE FROM annotate_activity",
        "TRUNCATE annotate_activity",
    ],
)
def test_the_database_refuses_change(chain: Callable[[int], None], statement: str) -> None:
    chain(1)
    write(1)
    with pytest.raises(DatabaseError, match="refused"), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Activity.objects.count() == 2


def test_concurrent_writers_leave_no_row_out_and_keep_the_order_of_their_transactions() -> None:
    stop = threading.Event()
    written: list[int] = []

    def writer(seed: int) -> None:
        mine = 0
        try:
            for _ in range(30):
                with transaction.atomic():
                    write(1 + (mine + seed) % 3)
                    mine += 1 + (mine + seed) % 3
        finally:
            written.append(mine)
            connection.close()

    def sealer() -> None:
        try:
            while not stop.is_set():
                sealing.seal()
        finally:
            connection.close()

    writers = [threading.Thread(target=writer, args=(seed,)) for seed in range(4)]
    sealers = [threading.Thread(target=sealer) for _ in range(2)]
    for thread in (*writers, *sealers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in sealers:
        thread.join()
    sealing.seal()
    verdict = verify(ORGANISATION)
    assert verdict and (verdict.sealed, verdict.unsealed) == (sum(written), 0)
    placed = list(Activity.objects.order_by("number").values_list("transaction", "id"))
    assert placed == sorted(placed)


def test_a_row_of_a_running_transaction_holds_back_only_what_could_come_before_it() -> None:
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
    write(1)
    assert sealing.seal() == 0, "the later row must wait for the earlier transaction"
    go_on.set()
    thread.join()
    assert sealing.seal() == 2
    assert verify(ORGANISATION)


def test_the_command_names_the_first_broken_row(world: Any) -> None:
    write(3, organisation=world.organisation.pk)
    sealing.seal()
    out = io.StringIO()
    call_command("verify_activity", stdout=out)
    assert "sealed and whole" in out.getvalue() and "BROKEN" not in out.getvalue()
    number = Activity.objects.filter(organisation_id=world.organisation.pk, verb="item.move").order_by("id")[1].number
    tamper(
        f"UPDATE annotate_activity SET noun_id = 99 WHERE number = {number} AND organisation_id = {world.organisation.pk}"
    )
    with pytest.raises(SystemExit) as ended:
        call_command("verify_activity", stdout=out)
    assert ended.value.code == 1
    assert f"BROKEN at number {number}" in out.getvalue()


def test_months_ahead_have_their_partition() -> None:
    sealing.make_partitions()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_inherits WHERE inhparent = 'annotate_activity'::regclass")
        assert cursor.fetchone()[0] >= sealing.MONTHS_AHEAD + 2
