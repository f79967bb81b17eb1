"""The web process's entry: granian serves `application`."""

import gc
import os
import signal
import threading
import time

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from workflows.server.draining import Draining

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workflows.server.settings")


def _end_without_parent() -> None:
    """A worker whose master was killed would hold the port; it ends instead."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGKILL)


if os.environ.get("SLUICE_WATCH_PARENT"):
    threading.Thread(target=_end_without_parent, daemon=True).start()
application = Draining(get_wsgi_application())
_ = get_resolver().url_patterns  # all of it is loaded before the first request, which would wait for it
gc.collect()
gc.freeze()  # what stays for ever is not looked through again by each collection
