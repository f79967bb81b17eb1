"""Named slots that higher rooms fill: how news and questions travel up without an import going down.

A lower room declares a registry and asks it; a higher room adds its answer from its `AppConfig.ready`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    def __init__(self, name: str) -> None:
        self.name = name
        self._entries: dict[str, T] = {}

    def add(self, key: str, entry: T) -> T:
        known = self._entries.setdefault(key, entry)
        if known is not entry:
            raise ValueError(f"{self.name}: {key!r} is taken")
        return entry

    def register(self, key: str) -> Callable[[T], T]:
        return lambda entry: self.add(key, entry)

    def get(self, key: str) -> T:
        try:
            return self._entries[key]
        except KeyError:
            raise LookupError(f"{self.name}: no {key!r}; there are {', '.join(sorted(self._entries))}") from None

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[tuple[str, T]]:
        return iter(self._entries.items())


# "once": how a keyed POST is kept and replayed; the people room adds it (it owns the table).
request_keys: Registry[Callable[..., tuple[int, Any]]] = Registry("request keys")

# What the clock process runs: name → (seconds between runs, function without arguments).
ticks: Registry[tuple[float, Callable[[], object]]] = Registry("ticks")
