"""An object in a process beside this one: asked piece by piece, it answers in order, fails as it would here, and outlives nobody."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from annotate.kernel.beside import Beside, Ended, Here, beside
from annotate.kernel.errors import Invalid

ROOT = Path(__file__).resolve().parents[2]


class Adder:
    def __init__(self, to: int) -> None:
        if to < 0:
            raise Invalid("below nothing", fields={"to": "0 or more"})
        self.to = to

    def add(self, piece: Any) -> Any:
        print("words that are no answer")
        return self.to + piece

    def raise_to(self, to: int) -> None:
        self.to = to if to >= 0 else self.refuse(to)

    def refuse(self, piece: Any) -> Any:
        raise Invalid(f"not {piece}", fields={"piece": "another"})

    def twice(self, text: str) -> str:
        return text * 2

    def pid(self) -> int:
        return os.getpid()

    def die(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture(params=[True, False], ids=["beside", "here"])
def three(request: Any) -> Any:
    with beside(request.param, Adder, 3) as made:
        yield made


def test_it_answers_what_it_would_answer_here(three: Any) -> None:
    assert isinstance(three, Beside | Here)
    assert three.ask("add", 4) == 7
    three.tell("raise_to", 10)
    assert list(three.each("add", range(20))) == [(n, n + 10) for n in range(20)]


def test_an_error_is_the_same_error_and_the_next_question_is_answered(three: Any) -> None:
    with pytest.raises(Invalid) as refused:
        three.ask("refuse", 5)
    assert (refused.value.detail, refused.value.fields) == ("not 5", {"piece": "another"})
    assert three.ask("add", 1) == 4


def test_what_nobody_waited_for_is_raised_in_place_of_the_next_answer() -> None:
    with Beside(Adder, 3) as made:
        made.tell("raise_to", -1)
        with pytest.raises(Invalid, match="not -1"):
            made.ask("add", 1)
        assert made.ask("add", 1) == 4


def test_what_could_not_be_made_answers_nothing_but_why() -> None:
    with Beside(Adder, -1) as made:
        for _again in range(2):
            with pytest.raises(Invalid, match="below nothing"):
                made.ask("add", 1)


def test_pieces_larger_than_any_pipe_pass_both_ways_while_others_wait() -> None:
    texts = ["a" * 3_000_000, "b" * 5_000_000, "c" * 4_000_000, "d" * 3_000_000, "e"]
    with Beside(Adder, 0) as made:
        assert [len(answer) for _text, answer in made.each("twice", texts)] == [2 * len(text) for text in texts]


def test_a_process_that_was_killed_is_told_as_that() -> None:
    with Beside(Adder, 3) as made:
        assert made.ask("pid") != os.getpid()
        with pytest.raises(Ended):
            made.ask("die")


def test_it_is_gone_when_the_block_is_left_or_who_asked_is_killed() -> None:
    with Beside(Adder, 3) as made:
        left = made.ask("pid")
    assert gone(left)
    code = "from tests.kernel.test_beside import *\nmade = Beside(Adder, 3)\nprint(made.ask('pid'), flush=True)\ntime.sleep(60)"
    asker = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert asker.stdout is not None
    other = int(asker.stdout.readline())
    asker.kill()
    asker.wait()
    asker.stdout.close()
    assert gone(other)


def gone(pid: int) -> bool:
    """Within seconds; a process that has ended and was not waited for by its new parent counts."""
    for _look in range(200):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False
