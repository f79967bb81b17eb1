"""Texts that are surely in another language than those that are wanted. Nothing is said of texts whose language cannot be told."""

from __future__ import annotations

import numpy as np

from workflows.cleaning.rules.kind import ABOVE, Columns, Kind, Parameter, Parameters, Verdict, beyond


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    """The score is the probability of the other language; 0 for a text in a wanted one."""
    languages = columns["language"]
    wanted = {code(name) for name in parameters["languages"]}
    known = np.fromiter((bool(language) for language in languages), np.bool_, len(languages))
    right = np.fromiter((language in wanted for language in languages), np.bool_, len(languages))
    scores = np.where(right, 0.0, columns["language_score"].astype(np.float64))
    verdict = beyond(np.where(known, scores, np.nan), float(parameters["threshold"]), ABOVE)
    return Verdict(verdict.scores, verdict.caught, details={"language": languages})


def code(name: str) -> str:
    """The ISO 639-1 code in the name of a language as people write them: `zh`, `ZH`, `zh-Hans`, `zh_CN`."""
    return name.strip().lower().replace("_", "-").split("-")[0]


KIND = Kind(
    name="wrong_language",
    about="text",
    columns=("language", "language_score"),
    judge=judge,
    parameters=(Parameter("languages", "names"), Parameter("threshold", "number", 0.65, 0.3, 1)),
    line="threshold",
    side=ABOVE,
    source="datatrove, language filter",
)
