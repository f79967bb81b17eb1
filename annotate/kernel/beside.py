"""Pure work on another core: an object that lives in a process beside this one, asked piece by piece.

Workers of the job cluster may have no children by `multiprocessing`, so this is a plain process with two pipes. It knows neither the
database nor Django, and ends when who started it does, however that comes about: its pipe is at an end then.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, BinaryIO, Self, TypeVar

T = TypeVar("T")
DEPTH = 2  # pieces that are under way at most, so that memory does not grow with their number
SWITCH = 0.0005  # seconds that what is being made may keep the next piece from being read
MAKE, TELL, ASK = range(3)
ROOM = 1 << 20  # bytes
ALONE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # the other cores are for who asks, and threads of numpy wait by spinning
COLLECT = (200_000, 20, 100)  # rows hold no cycles: looking for some takes a fifth of the time


class Ended(Exception):
    """The process beside this one ended before it had answered."""


class Here:
    """The object in this process, asked in the same way: for what is done before another one has begun."""

    def __init__(self, make: Callable[..., Any], *arguments: Any) -> None:
        self._made = make(*arguments)

    def ask(self, method: str, *arguments: Any) -> Any:
        return getattr(self._made, method)(*arguments)

    def tell(self, method: str, *arguments: Any) -> None:
        self.ask(method, *arguments)

    def each(self, method: str, pieces: Iterable[T]) -> Iterator[tuple[T, Any]]:
        for piece in pieces:
            yield piece, self.ask(method, piece)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Beside:
    """`make(*arguments)` in a process of its own. `make`, arguments and answers are pickled; `make` is found by its name.

    `ask` returns what the method returns, or raises what it raises; `tell` does not wait, and what went wrong is raised in place of the next
    answer; `each` asks for one piece after the other, some ahead, and answers in their order.
    """

    def __init__(self, make: Callable[..., Any], *arguments: Any) -> None:
        command = [sys.executable, "-m", "annotate.kernel.beside"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=ROOM, cwd=_root(), env=os.environ | ALONE | {"PYTHONPATH": str(_root())})
        for pipe in (self._process.stdin, self._process.stdout):
            _widen(pipe)
        self._send(MAKE, make, *arguments)

    def ask(self, method: str, *arguments: Any) -> Any:
        self._send(ASK, method, *arguments)
        return self._answer()

    def tell(self, method: str, *arguments: Any) -> None:
        self._send(TELL, method, *arguments)

    def each(self, method: str, pieces: Iterable[T]) -> Iterator[tuple[T, Any]]:
        waiting: deque[T] = deque()
        for piece in pieces:
            self._send(ASK, method, piece)
            waiting.append(piece)
            if len(waiting) > DEPTH:
                yield waiting.popleft(), self._answer()
        while waiting:
            yield waiting.popleft(), self._answer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.kill()  # it holds nothing that could be lost
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        self._process.wait()

    def _send(self, *message: Any) -> None:
        assert self._process.stdin is not None
        try:
            pickle.dump(message, self._process.stdin, pickle.HIGHEST_PROTOCOL)
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise self._gone() from error

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        try:
            sound, answer = pickle.load(self._process.stdout)
        except EOFError as error:
            raise self._gone() from error
        if not sound:
            raise answer
        return answer

    def _gone(self) -> Ended:
        return Ended(f"the process beside this one ended with {self._process.wait()}")


Asked = Beside | Here


def beside(many: bool, make: Callable[..., Any], *arguments: Any) -> Asked:
    """In a process of its own where there is `many` to do, else here: another process takes a quarter of a second to begin."""
    return Beside(make, *arguments) if many else Here(make, *arguments)


def _root() -> str:
    return os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def _widen(pipe: Any) -> None:
    """So that a whole piece finds room, and is written without waiting for who reads it. Where that cannot be had it is only slower."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, ROOM)


def _read(source: BinaryIO, inbox: queue.SimpleQueue[Any]) -> None:
    """A thread of its own reads on, so that neither side ever waits to write while the other does."""
    try:
        while True:
            inbox.put(pickle.load(source))
    except (EOFError, pickle.UnpicklingError):
        os._exit(0)  # who asked is gone: nobody waits for what is being made


def main() -> None:
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what is printed by mistake is no answer
    gc.set_threshold(*COLLECT)
    sys.setswitchinterval(SWITCH)
    inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(os.fdopen(0, "rb", ROOM), inbox), daemon=True).start()
    made: Any = None
    failed: Exception | None = None
    while True:
        how, what, *arguments = inbox.get()
        answer: Any = None
        try:
            if failed is None:
                answer = what(*arguments) if how == MAKE else getattr(made, what)(*arguments)
        except Exception as error:  # noqa: BLE001  the asker's to handle
            failed = error
        if how == MAKE:
            made = answer
        elif how == ASK:
            _answer(answers, (True, answer) if failed is None else (False, _portable(failed)))
            failed = None if made is not None else failed


def _answer(answers: BinaryIO, answer: tuple[bool, Any]) -> None:
    try:
        pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()
    except BrokenPipeError:
        os._exit(0)


def _portable(error: Exception) -> Exception:
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001  whatever its class does to be pickled
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


if __name__ == "__main__":
    main()
