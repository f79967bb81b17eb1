"""The client comes from any server, without sign-in, and runs on old Pythons too."""

from __future__ import annotations

import ast

from django.test import Client

from tests.client.conftest import FILE


def test_anybody_gets_the_file_and_not_twice(db: None) -> None:
    answer = Client().get("/client/sluice.py")
    assert answer.status_code == 200 and answer.content == FILE.read_bytes()
    assert answer["Content-Type"] == "text/x-python; charset=utf-8" and answer["X-Content-Type-Options"] == "nosniff"
    again = Client().get("/client/sluice.py", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304 and not again.content
    assert Client().post("/client/sluice.py").status_code == 405


def test_it_needs_python_3_9_and_nothing_but_the_standard_library() -> None:
    import sys

    tree = ast.parse(FILE.read_text(), feature_version=(3, 9))
    named = {name.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    named |= {(node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert named - set(sys.stdlib_module_names) == {"pyarrow", "torch"}  # where a person asked for Parquet, or for a loader of torch's
    at_once = {name.name for node in tree.body if isinstance(node, ast.Import) for name in node.names}
    assert not at_once & {"pyarrow", "torch"}
