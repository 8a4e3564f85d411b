#!/usr/bin/env python3
"""How long Debian's adb and Lifeboat take for the same phone, and how much memory Lifeboat needs.

    time_against_adb.py LIFEBOAT_BIN [--contacts 10000] [--events 5000] [--rounds 2] [--memory 100000]

adb asks the seven tables one after the other into files (private server port); Lifeboat does the whole
rescue; the rounds alternate, so that a slow minute of the machine meets both. The first warms the handset's cache, so that the handset is not the bottleneck.
"""
import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
URIS = ["content://com.android.contacts/raw_contact_entities", "content://com.android.contacts/groups"] + [
    "content://com.android.calendar/" + t for t in ("calendars", "events", "reminders", "attendees", "extendedproperties")]


def start_peer(port, extra):
    p = subprocess.Popen([sys.executable, os.path.join(HERE, "peer.py"), "--port", str(port)] + extra, stdout=subprocess.PIPE, text=True)
    if not p.stdout.readline().startswith("handset"):
        raise SystemExit("the handset did not start")
    return p


def adb_round(port, folder, env):
    adb = ["adb", "-s", "127.0.0.1:%d" % port]
    start = time.monotonic()
    sizes = {}
    for uri in URIS:
        name = os.path.join(folder, uri.rsplit("/", 1)[1])
        t = time.monotonic()
        with open(name, "wb") as f:
            subprocess.run(adb + ["shell", "content query --uri " + uri], stdout=f, env=env, check=True)
        sizes[uri.rsplit("/", 1)[1]] = (os.path.getsize(name), time.monotonic() - t)
    return time.monotonic() - start, sizes


def lifeboat_round(binary, port, folder, only=None):
    start = time.monotonic()
    pid = os.fork()
    if pid == 0:
        with open(os.path.join(folder, "json"), "wb") as out, open(os.path.join(folder, "err"), "wb") as err:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            os.execv(binary, [binary, "rescue", "--adb", "127.0.0.1:%d" % port, "--to", os.path.join(folder, "out"), "--json"]
                     + (["--only", only] if only else []))
    _, status, usage = os.wait4(pid, 0)
    return time.monotonic() - start, os.waitstatus_to_exitcode(status), usage


def measure(a, hostile, work, env):
    """Rounds of one owner, side by side; prints each and the median ratio."""
    name = "an awkward owner" if hostile else "an ordinary owner"
    print("== %s: %d contacts, %d events, %s bytes a second, %s s of one of %d cores a start" %
          (name, a.contacts, a.events, a.rate, a.content_start, a.cores), flush=True)
    peer = start_peer(a.port, ["--contacts", str(a.contacts), "--events", str(a.events), "--rate", a.rate, "--content-start", a.content_start,
                               "--cores", str(a.cores)] + ([] if hostile else ["--ordinary"]))
    folder = os.path.join(work, "awkward" if hostile else "ordinary")
    os.mkdir(folder)
    try:
        if not a.no_adb:
            subprocess.run(["adb", "connect", "127.0.0.1:%d" % a.port], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(0.5)
        ratios = []
        for k in range(a.rounds + 1):
            note = "(warms up)" if k == 0 else ""
            # No folder is removed, here or shortly before: ext4 skips each inode that was freed in the last half minute
            # (recently_deleted), which adds some 3 s of system time to the creation of 10,000 files.
            os.sync()
            adb_seconds = None
            if not a.no_adb:
                adb_seconds, sizes = adb_round(a.port, folder, env)
                total = sum(s for s, _ in sizes.values())
                print("adb       round %d: %6.2f s, %.1f MB" % (k, adb_seconds, total / 1e6), note, flush=True)
                os.sync()
            to = os.path.join(folder, "r%d" % k)
            os.mkdir(to)
            seconds, rc, usage = lifeboat_round(a.binary, a.port, to, a.only)
            print("lifeboat  round %d: %6.2f s, rc %d, user %.2f s, sys %.2f s, peak %.0f MB" %
                  (k, seconds, rc, usage.ru_utime, usage.ru_stime, usage.ru_maxrss / 1024), note, flush=True)
            if adb_seconds and k > 0:
                ratios.append(seconds / adb_seconds)
        if ratios:
            ratios.sort()
            print("ratio lifeboat / adb, %s, of the rounds side by side: median %.2f (%s)" %
                  (name, ratios[len(ratios) // 2], ", ".join("%.2f" % r for r in ratios)), flush=True)
        if not a.no_adb:
            subprocess.run(["adb", "disconnect", "127.0.0.1:%d" % a.port], env=env, stdout=subprocess.DEVNULL)
    finally:
        peer.terminate()
        peer.wait()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("binary")
    p.add_argument("--contacts", type=int, default=10000)
    p.add_argument("--events", type=int, default=5000)
    p.add_argument("--rounds", type=int, default=2)
    p.add_argument("--port", type=int, default=5633)
    p.add_argument("--rate", default="35000000")
    p.add_argument("--content-start", default="0.3", help="seconds of one core that a start of content takes")
    p.add_argument("--cores", type=int, default=4)
    p.add_argument("--memory", type=int, default=0, help="also peak memory with this many contacts (no adb)")
    p.add_argument("--no-adb", action="store_true")
    p.add_argument("--only", help="the collections that Lifeboat rescues, such as contacts,calendar: those whose tables adb reads; "
                                  "without it, everything")
    p.add_argument("--owner", choices=["ordinary", "awkward", "both"], default="both",
                   help="awkward: with values that the content tool prints ambiguously")
    a = p.parse_args()
    work = tempfile.mkdtemp(prefix="peer-time-")
    env = dict(os.environ, ANDROID_ADB_SERVER_PORT="5437", HOME=work)
    os.environ["HOME"] = work
    try:
        for owner in ["ordinary", "awkward"]:
            if a.owner in (owner, "both"):
                measure(a, owner == "awkward", work, env)
    finally:
        if not a.no_adb:
            subprocess.run(["adb", "kill-server"], env=env)
    if a.memory:
        ordinary = [] if a.owner == "awkward" else ["--ordinary"]
        peer = start_peer(a.port + 1, ["--contacts", str(a.memory), "--events", "5000", "--content-start", "0.3"] + ordinary)
        try:
            folder = os.path.join(work, "mem")
            os.mkdir(folder)
            seconds, rc, usage = lifeboat_round(a.binary, a.port + 1, folder)
            print("lifeboat  %d contacts: %.1f s, rc %d, user %.1f s, peak %.0f MB" % (a.memory, seconds, rc, usage.ru_utime, usage.ru_maxrss / 1024))
        finally:
            peer.terminate()
            peer.wait()
    print("left in", work)


if __name__ == "__main__":
    main()
