"""Reads an export with the libraries that people use, and prints its samples as JSON lines:
[milliseconds, metric, {labels}, value as text]."""

import datetime
import json
import sys

form, path = sys.argv[1:]


def say(at, metric, labels, value):
    # As text: readers of JSON may be off by a bit where it has many digits.
    print(json.dumps([at, metric, labels, repr(float(value))]))


def millis(text):
    moment = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc)
    return round(moment.timestamp() * 1000)


if form == "csv":
    import csv

    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            say(millis(row["timestamp"]), row["metric"], json.loads(row["labels"]), float(row["value"]))
elif form == "json":
    with open(path, encoding="utf-8") as file:
        for row in map(json.loads, file):
            say(millis(row["timestamp"]), row["metric"], row["labels"], row["value"])
elif form == "openmetrics":
    from prometheus_client.openmetrics.parser import text_fd_to_metric_families

    with open(path, encoding="utf-8") as file:
        for family in text_fd_to_metric_families(file):
            assert family.type == "gauge", family
            for sample in family.samples:
                labels = dict(sample.labels)
                assert labels.pop("host") == "web-1", sample
                say(round(float(sample.timestamp) * 1000), family.name.replace("_", "."), labels, sample.value)
elif form == "parquet":
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(path)
    assert str(table.schema.field("timestamp").type) == "timestamp[ms, tz=UTC]", table.schema
    at = table.column("timestamp").cast("int64").to_pylist()
    columns = [table.column(name).to_pylist() for name in ("metric", "labels", "value")]
    for at, metric, labels, value in zip(at, *columns):
        say(at, metric, json.loads(labels), value)
