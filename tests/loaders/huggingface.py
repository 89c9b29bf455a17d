"""What the `datasets` library of Hugging Face loads."""

import json
import tempfile

from expected import compare_boxes, same


def check(checks):
    checks.run("imagefolder, datasets", "imagefolder", lambda folder: check_imagefolder(checks, folder))
    checks.run("webdataset, datasets", "webdataset", lambda folder: check_webdataset(checks, folder))
    checks.run("parquet, datasets", "pictures.parquet", lambda file: check_parquet(checks, file))


def load(*arguments, **named):
    import datasets

    datasets.disable_progress_bars()
    # What is prepared is thrown away, so that nothing old is taken for the export.
    with tempfile.TemporaryDirectory() as cache:
        loaded = datasets.load_dataset(*arguments, cache_dir=cache, **named)
        return {split: list(rows) for split, rows in loaded.items()}


def split_of(name):
    """The library has its own name for one part of the split."""
    return {"validation": "val"}.get(name, name)


def check_imagefolder(checks, folder):
    found = load("imagefolder", data_dir=str(folder))
    pictures = regions = 0
    for split, rows in found.items():
        expected = [picture for picture in checks.pictures if picture["split"] == split_of(split)]
        same(len(rows), len(expected), f"{split}, pictures")
        # Pictures come in the order of files, of which rows say nothing but the size.
        left = list(expected)
        for row in rows:
            objects = json.loads(row["objects"]) if isinstance(row["objects"], str) else row["objects"]
            boxes = list(zip(objects["categories"], objects["bbox"]))
            pictures, regions = pictures + 1, regions + len(boxes)
            same_size = [one for one in left if (one["width"], one["height"]) == (row["width"], row["height"])]
            left.remove(first_that_fits(boxes, same_size, split))
    same(regions, len(checks.regions(["bbox", "polygon"])), "regions")
    return f"{pictures} pictures, {regions} boxes"


def first_that_fits(boxes, candidates, what):
    problem = f"{what}: no picture has this size"
    for candidate in candidates:
        try:
            compare_boxes(boxes, candidate, ["bbox", "polygon"], what)
            return candidate
        except AssertionError as error:
            problem = error
    raise AssertionError(problem)


def check_webdataset(checks, folder):
    import datasets

    splits = sorted({picture["split"] for picture in checks.pictures})
    files = {split: [str(file) for file in sorted(folder.glob(f"{split}-*.tar"))] for split in splits}
    pictures = 0
    for split, shards in files.items():
        with tempfile.TemporaryDirectory() as cache:
            rows = datasets.load_dataset("webdataset", data_files={split: shards}, cache_dir=cache, streaming=True)[split]
            found = [(row["__key__"], row["json"]) for row in rows]
        same(len({key for key, _ in found}), len(found), f"{split}, keys")
        expected = {picture["id"]: len(picture["regions"]) for picture in checks.pictures if picture["split"] == split}
        same({said["id"]: len(said["regions"]) for _, said in found}, expected, f"{split}, samples")
        pictures += len(found)
    return f"{pictures} pictures"


def check_parquet(checks, file):
    rows = load("parquet", data_files=str(file))["train"]
    same(len(rows), len(checks.pictures), "rows")
    for row, picture in zip(rows, checks.pictures):
        boxes = [(one["object"], [one["x"], one["y"], one["w"], one["h"]]) for one in row["regions"]]
        compare_boxes(boxes, picture, ["bbox", "polygon", "polyline", "point"], picture["path"])
        same(row["licences"], picture["licences"], f"{picture['path']}, licences")
    return f"{len(rows)} rows"
