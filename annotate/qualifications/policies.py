"""Who sees qualifications: everybody who works in a project or oversees it. Who has them, and with what score, is for managers."""

from __future__ import annotations

SEES = ("annotator", "reviewer", "manager", "viewer")
