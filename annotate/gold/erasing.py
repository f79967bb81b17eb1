"""An erased item is no gold any more."""

from annotate.gold.services import forget
from annotate.items.erasure import erasures

erasures.add("gold", forget)
