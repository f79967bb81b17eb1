"""One form makes a project: name, files, labels; or an export of another tool, whose labels are read first and shown.

Files are kept on the server from the first press on, so that an error or a proposal never asks for them again.
"""

from __future__ import annotations

new_routes: list = []
