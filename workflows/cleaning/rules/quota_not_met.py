"""Quotas of a batch that what is there does not fill."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from workflows.cleaning.rules.kind import BELOW, QUOTA, Columns, Kind, Parameter, Parameters, Verdict, beyond


def _judge(columns: Columns, parameters: Parameters) -> Verdict:
    have, need = columns["quota_have"].astype(np.float64), columns["quota_need"].astype(np.float64)
    shares = np.divide(have, need, out=np.full(len(have), np.nan), where=need > 0)
    return replace(beyond(shares, float(parameters["share"]), BELOW), details={"have": have, "need": need})


KIND = Kind(
    name="quota_not_met",
    about="set",
    columns=("quota_name", "quota_have", "quota_need"),
    judge=_judge,
    parameters=(Parameter("share", "number", 1.0, 0, 1),),
    line="share",
    side=BELOW,
    rows=QUOTA,
    source="own",
)
