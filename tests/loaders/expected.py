"""What was exported, and how it is compared with what a loader has found."""

import json
import traceback
from collections import Counter

# Formats keep at least the second decimal of a pixel.
TOLERANCE = 0.01


class Checks:
    """Runs checks and counts those that fail."""

    def __init__(self, folder):
        self.folder = folder
        self.pictures = json.loads((folder / "expected.json").read_text())["pictures"]
        self.failed = 0

    def run(self, name, path, check):
        """Runs one check, unless what it is about is not in the folder."""
        if not (self.folder / path).exists():
            print(f"absent   {name}")
            return
        try:
            print(f"ok       {name}: {check(self.folder / path)}")
        except Exception as error:
            self.failed += 1
            print(f"FAILED   {name}: {error}")
            if not isinstance(error, AssertionError):
                traceback.print_exc()

    def finish(self):
        """Says how it went, as the status of the program."""
        print(f"{self.failed} checks failed" if self.failed else "all checks passed")
        return 1 if self.failed else 0

    def counts(self, kinds):
        """How many regions of these kinds show each object."""
        return Counter(region["object"] for region in self.regions(kinds))

    def regions(self, kinds):
        """The regions of these kinds on all pictures."""
        return [region for picture in self.pictures for region in picture["regions"] if region["type"] in kinds]


def same(found, expected, what):
    """Fails if two values differ."""
    assert found == expected, f"{what}: found {str(found)[:300]}, expected {str(expected)[:300]}"


def near(found, expected, what, tolerance=TOLERANCE):
    """Fails if two lists of numbers differ by more than rounding."""
    same(len(found), len(expected), f"{what}, how many numbers")
    far = [index for index, pair in enumerate(zip(found, expected)) if abs(pair[0] - pair[1]) > tolerance]
    assert not far, f"{what}: found {list(found)[:12]}, expected {list(expected)[:12]}"


def compare_boxes(found, picture, kinds, what, tolerance=TOLERANCE):
    """Fails unless the boxes, as pairs of an object and `[x, y, w, h]`, are those of a picture's regions of these kinds."""
    expected = [(region["object"], region["bbox"]) for region in picture["regions"] if region["type"] in kinds]
    key = lambda pair: (pair[0], [round(number, 1) for number in pair[1]])
    found, expected = sorted(found, key=key), sorted(expected, key=key)
    same([name for name, _ in found], [name for name, _ in expected], f"{what}, objects")
    left = list(expected)
    for name, box in found:
        match = [pair for pair in left if pair[0] == name and max(abs(a - b) for a, b in zip(pair[1], box)) <= tolerance]
        assert match, f"{what}: no region is {name} at {box}, but {[pair for pair in left if pair[0] == name]}"
        left.remove(match[0])
