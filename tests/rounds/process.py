"""A decided round carried out in a process of its own that dies by its own kill -9: `python -m tests.rounds.process WHAT ID N`.

WHAT is `settle` (the round ID, two items at a time; dies in its N-th step before that is committed) or `over` (dies when all is done
but for the round's own end).
"""

from __future__ import annotations

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workflows.server.settings")
django.setup()

from tests.cleaning.process import dying  # noqa: E402
from workflows.rounds import settling  # noqa: E402

STEP = 2

if __name__ == "__main__":
    what, pk, n = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    settling.CHUNK = STEP
    if what == "over":
        settling._over = dying(settling._over, n)
    else:
        settling._approve, settling._return = dying(settling._approve, n), dying(settling._return, n)
    settling.carry_out(pk)
