"""Tables with the programs that people open them with."""

import json

from expected import compare_boxes, near, same

ALL = ["bbox", "polygon", "polyline", "point"]


def check(checks):
    checks.run("parquet, pyarrow", "pictures.parquet", lambda file: check_parquet(checks, file))
    checks.run("parquet, pandas", "pictures.parquet", lambda file: check_frame(checks, file))
    checks.run("xlsx, openpyxl", "pictures.xlsx", lambda file: check_workbook(checks, file))
    checks.run("csv, pandas", "pictures.csv", lambda file: check_table(checks, file))
    checks.run("jsonl", "pictures.jsonl", lambda file: check_lines(checks, file))


def check_parquet(checks, file):
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(file)
    same(table.num_rows, len(checks.pictures), "rows")
    times = [field for field in table.schema if pyarrow.types.is_timestamp(field.type)]
    assert all(field.type == pyarrow.timestamp("ms", tz="UTC") for field in times), times
    for row, picture in zip(table.to_pylist(), checks.pictures):
        same((row["width"], row["height"]), (picture["width"], picture["height"]), picture["path"])
        boxes = [(one["object"], [one["x"], one["y"], one["w"], one["h"]]) for one in row["regions"]]
        compare_boxes(boxes, picture, ALL, picture["path"])
        for one, region in zip(row["regions"], picture["regions"]):
            near(one["points"], region["points"], f"{picture['path']}, corners")
        same(row["licences"], picture["licences"], f"{picture['path']}, licences")
    return f"{table.num_rows} rows, {table.num_columns} columns"


def check_frame(checks, file):
    import pandas

    frame = pandas.read_parquet(file)
    same(frame["id"].tolist(), [picture["id"] for picture in checks.pictures], "ids")
    same(frame["regions"].map(len).sum(), len(checks.regions(ALL)), "regions")
    return f"{len(frame)} rows"


def check_workbook(checks, file):
    import openpyxl

    book = openpyxl.load_workbook(file, read_only=True)
    same(book.sheetnames[0], "Pictures", "the first sheet")
    tables = {name: [] for name in ["Pictures", "Regions", "Licences"]}
    for sheet in book:
        rows = list(sheet.iter_rows())
        assert not any(cell.data_type == "f" for row in rows for cell in row), f"{sheet.title} has a formula"
        names = [cell.value for cell in rows[0]]
        tables[sheet.title.split()[0]] += [dict(zip(names, [cell.value for cell in row])) for row in rows[1:]]
    same([row["id"] for row in tables["Pictures"]], [picture["id"] for picture in checks.pictures], "ids")
    by_picture = {}
    for row in tables["Regions"]:
        by_picture.setdefault(row["picture"], []).append((row["object"], [row[side] for side in "xywh"]))
    for picture in checks.pictures:
        compare_boxes(by_picture.get(picture["id"], []), picture, ALL, picture["path"])
    licences = {licence for picture in checks.pictures for licence in picture["licences"]}
    same({row["licence"] for row in tables["Licences"]}, licences, "licences")
    return f"{len(tables['Pictures'])} pictures, {len(tables['Regions'])} regions, {len(licences)} licences"


def check_table(checks, file):
    import pandas

    frame = pandas.read_csv(file)
    same(frame["id"].tolist(), [picture["id"] for picture in checks.pictures], "ids")
    same(frame["region_count"].tolist(), [len(picture["regions"]) for picture in checks.pictures], "region counts")
    return f"{len(frame)} rows"


def check_lines(checks, file):
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    same([row["id"] for row in rows], [picture["id"] for picture in checks.pictures], "ids")
    same([len(row["regions"]) for row in rows], [len(picture["regions"]) for picture in checks.pictures], "regions")
    return f"{len(rows)} rows"
