"""The rules of the house that a machine can keep: layers, names, sizes, and what may stand in the repository."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 400
WHOLE = {"sluice.py"}  # the client that people fetch: one file by contract
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc"}
ROOMS = {
    "annotate": (
        ["kernel", "labels", "media", "people", "activity", "jobs", "search", "projects", "items", "queues", "annotations", "gold", "qualifications", "reviews", "workbench"]
    ),
    "workflows": ["collection", "quality", "cleaning", "assignment", "rounds", "gating", "releases", "evaluations", "exporters", "wall", "insight", "automation", "webhooks"],
}
PURE = (
    "annotate/labels", "annotate/kernel/canonical.py", "annotate/kernel/machine.py", "annotate/kernel/beside.py",
    "workflows/quality/matching", "workflows/quality/agreement", "workflows/quality/evaluation", "workflows/quality/truth", "workflows/quality/consensus/",
    "workflows/quality/beta.py", "workflows/quality/deciding.py", "workflows/quality/reasons.py", "workflows/quality/verdicts.py", "workflows/quality/matched.py", "workflows/quality/plainly.py", "workflows/quality/heard.py", "workflows/quality/skill.py", "workflows/quality/pausing.py", "workflows/quality/reviewing.py",
    "workflows/evaluations/metrics.py", "workflows/evaluations/asked.py", "workflows/evaluations/lines.py", "workflows/evaluations/coco_results.py", "workflows/evaluations/gathering.py",
    "workflows/evaluations/measure.py", "workflows/evaluations/precise.py", "workflows/evaluations/families.py", "workflows/evaluations/suspecting.py", "workflows/evaluations/tallies.py", "workflows/evaluations/reporting.py",
    "workflows/webhooks/posting.py", "workflows/gating/logic.py", "workflows/wall/framing.py", "workflows/cleaning/rules", "workflows/cleaning/measures", "workflows/collection/importers",
)  # fmt: skip
# Architecture's order of layers; a module may import only its own layer's peers to the right.
LAYERS = {"pages": 0, "api": 0, "media_api": 0, "jobs": 0, "forms": 1, "services": 2, "queries": 3, "policies": 3, "models": 4, "states": 5}


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "ls-files", "-co", "--exclude-standard", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def test_no_file_is_longer_than_400_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in tracked("*.py", "*.ts", "*.css", "*.html", "*.mjs")
        if "migrations" not in path.parts and path.name not in WHOLE and (count := len(path.read_text().splitlines())) > LONGEST
    }
    assert not long, "split by noun or by verb"


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not [path for path in tracked("*.py", "*.ts") if FORBIDDEN_NAMES & set(path.with_suffix("").parts)]


@pytest.mark.parametrize("path", [path for app in ROOMS for path in tracked(f"{app}/**/*.py")], ids=lambda path: str(path.relative_to(ROOT)))
def test_arrows_point_down(path: Path) -> None:
    """`annotate` never imports `workflows`; pure rooms import no model; lower layers never import higher ones."""
    relative = path.relative_to(ROOT)
    app, room, layer = relative.parts[0], relative.parts[1], path.stem
    for module in imports(path):
        parts = module.split(".")
        assert not (app == "annotate" and parts[0] == "workflows"), f"{relative} imports {module}"
        if str(relative).startswith(PURE):
            assert "models" not in parts and parts[0] != "django", f"{relative} is pure and imports {module}"
        if parts[:2] == [app, room] and len(parts) > 2 and layer in LAYERS and parts[2] in LAYERS:
            assert LAYERS[parts[2]] >= LAYERS[layer], f"{relative} imports {module}, a higher layer"


def test_every_module_says_why_it_is_there() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for app in ROOMS
        for path in tracked(f"{app}/**/*.py")
        if path.stem != "__init__" and "migrations" not in path.parts and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not silent


def test_the_repository_names_no_registry_and_no_machine() -> None:
    patterns = re.compile(r"registry\.npmjs|pypi\.org|files\.pythonhosted|/work/(main|shared)|\bhelper-\d", re.IGNORECASE)
    this = Path(__file__)
    named = {
        str(path.relative_to(ROOT)): found.group()
        for path in tracked()
        if path != this and path.suffix not in (".png", ".jpg") and (found := patterns.search(path.read_text(errors="replace")))
    }
    assert not named


def test_pages_have_no_inline_style_or_script() -> None:
    inline = re.compile(r"\sstyle=|<script(?![^>]*\b(src|type)=)|\son[a-z]+=\"")
    found = {str(path.relative_to(ROOT)): hit.group() for path in tracked("*.html") if (hit := inline.search(path.read_text()))}
    assert not found


def test_requirements_are_pinned_exactly_and_say_why() -> None:
    for path in (ROOT / "requirements.txt", ROOT / "workflows" / "server" / "requirements-s3.txt", ROOT / "tests" / "requirements.txt", *(ROOT / "tests" / "conformance").glob("requirements-*.txt")):
        for line in path.read_text().splitlines():
            if line.strip() and not line.startswith("#"):
                assert re.fullmatch(r"[\w.-]+(\[[\w,]+\])?==[\w.]+ +# \S.*", line), line
