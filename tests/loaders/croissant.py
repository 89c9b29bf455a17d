"""Croissant with the reference implementation."""

import logging

from expected import near, same


def check(checks):
    checks.run("croissant, mlcroissant", "croissant", lambda folder: check_croissant(checks, folder))


def check_croissant(checks, folder):
    import mlcroissant

    records = logging.getLogger("absl")
    warnings = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: warnings.append(record.getMessage())
    records.addHandler(handler)
    logging.getLogger().addHandler(handler)
    dataset = mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))
    issues = dataset.metadata.ctx.issues
    same(sorted(issues.errors), [], "errors")
    same(sorted(issues.warnings) + warnings, [], "warnings")

    expected = {picture["id"]: picture for picture in checks.pictures}
    pictures = 0
    for record in dataset.records("pictures"):
        picture = expected.pop(record["pictures/id"])
        same(text(record["pictures/path"]), picture["place"], "path")
        same(text(record["pictures/split"]), picture["split"], picture["path"])
        same(sorted(record["pictures/@content"].size), sorted([picture["width"], picture["height"]]), picture["path"])
        same([text(licence) for licence in record["pictures/licences"]], picture["licences"], picture["path"])
        pictures += 1
    same(len(expected), 0, "pictures without a record")

    known = {
        (picture["id"], number): region
        for picture in checks.pictures
        for number, region in enumerate(picture["regions"], 1)
    }
    regions = 0
    for record in dataset.records("regions"):
        region = known.pop((record["regions/picture"], record["regions/number"]))
        same(text(record["regions/object"]), region["object"], "object")
        same(text(record["regions/type"]), region["type"], "type")
        near([record[f"regions/{side}"] for side in "xywh"], region["bbox"], "box")
        near(record["regions/points"], region["points"], "corners")
        regions += 1
    same(len(known), 0, "regions without a record")
    return f"{pictures} pictures, {regions} regions"


def text(value):
    """Texts are bytes in some versions."""
    return value.decode() if isinstance(value, bytes) else value
