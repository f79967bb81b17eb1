"""What people said of an item goes with it: the reasons of its consensus name their votes."""

from annotate.items.erasure import erasures
from annotate.items.models import Item
from workflows.quality.models import Consensus, ConsensusItem


def forget(item: Item, activity_id: int) -> None:
    """Called within the erasure's transaction."""
    Consensus.objects.filter(item=item).delete()
    ConsensusItem.objects.filter(item=item).update(explanation=None)


erasures.add("consensus", forget)
