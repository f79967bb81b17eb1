"""Addresses of slices, datasets, versions and tags; the views are in `slices_api`, `datasets_api` and `versions_api`."""

from __future__ import annotations

from django.urls import path

from workflows.releases.datasets_api import AllDatasets, Datasets, OneDataset, Tags, Versions
from workflows.releases.records_api import Card, Croissant, Leaks, Reversal, ShardFile, Shards
from workflows.releases.slices_api import OneSlice, Slices
from workflows.releases.versions_api import Delta, Diff, Items, OneVersion, Withdrawal

api_routes = [
    path("projects/<id:project>/slices", Slices.as_view()),
    path("slices/<id:slice>", OneSlice.as_view()),
    path("projects/<id:project>/datasets", Datasets.as_view()),
    path("datasets", AllDatasets.as_view()),
    path("datasets/<id:dataset>", OneDataset.as_view()),
    path("datasets/<id:dataset>/versions", Versions.as_view()),
    path("datasets/<id:dataset>/tags", Tags.as_view()),
    path("datasets/<id:dataset>/diff", Diff.as_view()),
    path("versions/<id:version>", OneVersion.as_view()),
    path("versions/<id:version>/items", Items.as_view()),
    path("versions/<id:version>/delta", Delta.as_view()),
    path("versions/<id:version>/withdraw", Withdrawal.as_view()),
    path("versions/<id:version>/revert", Reversal.as_view()),
    path("versions/<id:version>/shards", Shards.as_view()),
    path("versions/<id:version>/shards/<id:ordinal>", ShardFile.as_view()),
    path("versions/<id:version>/leakage", Leaks.as_view()),
    path("versions/<id:version>/card", Card.as_view()),
    path("versions/<id:version>/croissant", Croissant.as_view()),
]
