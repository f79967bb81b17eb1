"""PyTorch's DataLoader over what the client pulled: `read_torch.py WHAT FOLDER`. WHAT is `loaders` or `ranks`.

It prints a JSON object: for each way to read, the keys in the order in which they came.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

warnings.filterwarnings("ignore")

import torch  # noqa: E402
from torch.utils.data import DataLoader  # noqa: E402

FILE = Path(__file__).resolve().parents[2] / "static" / "client"
sys.path.insert(0, str(FILE))  # as people have it beside their training: workers that are spawned find it so too
import sluice  # noqa: E402

SIZE = 4


def keys(batches: Iterable[Any]) -> list[str]:
    return [sample["key"] for batch in batches for sample in batch]


def whole(batch: Any) -> Any:
    """A batch as a list: `collate_fn` of this module's own, which workers that are spawned can name."""
    return list(batch)


def resumed(folder: str, workers: int, breaks: Iterable[int | None], *, then: int | None = None, **share: Any) -> list[str]:
    """An epoch that breaks off after so many batches and goes on in another Dataset, from a state that went through a file; `then` many
    workers from the second time on."""
    found: list[str] = []
    state: Any = None
    for turn, most in enumerate([*breaks, None]):
        samples = sluice.Dataset(folder, seed=7, **share)
        if state is not None:
            samples.load_state_dict(json.loads(json.dumps(state)))
        loader = samples.loader(SIZE, num_workers=workers if not turn or then is None else then, collate_fn=whole)
        if samples.epoch == 0:
            found += keys(islice(loader, most))
        state = loader.state_dict()
    return found


def loaders(folder: str) -> Iterator[tuple[str, Any]]:
    for workers in (0, 2):
        more: dict[str, Any] = {"batch_size": SIZE, "num_workers": workers, "collate_fn": whole}
        yield f"map-style, {workers} workers", keys(DataLoader(sluice.Dataset(folder), shuffle=True, **more))
        yield f"iterable, {workers} workers", keys(DataLoader(sluice.Dataset(folder, seed=7).stream(), **more))
        for way in (2, 1):
            share = [sluice.Dataset(folder, seed=7, rank=rank, world=2) for rank in range(2)]
            batches = [DataLoader(one.stream(), **more) if way == 1 else one.loader(**more) for one in share]
            yield f"two ranks, {'loader' if way == 2 else 'iterable'}, {workers} workers", [key for each in batches for key in keys(each)]
        yield f"resumed, {workers} workers", resumed(folder, workers, [2, 0, 3])
        yield f"resumed on two ranks, {workers} workers", [key for rank in range(2) for key in resumed(folder, workers, [1, 1], rank=rank, world=2)]
    yield "resumed with other workers", resumed(folder, 2, [3], then=0)
    spawned: dict[str, Any] = {"batch_size": SIZE, "num_workers": 2, "collate_fn": whole, "multiprocessing_context": "spawn"}
    yield "iterable, spawned", keys(DataLoader(sluice.Dataset(folder, seed=7).stream(), **spawned))
    yield "loader, spawned", keys(sluice.Dataset(folder, seed=7).loader(**spawned))
    for name, of in (("of the stream", {}), ("of the stream, persistent workers", {"persistent_workers": True})):
        stream = sluice.Dataset(folder, seed=7).stream()
        loader = DataLoader(stream, batch_size=SIZE, num_workers=2, collate_fn=whole, **of)
        yield f"epochs {name}", [_epoch(stream, loader, epoch) for epoch in range(2)]
    for name, of in (("of the loader", {}), ("of the loader, persistent workers", {"persistent_workers": True})):
        batches = sluice.Dataset(folder, seed=7).loader(SIZE, num_workers=2, collate_fn=whole, **of)
        yield f"epochs {name}", [keys(batches) for _epoch_of in range(2)]
    alone = sluice.Dataset(folder, seed=7)
    yield "epochs alone", [[sample["key"] for sample in alone] for _epoch_of in range(2)]


def _epoch(stream: Any, loader: Any, epoch: int) -> list[str]:
    stream.set_epoch(epoch)
    return keys(loader)


def _rank(rank: int, folder: str, meeting: str) -> None:
    """One of two processes that have found each other: nobody told the samples their rank."""
    torch.distributed.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=2)
    samples = sluice.Dataset(folder, seed=7)
    found = {"loader": keys(samples.loader(SIZE, num_workers=2, collate_fn=whole)), "iterable": keys(DataLoader(sluice.Dataset(folder, seed=7).stream(), batch_size=SIZE, collate_fn=whole))}
    Path(f"{meeting}.{rank}").write_text(json.dumps(found))
    torch.distributed.destroy_process_group()


def ranks(folder: str) -> Iterator[tuple[str, Any]]:
    with tempfile.TemporaryDirectory() as place:
        meeting = os.path.join(place, "meeting")
        torch.multiprocessing.spawn(_rank, (folder, meeting), nprocs=2)
        told = [json.loads(Path(f"{meeting}.{rank}").read_text()) for rank in range(2)]
    for name in ("loader", "iterable"):
        yield name, [one[name] for one in told]


if __name__ == "__main__":
    print(json.dumps(dict({"loaders": loaders, "ranks": ranks}[sys.argv[1]](sys.argv[2]))))
