"""A consensus carried out in a process of its own, two items at a time, that dies by SIGKILL before its N-th step is committed:
`python -m tests.quality.consensus_process JOB N`."""

from __future__ import annotations

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workflows.server.settings")
django.setup()

from annotate.jobs.services import execute  # noqa: E402
from tests.cleaning.process import dying  # noqa: E402
from workflows.quality import concluding, looking  # noqa: E402

if __name__ == "__main__":
    looking.CHUNK = 2
    concluding._write = dying(concluding._write, int(sys.argv[2]))
    execute(int(sys.argv[1]))
