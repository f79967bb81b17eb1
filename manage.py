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
    os.chdir(os.path.dirname(os.path.abspath(__file__)))
    sys.dont_write_bytecode = sys.dont_write_bytecode or not os.access(".", os.W_OK)
    from workflows.server import entry

    return entry.run(sys.argv)


if __name__ == "__main__":
    sys.exit(main())
