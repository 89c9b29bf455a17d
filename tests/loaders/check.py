"""Reads exports with the programs that they are for, and compares what those find with what was exported.

    python tests/loaders/check.py FOLDER

FOLDER has one unpacked export per format, called like the format, and `expected.json` with the pictures. What is not there is
passed over, and said. One line is printed for each check, and the status is 1 if any of them found a difference.
"""

import sys
from pathlib import Path

# Nothing is looked up elsewhere: the loaders get all they need from the folder.
import os

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_OFFLINE"] = "1"

import annotations
import croissant
import huggingface
import shards
import tables
from expected import Checks


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    checks = Checks(Path(sys.argv[1]).resolve())
    for family in [annotations, huggingface, shards, croissant, tables]:
        family.check(checks)
    sys.exit(checks.finish())


if __name__ == "__main__":
    main()
