"""What the READMEs say of states is what the code says; run with RENEW_DOCUMENTS=1 to write it anew."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from annotate.annotations.states import CHANGE
from annotate.gold.states import GOLD
from annotate.items.states import BATCH, ITEM
from annotate.jobs.states import JOB
from annotate.kernel.machine import Machine
from annotate.qualifications.states import RUN
from annotate.queues.states import BULK, QUEUE, TASK
from annotate.reviews.states import DISPUTE
from workflows.assignment.states import HANDING
from workflows.automation.states import STEP
from workflows.cleaning.states import CHECK_RUN, FINDING, GATE
from workflows.quality.states import CONSENSUS_RUN
from workflows.releases.states import EXPORT, VERSION
from workflows.rounds.states import ROUND
from workflows.wall.states import WALL_ACT
from workflows.webhooks.states import DELIVERY

ROOT = Path(__file__).resolve().parents[1]
MARKED = re.compile(r"(<!-- states -->\n).*?(<!-- /states -->)", re.DOTALL)
MACHINES: dict[str, tuple[Machine, ...]] = {
    "annotate": (BATCH, ITEM, QUEUE, TASK, BULK, CHANGE, GOLD, RUN, DISPUTE, JOB),
    "workflows": (HANDING, ROUND, WALL_ACT, CONSENSUS_RUN, CHECK_RUN, FINDING, GATE, VERSION, EXPORT, STEP, DELIVERY),
}


def rendered(machines: tuple[Machine, ...]) -> str:
    return "".join(
        f"\n### {machine.noun.capitalize()}\n\n{', '.join(f'`{state}`' for state in machine.states)}\n\n{machine.table()}\n"
        for machine in machines
    )


@pytest.mark.parametrize("app", MACHINES)
def test_state_tables_of_the_readme_are_those_of_the_code(app: str) -> None:
    path = ROOT / app / "README.md"
    said = path.read_text()
    right = MARKED.sub(lambda found: f"{found[1]}{rendered(MACHINES[app])}\n{found[2]}", said)
    if os.environ.get("RENEW_DOCUMENTS"):
        path.write_text(right)
    assert said == right or os.environ.get("RENEW_DOCUMENTS"), "run again with RENEW_DOCUMENTS=1"


def test_every_state_machine_is_in_a_readme() -> None:
    named = {machine.noun for machines in MACHINES.values() for machine in machines}
    for path in (*ROOT.glob("annotate/*/states.py"), *ROOT.glob("workflows/*/states.py")):
        module = __import__(".".join(path.relative_to(ROOT).with_suffix("").parts), fromlist=["*"])
        for value in vars(module).values():
            assert not isinstance(value, Machine) or value.noun in named, f"{path}: {value}"


@pytest.mark.parametrize("app", MACHINES)
def test_the_readme_names_every_room(app: str) -> None:
    said = (ROOT / app / "README.md").read_text()
    rooms = {path.parent.name for path in (ROOT / app).glob("*/__init__.py")} - {"migrations", "management", "templatetags"}
    assert not {room for room in rooms if f"`{room}/`" not in said}


def test_the_readme_tells_additions_to_the_api_that_its_document_has() -> None:
    said = (ROOT / "annotate" / "README.md").read_text()
    rows = re.findall(r"^\| `((?:GET|POST|PUT|PATCH|DELETE) /\S+)` \| (.*?) \|", said, re.MULTILINE)
    assert len(rows) > 10
    document = get_schema()
    for call, came in rows:
        method, path = call.split()
        operation = document["paths"][f"/api/v1{path}"][method.lower()]
        known = words_of(document, operation, refused="409" in came)
        assert not [name for name in re.findall(r"`(\w+)`", came) if name not in known], call


def get_schema() -> dict[str, Any]:
    from drf_spectacular.generators import SchemaGenerator

    return json.loads(json.dumps(SchemaGenerator().get_schema(request=None, public=True), default=str))


def words_of(document: dict[str, Any], part: Any, *, refused: bool) -> set[str]:
    """Names of fields and parameters of a call, those of its refusals only where asked for."""
    found: set[str] = set()
    if isinstance(part, list):
        return found.union(*(words_of(document, one, refused=refused) for one in part))
    if not isinstance(part, dict):
        return found
    if "$ref" in part:
        *path, last = part["$ref"].removeprefix("#/").split("/")
        there = document
        for name in (*path, last):
            there = there[name]
        return words_of(document, there, refused=refused) if last != "Problem" or refused else found
    if isinstance(part.get("name"), str) and "in" in part:
        found.add(part["name"])
    fields = part.get("properties", {})
    found |= set(fields) | words_of(document, fields.get("results"), refused=refused)
    return found.union(*(words_of(document, value, refused=refused) for name, value in part.items() if name != "properties"))


def test_every_command_that_the_readme_names_exists() -> None:
    from django.core.management import get_commands

    named = set(re.findall(r"manage\.py (\w+)", (ROOT / "README.md").read_text()))
    assert named and not named - {*get_commands(), "up", "bench", "conformance"}


def test_every_address_that_the_readme_calls_is_one() -> None:
    from django.urls import resolve

    said = re.sub(r"\$\w+", "1", (ROOT / "README.md").read_text())
    called = set(re.findall(r"/api/v1/[\w/.-]+", said))
    assert len(called) > 8
    assert not [path for path in called if resolve(path).func.__name__ == "nothing_here"]


def test_the_settings_that_the_readme_names_are_read() -> None:
    places = (*(ROOT / "workflows" / "server").glob("*.py"), ROOT / "static" / "client" / "sluice.py")
    code = "\n".join(path.read_text() for path in places)
    assert not [name for name in re.findall(r"SLUICE_\w+", (ROOT / "README.md").read_text()) if f'"{name}"' not in code]
