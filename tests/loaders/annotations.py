"""Annotation formats: COCO with pycocotools, and whatever Datumaro reads."""

import contextlib
import io
from pathlib import PurePosixPath

from expected import compare_boxes, near, same

AREAS = ["bbox", "polygon"]
ALL = ["bbox", "polygon", "polyline", "point"]

# What Datumaro calls the formats, and what of ours it finds in them.
DATUMARO = {
    "coco": ("coco_instances", AREAS),
    "yolo": ("yolo", AREAS),
    "voc": ("voc_detection", AREAS),
    "cvat": ("cvat", ALL),
    "datumaro": ("datumaro", ALL),
}


def check(checks):
    checks.run("coco, pycocotools", "coco", lambda folder: check_coco(checks, folder))
    for name, (called, kinds) in DATUMARO.items():
        checks.run(f"{name}, datumaro", name, lambda folder: check_datumaro(checks, folder, called, kinds))
    checks.run("yolo, rows", "yolo", lambda folder: check_yolo(checks, folder, 4))
    checks.run("yolo-seg, rows", "yolo-seg", lambda folder: check_yolo(checks, folder, None))


def check_coco(checks, folder):
    from pycocotools.coco import COCO

    pictures = regions = 0
    for split in sorted({picture["split"] for picture in checks.pictures}):
        with contextlib.redirect_stdout(io.StringIO()):
            coco = COCO(folder / "annotations" / f"instances_{split}.json")
        by_path = {picture["path"]: picture for picture in checks.pictures if picture["split"] == split}
        same(sorted(image["file_name"] for image in coco.imgs.values()), sorted(by_path), split)
        for image in coco.imgs.values():
            picture = by_path[image["file_name"]]
            what = f"{split}/{picture['path']}"
            assert (folder / "images" / split / picture["path"]).is_file(), f"{what} has no file"
            same((image["width"], image["height"]), (picture["width"], picture["height"]), what)
            annotations = coco.loadAnns(coco.getAnnIds(imgIds=image["id"]))
            found = [(coco.cats[one["category_id"]]["name"], one["bbox"]) for one in annotations]
            compare_boxes(found, picture, AREAS, what)
            areas = [region["area"] for region in picture["regions"] if region["type"] in AREAS]
            near([one["area"] for one in annotations], areas, f"{what}, areas", 1)
            for one, region in zip(annotations, [region for region in picture["regions"] if region["type"] in AREAS]):
                # A mask is made of whole pixels, so it may differ by some of those that the outline goes through. Outlines
                # that cross themselves have no area that two programs agree upon.
                mask = float(coco.annToMask(one).sum())
                if one["area"] > 1000:
                    outline = 2 * (region["bbox"][2] + region["bbox"][3])
                    ratio = abs(mask - region["area"]) / (0.05 * region["area"] + outline)
                    assert ratio < 1, f"{what}: the mask has {mask} pixels, the region {region['area']}"
            pictures, regions = pictures + 1, regions + len(annotations)
    same(regions, len(checks.regions(AREAS)), "regions")
    return f"{pictures} pictures, {regions} regions"


def check_datumaro(checks, folder, called, kinds):
    import datumaro

    dataset = datumaro.Dataset.import_from(str(folder), called)
    labels = dataset.categories()[datumaro.AnnotationType.label]
    expected = {(picture["split"], without_extension(picture["path"])): [] for picture in checks.pictures}
    for picture in checks.pictures:
        expected[picture["split"], without_extension(picture["path"])].append(picture)
    pictures = regions = 0
    renamed = []
    for item in dataset:
        found = [(labels[one.label].name, list(one.get_bbox())) for one in item.annotations if hasattr(one, "get_bbox")]
        candidates = expected.get((item.subset, item.id))
        pictures, regions = pictures + 1, regions + len(found)
        if candidates:
            fits(found, candidates, kinds, f"{item.subset}/{item.id}")
        else:
            renamed.append((item, found))
    # What differs in the extension only has another name.
    left = [picture for pictures in expected.values() for picture in pictures]
    for item, found in renamed:
        fits(found, left, kinds, f"{item.subset}/{item.id}")
    same(pictures, len(checks.pictures), "pictures")
    same(regions, len(checks.regions(kinds)), "regions")
    return f"{pictures} pictures, {regions} regions, {len(renamed)} with another name"


def without_extension(path):
    return str(PurePosixPath(path).with_suffix(""))


def fits(found, candidates, kinds, what):
    """Takes away the candidate whose regions these are."""
    problem = f"{what} is no picture"
    for candidate in candidates:
        try:
            compare_boxes(found, candidate, kinds, what)
        except AssertionError as error:
            problem = error
            continue
        candidates.remove(candidate)
        return
    raise AssertionError(problem)


def check_yolo(checks, folder, columns):
    """The rows of labels as trainers read them: a class, and numbers from 0 to 1."""
    import yaml

    names = yaml.safe_load((folder / "data.yaml").read_text())["names"]
    rows = 0
    for file in sorted((folder / "labels").rglob("*.txt")):
        for row in file.read_text().splitlines():
            number, *numbers = row.split()
            assert int(number) in names, f"{file}: no class {number}"
            numbers = [float(one) for one in numbers]
            assert all(0 <= one <= 1 for one in numbers), f"{file}: {row}"
            assert len(numbers) == columns if columns else len(numbers) >= 6 and len(numbers) % 2 == 0, f"{file}: {row}"
            rows += 1
    same(set(names.values()) >= set(checks.counts(AREAS)), True, "names")
    same(rows, len(checks.regions(AREAS)), "rows")
    return f"{rows} rows"
