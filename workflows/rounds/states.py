"""What becomes of a review round, and of each item in it."""

from __future__ import annotations

from annotate.kernel.machine import Machine

ROUND = Machine(
    "round",
    ("planning", "judging", "passing", "passed", "failing", "failed", "withdrawn"),
    {
        "plan": ({"planning"}, "judging"),
        "pass": ({"judging"}, "passing"),
        "approve": ({"passing"}, "passed"),
        "fail": ({"judging"}, "failing"),
        "escalate": ({"failing"}, "failed"),
        "withdraw": ({"planning", "judging"}, "withdrawn"),
    },
)
LIVE = ("planning", "judging", "passing", "failing")
DECIDED = ("passing", "passed", "failing", "failed")
ESCALATIONS = ("larger", "return", "none")
# What is held against the pass mark: the share of mistakes seen, or the upper bound of its interval.
JUDGED_BY = ("point", "bound")

# Of a sampled item: what its verdict was, or that there was none when the round was decided. Of an unsampled one: what the round did
# with it, or why it left it out. Empty while that is open.
SAMPLED_OUTCOMES = ("accepted", "fixed", "returned", "unjudged")
ERRING = ("fixed", "returned")
UNSAMPLED_OUTCOMES = ("approved", "sent_back", "stays", "changed", "held", "elsewhere")
OUTCOMES = ("", *SAMPLED_OUTCOMES, *UNSAMPLED_OUTCOMES)
