"""The web process's entry: granian serves `application`."""

import gc
import itertools
import os
import signal
import threading
import time
from typing import Any

from django.core.wsgi import get_wsgi_application

from workflows.server.draining import Draining

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workflows.server.settings")
SETTLED = 100  # requests


def _end_without_parent() -> None:
    """A worker whose master was killed would hold the port; it ends instead."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGKILL)


if os.environ.get("SLUICE_WATCH_PARENT"):
    threading.Thread(target=_end_without_parent, daemon=True).start()


def _settling(application: Any) -> Any:
    """After so many requests all is loaded that ever will be: it stays for ever, and is not looked through by each collection
    from then on. (To load it before would cost an idle server 20 MB.)"""
    calls = itertools.count(1)

    def call(environ: Any, start_response: Any) -> Any:
        answer = application(environ, start_response)
        if next(calls) == SETTLED:
            gc.collect()
            gc.freeze()
        return answer

    return call


application = Draining(_settling(get_wsgi_application()))
