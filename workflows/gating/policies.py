"""Who sees what gates say: whoever sees all items of the project. Managers set them and open them by hand."""

from __future__ import annotations

from annotate.projects.policies import may_manage, may_view

may_see_gates = may_view
may_set_gates = may_manage
