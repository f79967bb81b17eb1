"""What the upload says while it runs: words for the script, by key, with {places} that it fills."""

from __future__ import annotations

from django.utils.translation import gettext as _


def upload_words() -> dict[str, str]:
    return {
        "waiting": _("waiting"),
        "sent": _("sent"),
        "again": _("Try again"),
        "all_again": _("Try all {n} again"),
        "total": _("{done} of {all} files, {sent} of {size}"),
        "left": _("{time} left"),
        "done": _("Files sent: {all}. They become items in the background; what is refused stands under Imports."),
        "some": _("{done} of {all} files are sent. Not sent: {failed}."),
        "offline": _("no answer from the server"),
        "refused": _("refused"),
        "too_large": _("too large"),
        "leave": _("Files are still being sent."),
        "stop": _("Stop"),
        "stopped": _("stopped"),
        "seconds": _("{n} s"),
        "minutes": _("{n} min"),
    }
