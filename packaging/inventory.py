#!/usr/bin/env python3
"""What is linked into a binary of Lifeboat, from Cargo's own account of it.

    inventory.py notices TARGET    the licences of all of it, as text
    inventory.py sbom TARGET       a CycloneDX 1.5 bill of materials, as JSON

The same commit gives the same bytes on every machine: no path, no time but SOURCE_DATE_EPOCH."""

import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import tomllib
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent
# What crates call the files that hold their terms.
TERMS = re.compile(r"^(licen[sc]e|copying|copyright|notice|unlicense)", re.IGNORECASE)
RULE = "=" * 78


def linked(target):
    """The packages that end up in the binary: no build scripts' and no macros' own; and who needs whom."""
    told = subprocess.run(
        ["cargo", "metadata", "--locked", "--format-version", "1", "--all-features", "--filter-platform", target],
        cwd=ROOT, check=True, capture_output=True, text=True).stdout
    told = json.loads(told)
    packages = {package["id"]: package for package in told["packages"]}
    nodes = {node["id"]: node for node in told["resolve"]["nodes"]}

    def is_macro(package):
        return any("proc-macro" in made["kind"] for made in package["targets"])

    needs, todo = {}, [told["resolve"]["root"]]
    while todo:
        one = todo.pop()
        if one in needs:
            continue
        needs[one] = [
            dep["pkg"] for dep in nodes[one]["deps"]
            if any(kind["kind"] is None for kind in dep["dep_kinds"]) and not is_macro(packages[dep["pkg"]])]
        todo += needs[one]
    root = packages[told["resolve"]["root"]]
    others = [packages[one] for one in needs if one != root["id"]]
    others.sort(key=lambda package: (package["name"], package["version"]))
    return root, others, {packages[one]["id"]: [packages[dep] for dep in deps] for one, deps in needs.items()}


def folder(package):
    return pathlib.Path(package["manifest_path"]).parent


def named(packages, name):
    return next(package for package in packages if package["name"] == name)


def define(path, name):
    return re.search(rf'#define\s+{name}\s+"?([^"\s]+)"?', path.read_text(errors="replace")).group(1)


def in_c(packages):
    """The C libraries that crates bring along: their name, version, licence, page and text."""
    libusb = folder(named(packages, "libusb1-sys")) / "libusb"
    sqlite = folder(named(packages, "libsqlite3-sys")) / "sqlite3" / "sqlite3.h"
    numbers = libusb / "libusb" / "version.h"
    version = ".".join(define(numbers, f"LIBUSB_{part}") for part in ("MAJOR", "MINOR", "MICRO"))
    relink = (ROOT / "packaging" / "RELINK.txt").read_text()
    return [
        ("libusb", version, "LGPL-2.1-or-later", "https://libusb.info",
         relink + "\n" + (libusb / "COPYING").read_text(errors="replace")),
        ("sqlite", define(sqlite, "SQLITE_VERSION"), "blessing", "https://sqlite.org",
         "SQLite is in the public domain: https://sqlite.org/copyright.html\n"),
    ]


def compilers(target):
    """What compilers add: the standard library of Rust, and the run-time of C."""
    text = "The standard library of Rust, MIT OR Apache-2.0: https://github.com/rust-lang/rust\n"
    if "windows" in target:
        for package in ("mingw-w64-common", "gcc-mingw-w64-base"):
            terms = pathlib.Path(f"/usr/share/doc/{package}/copyright")
            text += f"\n{RULE}\nThe C run-time of MinGW-w64 ({package})\n\n{terms.read_text(errors='replace')}"
    else:
        text += "\nThe run-time of LLVM (compiler-rt, libunwind), Apache-2.0 WITH LLVM-exception: https://llvm.org\n"
    return text


def notices(target):
    root, packages, _ = linked(target)
    print(f"What {root['name']} {root['version']} for {target} contains besides its own code, and on which terms.\n")
    print("Summary\n")
    libraries = in_c(packages)
    for name, version, licence, _, _ in libraries:
        print(f"  {name} {version}: {licence}")
    for package in packages:
        print(f"  {package['name']} {package['version']}: {package['license']}")
    for name, version, licence, page, text in libraries:
        print(f"\n{RULE}\n{name} {version} ({licence}), {page}\n\n{text.strip()}")
    # One text stands once, with all who use it; how its lines are broken makes no other text of it.
    users, texts = {}, {}
    for package in packages:
        files = sorted(
            path for path in folder(package).iterdir() if path.is_file() and TERMS.match(path.name))
        label = f"{package['name']} {package['version']}"
        if not files:
            who = ", ".join(package["authors"]) or "see " + (package["repository"] or "its page")
            text = f"{package['license']}. The crate brings no text of its own. Authors: {who}"
            users.setdefault(text, []).append(label)
            texts[text] = text
        for path in files:
            text = path.read_text(errors="replace").replace("\r\n", "\n").strip()
            key = " ".join(text.split())
            if key:
                users.setdefault(key, []).append(label)
                texts.setdefault(key, text)
    for key, labels in sorted(users.items(), key=lambda pair: (pair[1], pair[0])):
        print(f"\n{RULE}\n{', '.join(dict.fromkeys(labels))}\n\n{texts[key]}")
    print(f"\n{RULE}\n{compilers(target).strip()}")


def component(package, sums):
    purl = f"pkg:cargo/{package['name']}@{package['version']}"
    made = {"type": "library", "bom-ref": purl, "name": package["name"], "version": package["version"], "scope": "required"}
    if package["license"]:
        made["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    made["purl"] = purl
    if (package["name"], package["version"]) in sums:
        made["hashes"] = [{"alg": "SHA-256", "content": sums[package["name"], package["version"]]}]
    if package["repository"]:
        made["externalReferences"] = [{"type": "vcs", "url": package["repository"]}]
    return made


def sbom(target):
    root, packages, needs = linked(target)
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text())
    sums = {(one["name"], one["version"]): one["checksum"] for one in lock["package"] if "checksum" in one}
    components = [component(package, sums) for package in packages]
    for name, version, licence, page, _ in in_c(packages):
        components.append({
            "type": "library", "bom-ref": f"pkg:generic/{name}@{version}", "name": name, "version": version,
            "scope": "required", "licenses": [{"license": {"id": licence}}], "purl": f"pkg:generic/{name}@{version}",
            "externalReferences": [{"type": "website", "url": page}]})
    itself = component(root, {}) | {"type": "application"}
    brought = {"libusb1-sys": "libusb", "libsqlite3-sys": "sqlite"}
    refs = {one["name"]: one["bom-ref"] for one in components}
    dependencies = []
    for package in [root, *packages]:
        on = {component(dep, {})["bom-ref"] for dep in needs[package["id"]]}
        if package["name"] in brought:
            on.add(refs[brought[package["name"]]])
        dependencies.append({"ref": component(package, {})["bom-ref"], "dependsOn": sorted(on)})
    when = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
    bill = {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {
            "timestamp": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": itself,
            "properties": [{"name": "cdx:rustc:sbom:target:triple", "value": target}]},
        "components": components, "dependencies": dependencies}
    whole = json.dumps(bill, sort_keys=True)
    bill["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, whole)}"
    print(json.dumps(bill, indent=1, sort_keys=True))


if __name__ == "__main__":
    {"notices": notices, "sbom": sbom}[sys.argv[1]](sys.argv[2])
