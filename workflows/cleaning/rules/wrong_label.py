"""Answers that a model's probabilities speak against, by confident learning. The probabilities have to come from a model that did not
learn from the item itself (cross-validation), or it will only repeat what it was told."""

from __future__ import annotations

import numpy as np

from workflows.cleaning.measures import confident
from workflows.cleaning.rules.kind import Columns, Kind, Parameter, Parameters, Verdict


def _judge(columns: Columns, parameters: Parameters) -> Verdict:
    name = parameters["attribute"]
    probabilities = columns[f"probabilities:{name}"].astype(np.float64)
    classes = columns[f"classes:{name}"].tolist()
    n = len(probabilities)
    places = {option: place for place, option in enumerate(classes)}
    labels = np.fromiter((places.get(text, -1) for text in columns[f"item.{name}"].tolist()), np.int64, n)
    scores, caught, suggested = np.full(n, np.nan), np.zeros(n, bool), np.full(n, None, object)
    rows = np.flatnonzero((labels >= 0) & np.isfinite(probabilities).all(axis=1)) if classes else np.empty(0, np.int64)
    if rows.size:
        rows = rows[np.argsort(columns["item"][rows], kind="stable")]  # of equal scores the older item comes first
        labels, probabilities = labels[rows], probabilities[rows]
        caught[rows] = confident.issues(labels, probabilities, parameters["method"])
        margin = parameters["score"] == "normalized_margin"
        scores[rows] = (confident.normalized_margin if margin else confident.self_confidence)(labels, probabilities)
        suggested[rows] = np.array(classes, object)[probabilities.argmax(axis=1)]
    return Verdict(scores, caught, details={"given": columns[f"item.{name}"], "suggested": suggested})


KIND = Kind(
    name="wrong_label",
    about="prediction",
    columns=lambda parameters: (
        f"item.{parameters['attribute']}",
        f"probabilities:{parameters['attribute']}",
        f"classes:{parameters['attribute']}",
        "item",
    ),
    judge=_judge,
    parameters=(
        Parameter("attribute", "text"),
        Parameter("method", "choice", "prune_by_noise_rate", options=confident.METHODS),
        Parameter("score", "choice", "self_confidence", options=("self_confidence", "normalized_margin")),
    ),
    source="Northcutt, Jiang, Chuang, Confident Learning, JAIR 70 (2021)",
)
