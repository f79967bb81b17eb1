"""django-q2's cluster, made to end with who started it, to let go of running jobs when asked to stop, and to outlive Postgres.

Its processes form a chain (head → sentinel → workers, pusher, monitor; the head may keep the clock as well). Each is told by the kernel when its parent dies, so
that no worker goes on alone; where the kernel cannot, a thread looks.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from multiprocessing import util
from typing import Any

from django.db import InterfaceError, OperationalError, connections
from django_q.cluster import Cluster
from django_q.conf import Conf
from django_q.signals import post_execute_in_worker

from annotate.jobs import work
from annotate.jobs.broker import Broker
from annotate.jobs.models import Job
from annotate.jobs.ticking import STOOD_STILL, tick

log = logging.getLogger("sluice.jobs")
PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
MOST_AT_REST = 72_000  # kB that a worker may have had at once when nothing waits: it begins with some 57,000, and numpy is 25,000
COLLECT = (200_000, 20, 100)  # rows hold no cycles: to search for some among all that a job has at once took a fifth to a third of its time
CLOCK_GRACE = 3.0
GRACE = 12.0  # seconds that running work has to reach its next step once a stop is asked for


def end_with_parent(parent: int, with_signal: int = signal.SIGKILL) -> None:
    """This process gets `with_signal` when `parent`, which must be its parent, dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, with_signal)
    else:
        threading.Thread(target=_look, args=(parent, with_signal), daemon=True).start()
    if os.getppid() != parent:  # it died before we asked
        os.kill(os.getpid(), with_signal)


def _look(parent: int, with_signal: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), with_signal)


class _Chain:
    """Remembers who forks, so that the child can tie itself to it."""

    def __init__(self) -> None:
        self.pid = os.getpid()

    def tie(self) -> None:
        parent, self.pid = self.pid, os.getpid()
        end_with_parent(parent)


class JobCluster(Cluster):
    def __init__(self) -> None:
        super().__init__(broker=Broker())
        self.asked = False

    def sig_handler(self, signum: int, frame: Any) -> None:
        """Running jobs go back to the queue at their next step; what has not ended after `GRACE` is ended."""
        if self.asked:
            return
        self.asked = True
        work.stopping.set()
        killer = threading.Timer(GRACE, _end_all, args=(self.sentinel,))
        killer.daemon = True
        killer.start()
        super().sig_handler(signum, frame)


def _end_all(sentinel: Any) -> None:
    log.warning("background work did not end in time; ending it")
    if sentinel is not None and sentinel.pid:
        os.kill(sentinel.pid, signal.SIGKILL)
    os._exit(1)


def _rest(**_: Any) -> None:
    """After each job: a worker that has grown ends as soon as no job waits, and a small one takes its place. In a rush that would cost time."""
    try:
        waits = Job.objects.filter(state="queued").exists()
    except (OperationalError, InterfaceError):
        return
    Conf.MAX_RSS = None if waits else MOST_AT_REST


class _Clock:
    """The clock as a child of the head, with which it shares what is loaded: by itself it would take some 50 MB."""

    NAME = b"sluice-clock"

    def __init__(self, still: float) -> None:
        self.still = still
        self.process: Any = None

    def keep(self) -> int | None:
        """Start it when it is not there; its status when it has just ended."""
        status = None if self.process is None else self.process.exitcode
        if self.process is None or status is not None:
            self.process = multiprocessing.get_context("fork").Process(target=self._run, daemon=True)
            self.process.start()
        return status

    def _run(self) -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_NAME, self.NAME, 0, 0, 0)
        sys.exit(tick(self.still))

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.join(CLOCK_GRACE)


def run(*, clock_still: float | None = None) -> int:
    """The cluster until it is asked to stop (0), or its sentinel dies (1). With `clock_still` it keeps a clock as well, and the process exits with
    status 3 when due work has not moved for so many seconds."""
    Conf.SCHEDULER = False  # the clock does what happens by time
    post_execute_in_worker.connect(_rest, weak=False)
    gc.collect()
    gc.freeze()  # what is loaded is shared by all of the chain, and stays shared when one of them collects
    gc.set_threshold(*COLLECT)
    work.stopping = multiprocessing.get_context("fork").Event()
    chain = _Chain()
    util.register_after_fork(chain, _Chain.tie)
    end_with_parent(os.getppid(), signal.SIGTERM)
    connections.close_all()  # a connection must not be shared over a fork
    cluster = JobCluster()
    clock = None if clock_still is None else _Clock(clock_still)
    cluster.start()
    while cluster.sentinel.is_alive():
        if clock is not None and not cluster.asked and clock.keep() == STOOD_STILL:
            os._exit(STOOD_STILL)  # to end in order would be to wait for what stands still; the chain ends with its head
        cluster.sentinel.join(1.0)
    if clock is not None:
        clock.stop()
    return 0 if cluster.asked else 1
