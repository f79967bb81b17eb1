"""Reading what was pulled in a training loop: every sample once, whatever ranks and workers there are and wherever it breaks off."""

from __future__ import annotations

import itertools
import json
import pickle
import sys
import types
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.client.conftest import loaded
from tests.exporters.rows import box, export_of, row

MODULE = loaded()


def folder_of(place: Path, count: int, *, splits: tuple[str, ...] = ("train",), erased: int | None = None, format: str = "jsonl") -> Path:
    rows = [
        row(f"k{at:05d}", [box(at + 0.5, 2, 3, 4)], split=splits[at % len(splits)], item_id=at + 1, erased=at == erased, meta={"n": at})
        for at in range(count)
    ]
    folder, _notes = export_of(rows, place, format)
    return folder.root


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder_of(tmp_path_factory.mktemp("pulled"), 23)


def test_samples_by_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    samples = MODULE.Dataset(str(folder_of(tmp_path, 9, splits=("train", "val"), erased=4)), split="train")
    assert len(samples) == 4 and [each["key"] for each in samples] == ["k00000", "k00002", "k00006", "k00008"]
    assert samples[1]["objects"][0]["box"] == [2.5, 2, 3, 4] and samples[-1]["meta"] == {"n": 8} and samples[0]["picture"] is None
    with pytest.raises(IndexError):
        samples[4]
    monkeypatch.setitem(sys.modules, "sluice", MODULE)
    again = pickle.loads(pickle.dumps(samples))
    assert again[3] == samples[3]
    assert MODULE.Dataset(samples.folder, transform=lambda sample: sample["key"])[1] == "k00001"


def test_rows_of_parquet_are_samples_too(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    (tmp_path / "rows").mkdir()
    for part in range(2):
        rows = [
            {"key": f"p{part}-{at}", "split": "val" if at % 3 else "train", "meta": json.dumps({"n": at}), "item": None, "document": '{"objects":[]}', "media_sha256": bytes(32)}
            for at in range(7)
        ]
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / "rows" / f"part-{part:05d}.parquet", row_group_size=3)
    samples = MODULE.Dataset(str(tmp_path), split="train")
    assert [each["key"] for each in samples] == ["p0-0", "p0-3", "p0-6", "p1-0", "p1-3", "p1-6"]
    assert samples[4]["meta"] == {"n": 3} and samples[4]["document"] == {"objects": []} and samples[4]["picture"] is None
    assert len(MODULE.Dataset(str(tmp_path))) == 14
    with pytest.raises(MODULE.Problem, match="pull the format jsonl or parquet"):
        MODULE.Dataset(str(tmp_path / "rows"))


@settings(max_examples=60, deadline=None)
@given(
    world=st.integers(1, 5),
    workers=st.integers(0, 4),
    seed=st.one_of(st.none(), st.integers(0, 9)),
    breaks=st.lists(st.integers(0, 30), max_size=4),
)
def test_ranks_and_workers_that_break_off_and_resume_see_every_sample_once(folder: Path, world: int, workers: int, seed: int | None, breaks: list[int]) -> None:
    seen: list[str] = []
    for rank, worker in itertools.product(range(world), range(max(workers, 1))):
        with torch_of(worker, workers):
            state: Any = None
            for most in [*breaks, None]:
                samples = MODULE.Dataset(str(folder), rank=rank, world=world, seed=seed)
                if state is not None:
                    samples.load_state_dict(json.loads(json.dumps(state)))
                if samples.epoch == 0:
                    seen += [sample["key"] for sample in itertools.islice(samples, most)]
                state = samples.state_dict()
                if most is None:
                    assert samples.epoch <= 1 and state["taken"] == 0
    assert sorted(seen) == [f"k{at:05d}" for at in range(23)]


class torch_of:
    """A torch that says which worker this is; none at all without workers."""

    def __init__(self, worker: int, workers: int, *, rank: int | None = None, world: int = 1) -> None:
        self.made: Any = types.SimpleNamespace()
        told = types.SimpleNamespace(id=worker, num_workers=workers) if workers else None
        base = type("IterableDataset", (), {})
        self.made.utils = types.SimpleNamespace(data=types.SimpleNamespace(get_worker_info=lambda: told, IterableDataset=base))
        self.made.distributed = types.SimpleNamespace(is_available=lambda: True, is_initialized=lambda: rank is not None, get_rank=lambda: rank, get_world_size=lambda: world)
        self.there = workers > 0 or rank is not None

    def __enter__(self) -> Any:
        if self.there:
            sys.modules["torch"] = self.made
        return self.made

    def __exit__(self, *_error: object) -> None:
        sys.modules.pop("torch", None)


