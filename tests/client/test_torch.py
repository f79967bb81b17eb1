"""What was pulled, read by PyTorch's own DataLoader. It is heavy to install: these run after `python3 manage.py conformance`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.client.test_dataset import folder_of
from tests.conformance.readers import read

COUNT = 23
EVERY = [f"k{at:05d}" for at in range(COUNT)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder_of(tmp_path_factory.mktemp("pulled"), COUNT)


def test_loaders_ranks_workers_and_resumed_ones_read_every_sample_once(folder: Path) -> None:
    found = read("torch", "loaders", folder)
    epochs = {name: rows for name, rows in found.items() if name.startswith("epochs")}
    once = {name: sorted(rows) == EVERY for name, rows in found.items() if name not in epochs}
    assert len(once) == 15 and all(once.values()), once
    assert found["resumed, 0 workers"] == found["resumed, 2 workers"] == found["resumed with other workers"] == found["loader, spawned"]
    assert len(epochs) == 5
    for name, (first, second) in epochs.items():
        assert sorted(first) == sorted(second) == EVERY and first != second, name
    assert epochs["epochs of the loader"] == epochs["epochs of the loader, persistent workers"] == epochs["epochs alone"]


def test_ranks_that_torch_knows_share_the_samples(folder: Path) -> None:
    for shares in read("torch", "ranks", folder).values():
        assert sorted(key for share in shares for key in share) == EVERY and {len(share) for share in shares} == {11, 12}
