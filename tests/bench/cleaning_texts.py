"""Facts of texts, and rules over a million texts whose facts are there."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from workflows.cleaning.measures.text import measure as facts
from workflows.cleaning.rules import kinds

ROWS = 1_000_000
WORDS = ["the", "card", "that", "I", "have", "ordered", "two", "weeks", "ago", "is", "not", "here", "yet", "so", "please", "tell", "me", "why", "it", "takes", "this", "long", "and", "what", "there", "is", "to", "do"]
CHINESE = "现任十二届全国人大环境与资源保护委员会副主任委员，一九八一年七月参加工作，大学学历。"


def measure() -> dict[str, Any]:
    random = np.random.default_rng(1)
    short = [" ".join(random.choice(WORDS, 12)) + "?" for _ in range(2000)]
    chinese = ["".join(random.permutation(list(CHINESE * 12))) for _ in range(300)]
    longest = "".join(random.permutation(list(CHINESE * 1000))) * (4_000_000 // (len(CHINESE) * 1000) + 1)
    began = time.perf_counter()
    facts("what is loaded once")
    found: dict[str, Any] = {"first text of a process, s": round(time.perf_counter() - began, 2)}
    for name, texts in (("12 English words", short), ("500 Chinese characters", chinese)):
        began = time.process_time()
        for text in texts:
            facts(text)
        found[f"texts of {name}, a second of one core"] = round(len(texts) / (time.process_time() - began))
    began = time.perf_counter()
    facts(longest[:4_000_000])
    found["a text of 4,000,000 Chinese characters, s"] = round(time.perf_counter() - began, 2)
    given = _columns(random)
    for name in ("exact_duplicate_text", "near_duplicate_text", "wrong_language", "personal_data", "pattern", "symbols"):
        kind = kinds()[name]
        parameters = kind.defaults() | {"languages": ["en"], "pattern": "9{3}/cam"}
        began = time.perf_counter()
        kind.judge(given, parameters)
        found[f"{name} over {ROWS:,}, s"] = round(time.perf_counter() - began, 2)
    return found


def _columns(random: np.random.Generator) -> dict[str, Any]:
    """A twentieth of the texts has bands from another one, a fiftieth all of them."""
    bands = random.integers(1, 2**63, (ROWS, 14), dtype=np.uint64)
    near, of = random.permutation(ROWS)[:50_000], random.integers(0, ROWS, 50_000)
    bands[near] = np.where(random.random((50_000, 14)) < random.random((50_000, 1)), bands[of], bands[near])
    bands[random.permutation(ROWS)[:20_000]] = bands[random.integers(0, 100, 20_000)]
    return {
        "text_seen": np.ones(ROWS, np.bool_),
        "characters": random.integers(1, 500, ROWS).astype(np.float64),
        "symbols": random.random(ROWS).astype(np.float32),
        "language": np.array(["en", "zh", "", "de"], object)[random.integers(0, 4, ROWS)],
        "language_score": random.random(ROWS).astype(np.float32),
        "personal": random.integers(0, 32, ROWS).astype(np.int32),
        "normal": random.integers(1, ROWS * 8, ROWS, dtype=np.uint64),
        "bands": bands,
        "key": np.array([f"scene/{row:06d}/cam.jpg" for row in range(ROWS)], object),
    }
