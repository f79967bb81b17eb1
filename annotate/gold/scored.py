"""Who wants to know that an answer to gold was measured: other rooms add themselves, this one knows none of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from annotate.kernel.registry import Registry

# Called with (person id, queue id, score 0 to 1) after the score was stored, and once more when a later answer to the same
# task was measured. A process that dies between the two calls anew, so what is done must be the same done twice.
scored: Registry[Callable[[int, int, float], object]] = Registry("scored")

# "mean": ids of gold → the mean score of the answers to each, 0 to 1; those that nobody has answered are left out.
means: Registry[Callable[[Sequence[int]], dict[int, float]]] = Registry("means")

# "last": ids of gold tasks → the score of the answer that stands to each, 0 to 1; those whose answer nobody has measured yet
# are left out.
answers: Registry[Callable[[Sequence[int]], dict[int, float]]] = Registry("answers to gold")


def scores_of(task_ids: Sequence[int]) -> dict[int, float]:
    """The scores of gold tasks, {} where nothing measures them."""
    return answers.get("last")(task_ids) if "last" in answers else {}


def tell(person_id: int, queue_id: int, score: float) -> None:
    """Call everybody who asked, in the order of their names."""
    for _name, callback in sorted(scored):
        callback(person_id, queue_id, score)