class AheadLoader:
    """What torch's DataLoader does with places: it asks for some batches ahead, and hands them out in their order."""

    def __init__(self, samples: Any, *, batch_sampler: Any, ahead: int) -> None:
        self.samples, self.batches, self.ahead = samples, batch_sampler, ahead

    def __iter__(self) -> Any:
        waiting: list[list[int]] = []
        for places in self.batches:
            waiting.append(places)
            if len(waiting) > self.ahead:
                yield [self.samples[place] for place in waiting.pop(0)]
        for places in waiting:
            yield [self.samples[place] for place in places]


@settings(max_examples=60, deadline=None)
@given(world=st.integers(1, 3), size=st.integers(1, 9), breaks=st.lists(st.integers(0, 5), max_size=3), ahead=st.lists(st.integers(0, 4), min_size=4, max_size=4))
def test_a_loader_that_breaks_off_and_resumes_hands_out_every_sample_once(folder: Path, world: int, size: int, breaks: list[int], ahead: list[int]) -> None:
    seen: list[str] = []
    with torch_of(0, 0) as torch:
        torch.utils.data.DataLoader = AheadLoader
        sys.modules["torch"], sys.modules["torch.utils"], sys.modules["torch.utils.data"] = torch, torch.utils, torch.utils.data
        try:
            for rank in range(world):
                state: Any = None
                for turn, most in enumerate([*breaks, None]):
                    loader = MODULE.Dataset(str(folder), rank=rank, world=world, seed=3).loader(size, ahead=ahead[turn])
                    if state is not None:
                        loader.load_state_dict(json.loads(json.dumps(state)))
                    if loader.samples.epoch == 0:
                        seen += [sample["key"] for batch in itertools.islice(loader, most) for sample in batch]
                    state = loader.state_dict()
                assert state["epoch"] == 1 and state["taken"] == 0 and len(loader) == -(-len(range(rank, 23, world)) // size)
        finally:
            for name in ("torch", "torch.utils", "torch.utils.data"):
                sys.modules.pop(name, None)
    assert sorted(seen) == [f"k{at:05d}" for at in range(23)]


def test_the_next_epoch_begins_at_its_first_sample(folder: Path) -> None:
    alone, told = (MODULE.Dataset(str(folder), seed=5) for _each in range(2))
    epochs = [[sample["key"] for sample in alone] for _each in range(2)]
    for _sample in itertools.islice(told, 4):
        state = told.state_dict()
    resumed = MODULE.Dataset(str(folder), seed=5)
    resumed.load_state_dict(state)
    resumed.set_epoch(0)
    assert [sample["key"] for sample in resumed] == epochs[0][4:]
    resumed.load_state_dict(state)
    resumed.set_epoch(1)
    assert [sample["key"] for sample in resumed] == epochs[1]


def test_the_stream_is_what_torch_takes_for_iterable_and_follows_its_ranks(folder: Path) -> None:
    keys: list[str] = []
    for rank, worker in itertools.product(range(2), range(3)):
        with torch_of(worker, 3, rank=rank, world=2) as torch:
            sys.modules.pop("sluice", None)
            module: ModuleType = loaded()
            stream = module.Dataset(str(folder)).stream()
            assert isinstance(stream, torch.utils.data.IterableDataset)
            keys += [sample["key"] for sample in stream]
    assert sorted(keys) == [f"k{at:05d}" for at in range(23)]


def test_a_state_of_another_version_split_seed_or_share_is_refused(folder: Path, tmp_path: Path) -> None:
    one = MODULE.Dataset(str(folder), rank=0, world=2, seed=1)
    list(itertools.islice(one, 3))
    state = one.state_dict()
    for other in (MODULE.Dataset(str(folder), rank=0, world=2, seed=2), MODULE.Dataset(str(folder_of(tmp_path, 5)), rank=0, world=2, seed=1)):
        with pytest.raises(ValueError, match="the state has"):
            other.load_state_dict(state)
    moved = MODULE.Dataset(str(folder), rank=1, world=2, seed=1)
    moved.load_state_dict(state)
    with pytest.raises(ValueError, match="as many ranks"):
        list(moved)


def test_epochs_are_shuffled_anew_and_the_same_again(folder: Path) -> None:
    one, two = (MODULE.Dataset(str(folder), seed=5) for _each in range(2))
    first, second = ([sample["key"] for sample in one] for _each in range(2))
    assert first != second and sorted(first) == sorted(second) and [sample["key"] for sample in two] == first
