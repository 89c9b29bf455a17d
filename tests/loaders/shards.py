"""Shards with the library that they are for."""

from expected import compare_boxes, near, same


def check(checks):
    checks.run("webdataset, webdataset", "webdataset", lambda folder: check_shards(checks, folder))


def check_shards(checks, folder):
    import webdataset

    shards = [str(file) for file in sorted(folder.glob("*.tar"))]
    expected = {picture["id"]: picture for picture in checks.pictures}
    samples = 0
    for sample in webdataset.WebDataset(shards, shardshuffle=False).decode("pil"):
        said = sample["json"]
        picture = expected.pop(said["id"])
        extension = {"image/jpeg": "jpg", "image/png": "png"}[picture["media_type"]]
        # The file may be turned, which its own bytes say.
        same(sorted(sample[extension].size), sorted([picture["width"], picture["height"]]), picture["path"])
        boxes = [(region["object"], region["bbox"]) for region in said["regions"]]
        compare_boxes(boxes, picture, ["bbox", "polygon", "polyline", "point"], picture["path"])
        for region, known in zip(said["regions"], picture["regions"]):
            near(region["points"], known["points"], f"{picture['path']}, corners")
        same(said["licences"], picture["licences"], picture["path"])
        samples += 1
    same(len(expected), 0, "pictures without a sample")
    return f"{samples} samples in {len(shards)} shards"
