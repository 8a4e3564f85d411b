"""Simulates a power cut of a disk. The kernel's `log-writes` target logs all writes to a disk. A write that is only in
the disk's own memory enters the log with the next flush (kernel:
Documentation/admin-guide/device-mapper/log-writes.rst). So the log up to any entry gives the disk's contents
after a power cut at that entry.

    power.py tell DEVICE TOLD PROGRAM…    runs a rescue; marks in the log where data was reported as safe
    power.py moments LOG SPREAD           prints where to cut: at each mark, and at SPREAD flushes; `ENTRY TOLD` each
    power.py cut LOG ENTRY DISK           writes the disk's contents after this entry to DISK
    power.py kept FOLDER SMOOTH TOLD N    checks that a disk holds everything reported up to the N-th line
"""
import filecmp, os, pathlib, re, shutil, signal, sqlite3, struct, subprocess, sys, tempfile

# drivers/md/dm-log-writes.c
MAGIC, FLUSH, FUA, DISCARD, MARK = 0x6A736677736872, 1, 2, 4, 8
SECTOR = 512
# Progress such as "Contacts   9 saved" or "Files      1.0 MB of 1.2 MB saved", and the headline.
SAFE = re.compile(r"^.{10} \d[^,]* saved$|is safe\.")
# The collections in a progress line, and their names in the journal.
KINDS = {"Contacts": ("contacts", "contact"), "SIM card": ("sim", "contact"), "Calendar": ("calendar", "event"),
         "To-dos": ("todos", "todo"), "Calls": ("calls", "call"), "Messages": ("messages", "message")}


def tell(device, told, *program):
    rescue = subprocess.Popen(program, stderr=subprocess.PIPE, text=True)
    with open(told, "w") as lines:
        for line in rescue.stderr:
            print(line, end="", flush=True)
            if SAFE.search(line):
                # The rescue is stopped here, so that a later sync can't help the data that it has just reported.
                os.kill(rescue.pid, signal.SIGSTOP)
                print(line, end="", file=lines, flush=True)
                subprocess.run(["dmsetup", "message", device, "0", "mark", "told"], check=True)
                os.kill(rescue.pid, signal.SIGCONT)
    sys.exit(rescue.wait())


def entries(log):
    """Yields the log's entries in order: place on the disk, length, flags, place of the bytes in the log, and text."""
    magic, _, count, sector = struct.unpack("<QQQI", os.pread(log, 28, 0))
    assert (magic, sector) == (MAGIC, SECTOR), "it is no such log"
    at = SECTOR
    for _ in range(count):
        to, sectors, flags, length = struct.unpack("<QQQQ", os.pread(log, 32, at))
        text = os.pread(log, length, at + 32) if flags & MARK else b""
        at += SECTOR
        yield to * SECTOR, 0 if flags & DISCARD else sectors * SECTOR, flags, at, text
        at += 0 if flags & DISCARD else sectors * SECTOR


def moments(log, spread):
    told, flushes = 0, []
    for number, (_, _, flags, _, text) in enumerate(entries(os.open(log, os.O_RDONLY)), 1):
        if text == b"told":
            told += 1
            print(number, told)
        elif flags & (FLUSH | FUA):
            flushes.append((number, told))
    count = min(int(spread), len(flushes))
    for place in range(count):
        print(*flushes[place * len(flushes) // count])


def cut(log, entry, disk):
    log, disk = os.open(log, os.O_RDONLY), os.open(disk, os.O_WRONLY)
    for number, (to, length, _, at, _) in enumerate(entries(log), 1):
        if number > int(entry):
            break
        while length > 0:
            copied = os.pwrite(disk, os.pread(log, min(length, 1 << 20), at), to)
            at, to, length = at + copied, to + copied, length - copied


def kept(folder, smooth, told, count):
    lines = open(told).read().splitlines()[: int(count)]
    found = [path.parent for path in pathlib.Path(folder).glob("*/data")]
    if not found:
        sys.exit(f"no rescue is there, and this was told: {lines}" if lines else 0)
    journal = found[0] / "data/lifeboat.sqlite"
    records = {}
    if lines or journal.exists():
        try:
            # A copy of the journal is opened, because opening it changes it.
            copy = pathlib.Path(tempfile.mkdtemp())
            for part in journal.parent.glob("lifeboat.sqlite*"):
                shutil.copy(part, copy)
            database = sqlite3.connect(copy / journal.name)
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",), "the journal is damaged"
            records = {row[:2]: row[2] for row in database.execute("SELECT collection, kind, count(*) FROM record GROUP BY 1, 2")}
        except sqlite3.Error as error:
            if lines:
                sys.exit(f"the journal can't be read ({error}), and this was told: {lines}")
    photos = lambda rescue: {p.relative_to(rescue): p for p in rescue.glob("data/photos/**/*") if p.is_file()}
    ours, wanted = photos(found[0]), photos(next(pathlib.Path(smooth).glob("*")))
    for name, path in ours.items():
        assert filecmp.cmp(path, wanted[name], shallow=False), f"{name} is there, and not whole"
    for line in lines:
        title, number = line[:10].strip(), line[10:].split()[:1]
        if title in KINDS:
            assert records.get(KINDS[title], 0) >= int(number[0]), f"told: {line}; there are {records}"
        elif title == "Files":
            assert ours.keys() == wanted.keys(), f"told: {line}; there are {len(ours)} of {len(wanted)}"
        else:
            assert (found[0] / "tagmanifest-sha256.txt").exists(), f"told: {line}; it is not sealed"


{"tell": tell, "moments": moments, "cut": cut, "kept": kept}[sys.argv[1]](*sys.argv[2:])
