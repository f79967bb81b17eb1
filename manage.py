#!/usr/bin/env python3
"""Sluice's one command line: sets itself up on first use, then runs the command.

    python3 manage.py up --demo     everything, with a demo to look at
    python3 manage.py test          everything that shows it works
"""

import os
import sys


def main() -> int:
    if sys.version_info < (3, 11):
        print(f"Sluice needs Python 3.11 or newer, and this is {sys.version.split()[0]}: run it with a newer python3", file=sys.stderr)
        return 2
    root, here = os.path.dirname(os.path.abspath(__file__)), _here()
    if here != root or "SLUICE_TYPED_IN" not in os.environ:
        os.environ["SLUICE_TYPED_IN"] = here  # relative paths that are typed mean this folder, though work is done in another
    os.chdir(root)
    sys.dont_write_bytecode = sys.dont_write_bytecode or not os.access(".", os.W_OK)
    from workflows.server import entry

    return entry.run(sys.argv)


def _here() -> str:
    try:
        return os.getcwd()
    except OSError:  # the folder has gone
        return "/"


if __name__ == "__main__":
    sys.exit(main())
