"""What people said of an item goes with it: the reasons of its consensus name their votes, and what was found in its answers their labels."""

from annotate.items.erasure import erasures
from annotate.items.models import Item
from workflows.quality import kept
from workflows.quality.models import Consensus, ConsensusItem


def forget(item: Item, activity_id: int) -> None:
    """Called within the erasure's transaction."""
    Consensus.objects.filter(item=item).delete()
    ConsensusItem.objects.filter(item=item).update(explanation=None)
    kept.forget(item.project_id, item.pk)


erasures.add("consensus", forget)
