"""Right, said and true: the three counts that precision, recall and their kin are made of. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shares:
    """`right` of `truth` that there are and of `found` that were said. Shares are 0 to 1, None where they are of nothing."""

    right: int
    truth: int
    found: int

    @property
    def precision(self) -> float | None:
        return self.right / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        return self.right / self.truth if self.truth else None

    @property
    def f1(self) -> float | None:
        return 2 * self.right / (self.truth + self.found) if self.truth + self.found else None

    @property
    def jaccard(self) -> float | None:
        """Right ÷ all there are on either side."""
        either = self.truth + self.found - self.right
        return self.right / either if either else None
