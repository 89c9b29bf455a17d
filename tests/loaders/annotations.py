"""Annotation formats: COCO with pycocotools, and whatever Datumaro reads."""

import contextlib
import io
import json
import shutil
import tempfile
import xml.etree.ElementTree
from pathlib import Path, PurePosixPath

from expected import compare_boxes, near, same

AREAS = ["bbox", "polygon"]
ALL = ["bbox", "polygon", "polyline", "point"]

# What Datumaro calls the formats, what of ours it finds in them, and by how many pixels boxes may differ: those of VOC
# are whole numbers that count from 1, which not everybody takes away.
DATUMARO = {
    "coco": ("coco_instances", AREAS, 0.01),
    "yolo": ("yolo", AREAS, 0.01),
    "voc": ("voc_detection", AREAS, 1.51),
    "cvat": ("cvat", ALL, 0.01),
    "datumaro": ("datumaro", ALL, 0.01),
}


def check(checks):
    checks.run("coco, pycocotools", "coco", lambda folder: check_coco(checks, folder))
    for name in DATUMARO:
        checks.run(f"{name}, datumaro", name, lambda folder: check_datumaro(checks, folder, name))
    checks.run("yolo, rows", "yolo", lambda folder: check_yolo(checks, folder, 4))
    checks.run("yolo-seg, rows", "yolo-seg", lambda folder: check_yolo(checks, folder, None))


def check_coco(checks, folder):
    from pycocotools.coco import COCO

    pictures = regions = masks = 0
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
                if one["area"] > 1000 and is_simple(one["segmentation"][0]):
                    # A mask is made of whole pixels, so it may differ by some of those that the outline goes through.
                    difference = abs(float(coco.annToMask(one).sum()) - region["area"])
                    outline = 2 * (region["bbox"][2] + region["bbox"][3])
                    assert difference < 0.02 * region["area"] + outline, f"{what}: the mask is off by {difference} pixels"
                    masks += 1
            pictures, regions = pictures + 1, regions + len(annotations)
    same(regions, len(checks.regions(AREAS)), "regions")
    return f"{pictures} pictures, {regions} regions, {masks} masks"


def is_simple(numbers):
    """Whether an outline neither crosses nor touches itself: two programs agree upon the area of such alone."""
    corners = list(zip(numbers[::2], numbers[1::2]))
    lines = list(zip(corners, corners[1:] + corners[:1]))
    turn = lambda a, b, c: (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    for index, (a, b) in enumerate(lines):
        for other, (c, d) in enumerate(lines[index + 2 :], index + 2):
            if (other + 1) % len(lines) == index:
                continue
            if turn(a, b, c) * turn(a, b, d) <= 0 and turn(c, d, a) * turn(c, d, b) <= 0:
                return False
    return True


def check_datumaro(checks, folder, name):
    import datumaro

    called, kinds, tolerance = DATUMARO[name]
    with tempfile.TemporaryDirectory() as simpler:
        left_out = simplified(checks, folder, name, Path(simpler))
        source = folder if left_out is None else Path(simpler)
        dataset = datumaro.Dataset.import_from(str(source), called)
        labels = dataset.categories()[datumaro.AnnotationType.label]
        items = [(item.subset, item.id, boxes_of(item, labels, name)) for item in dataset]
    pictures = [picture for picture in checks.pictures if not (left_out or never)(picture)]
    expected = {}
    for picture in pictures:
        expected.setdefault((picture["split"], without_extension(picture["path"])), []).append(picture)
    wanted = [picture for several in expected.values() for picture in several]
    same(len(items), len(wanted), "pictures")
    regions, renamed = 0, []
    for split, path, found in items:
        regions += len(found)
        if expected.get((split, path)):
            fits(found, expected[split, path], kinds, f"{split}/{path}", tolerance)
        else:
            renamed.append((f"{split}/{path}", found))
    # What differs in the extension alone has another name.
    left = [picture for several in expected.values() for picture in several]
    for what, found in renamed:
        fits(found, left, kinds, what, tolerance)
    same(regions, sum(region["type"] in kinds for picture in wanted for region in picture["regions"]), "regions")
    return f"{len(items)} of {len(checks.pictures)} pictures, {regions} regions, {len(renamed)} with another name"


def never(picture):
    return False


def boxes_of(item, labels, name):
    """The boxes around what is on a picture. Of a segmentation of COCO it makes two annotations, which are a group."""
    found = [one for one in item.annotations if hasattr(one, "get_bbox")]
    if name == "coco":
        found = list({one.group: one for one in found}.values())
    return [(labels[one.label].name, [float(number) for number in one.get_bbox()]) for one in found]


def simplified(checks, folder, name, to):
    """Puts what Datumaro can read of a format into a folder. Answers what tells the pictures that were left out."""
    if name == "yolo":
        # It looks for pictures in the folders of parts alone, and not below them.
        shutil.copy(folder / "data.yaml", to)
        for file in [*folder.glob("images/*/*"), *folder.glob("labels/*/*")]:
            if file.is_file():
                copy = to / file.relative_to(folder)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, copy)
        return lambda picture: "/" in picture["path"]
    if name not in ["coco", "cvat"]:
        return None
    # Two pictures that differ in the extension alone are an error to it in these.
    seen, doubles = set(), set()
    for picture in checks.pictures:
        key = picture["split"], without_extension(picture["path"])
        (doubles if key in seen else seen).add((picture["split"], picture["path"]) if key in seen else key)
    if name == "cvat":
        document = xml.etree.ElementTree.parse(folder / "annotations.xml")
        root = document.getroot()
        for image in root.findall("image"):
            if (image.get("subset"), image.get("name")) in doubles:
                root.remove(image)
        document.write(to / "annotations.xml", encoding="utf-8")
    else:
        (to / "annotations").mkdir()
        for file in (folder / "annotations").iterdir():
            document = json.loads(file.read_text())
            split = file.stem.removeprefix("instances_")
            images = [image for image in document["images"] if (split, image["file_name"]) not in doubles]
            kept = {image["id"] for image in images}
            document["annotations"] = [one for one in document["annotations"] if one["image_id"] in kept]
            (to / "annotations" / file.name).write_text(json.dumps(document | {"images": images}))
    (to / "images").symlink_to(folder / "images")
    return lambda picture: (picture["split"], picture["path"]) in doubles


def without_extension(path):
    return str(PurePosixPath(path).with_suffix(""))


def fits(found, candidates, kinds, what, tolerance):
    """Takes away the candidate whose regions these are."""
    problem = f"{what} is no picture"
    for candidate in candidates:
        try:
            compare_boxes(found, candidate, kinds, what, tolerance)
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
