#!/usr/bin/env python3
"""archive.py FOLDER ARCHIVE: packs a folder, as a .tar.gz or a .zip by the archive's name.

The same files give the same bytes: sorted, owned by root, all of one time (SOURCE_DATE_EPOCH)."""

import gzip
import os
import pathlib
import sys
import tarfile
import time
import zipfile

folder, archive = map(pathlib.Path, sys.argv[1:])
epoch = int(os.environ["SOURCE_DATE_EPOCH"])
paths = [folder, *sorted(folder.rglob("*"))]


def mode(path):
    return 0o755 if path.is_dir() or os.access(path, os.X_OK) and path.stat().st_mode & 0o100 else 0o644


def name(path):
    return path.relative_to(folder.parent).as_posix()


if archive.suffix == ".zip":
    moment = time.gmtime(epoch)[:6]
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path in paths:
            entry = zipfile.ZipInfo(name(path) + "/" * path.is_dir(), moment)
            entry.external_attr = (mode(path) | (0o040000 if path.is_dir() else 0o100000)) << 16
            entry.create_system = 3
            entry.compress_type = zipfile.ZIP_STORED if path.is_dir() else zipfile.ZIP_DEFLATED
            packed.writestr(entry, b"" if path.is_dir() else path.read_bytes())
else:
    with open(archive, "wb") as raw, \
            gzip.GzipFile("", "wb", 9, raw, mtime=epoch) as squeezed, \
            tarfile.open(fileobj=squeezed, mode="w", format=tarfile.PAX_FORMAT) as packed:
        for path in paths:
            entry = packed.gettarinfo(path, name(path))
            entry.uid = entry.gid = 0
            entry.uname = entry.gname = "root"
            entry.mtime, entry.mode = epoch, mode(path)
            if path.is_dir():
                packed.addfile(entry)
            else:
                with open(path, "rb") as content:
                    packed.addfile(entry, content)
