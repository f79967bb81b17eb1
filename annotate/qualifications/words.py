"""Kinds and states in words, for pages."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

KIND_WORDS: dict[str, Any] = {"label": _("Labels"), "language": _("Language"), "other": _("Other")}
