#!/usr/bin/env python3
"""same-files.py ONE OTHER: checks that two rescues of one practice phone, made on one day by two systems, are equal.

It compares all of data/ byte for byte, the records and the phone's replies in the journal, and the log without its times.
Replies to requests that run at the same time may come in any order. A slower program reads in smaller batches, and so
takes a second look at fewer rows at a time: these replies are not compared."""

import gzip
import pathlib
import re
import sqlite3
import sys

ITS_OWN = {"lifeboat.sqlite", "log.txt"}
# When, how long it took, how fast it went, and where it lies: each rescue's own.
MOMENT = re.compile(
    r"^\d{4}-\d\d-\d\dT[\d:.]+Z|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z|\b\d+(?:[.,]\d+)? (?:ms|s|seconds?|minutes?|%|[kM]B/s)(?![\w])")

# What the phone's clock says is asked for, and kept.
CLOCK = "date +%s"
# A second look names the rows that it asks for.
SECOND_LOOK = re.compile(r"\bIN \(\d+[,)]")


def files(bag):
    data = pathlib.Path(bag) / "data"
    return {path.relative_to(data).as_posix(): path for path in data.rglob("*") if path.is_file()}


def journal(path):
    with sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True) as db:
        records = db.execute("SELECT collection, place, key, kind, json FROM record ORDER BY 1, 2, 3").fetchall()
        raw = {}
        for collection, reply, _, request, packed in db.execute(
                "SELECT collection, reply, part, request, gzip FROM raw ORDER BY 1, 2, 3"):
            raw.setdefault((collection, reply, request), []).append(gzip.decompress(packed))
        return records, sorted((key[0], key[2], b"".join(parts)) for key, parts in raw.items()
                               if key[2] != CLOCK and not SECOND_LOOK.search(key[2] or ""))


def log(path):
    return sorted(MOMENT.sub("~", line) for line in path.read_text().splitlines())


one, other = map(files, sys.argv[1:])
wrong = [f"only one of them has {name}" for name in sorted(one.keys() ^ other.keys())]
both = sorted(one.keys() & other.keys())
if not set(both) - ITS_OWN:
    wrong.append("there is nothing to compare")
for name in both:
    if name not in ITS_OWN and one[name].read_bytes() != other[name].read_bytes():
        wrong.append(f"{name} differs")
if ITS_OWN <= set(both):
    for what, ours, theirs in zip(
            ("records", "replies"), journal(one["lifeboat.sqlite"]), journal(other["lifeboat.sqlite"])):
        if ours != theirs:
            wrong.append(f"the journal's {what} differ")
            wrong += [f"  {str(a)[:200]}\n  {str(b)[:200]}" for a, b in zip(ours, theirs) if a != b][:3]
            wrong.append(f"  {len(ours)} and {len(theirs)}")
    ours, theirs = log(one["log.txt"]), log(other["log.txt"])
    if ours != theirs:
        wrong.append("the log differs")
        wrong += [f"  {a[:200]}\n  {b[:200]}" for a, b in zip(ours, theirs) if a != b][:5]
else:
    wrong.append("there is no journal or no log")
print("\n".join(wrong) if wrong else f"{len(both)} files are the same")
sys.exit(bool(wrong))
