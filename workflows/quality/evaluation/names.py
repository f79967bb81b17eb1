"""Names of figures of average precision and recall, in COCO's order. Pure, and without numpy: pages list them too."""

from __future__ import annotations

AREAS = ("AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl")
SKELETONS = ("AP", "AP50", "AP75", "APm", "APl", "AR", "AR50", "AR75", "ARm", "ARl")  # COCO has no small ones
NEAR = ("AP", "AP50", "AP75", "AR")  # of what has no size
