#!/usr/bin/env python3
"""An Android handset speaking adbd's side of ADB over TCP, for judging readers from outside.

Read-only by nature: whatever would change a phone is logged as VIOLATION and refused.
Protocol facts: AOSP packages/modules/adb (protocol.md, services.md, sync.md, shell_protocol.h).
"""
import argparse
import base64
import hashlib
import json
import os
import posixpath
import random
import re
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import owner as owner_module                                       # noqa: E402
from providers import Providers, ProviderError                     # noqa: E402

A = {n: struct.unpack("<I", n.encode())[0] for n in ("SYNC", "CNXN", "AUTH", "OPEN", "OKAY", "CLSE", "WRTE", "STLS")}
NAMES = {v: k for k, v in A.items()}
READ_VERBS = {"getprop", "dumpsys", "pm", "appops", "cmd", "date", "settings", "ls", "id", "content", "echo", "cat", "wc", "head", "tail",
              "grep", "true", "false", ":", "am", "stat", "df", "uname", "whoami", "which", "test", "["}
WRITES = {"rm", "mv", "cp", "touch", "mkdir", "rmdir", "ln", "chmod", "chown", "dd", "tee", "setprop", "reboot", "svc", "input", "kill", "killall",
          "su", "wipe", "recovery", "uiautomator", "screenrecord", "screencap", "monkey", "locksettings", "device_config", "sqlite3", "app_process",
          "start", "stop", "setenforce", "mount", "umount", "bu", "bmgr", "requestsync", "tradeinmode", "wm", "ime", "telecom", "truncate", "sed"}


class Log:
    def __init__(self, path):
        self.file = open(path, "a", buffering=1) if path else None
        self.lock, self.start = threading.Lock(), time.time()

    def __call__(self, kind, text, **more):
        line = json.dumps(dict(t=round(time.time() - self.start, 4), kind=kind, text=text, **more), ensure_ascii=False)
        with self.lock:
            if self.file:
                self.file.write(line + "\n")
            if kind == "VIOLATION":
                print("VIOLATION", text, file=sys.stderr, flush=True)


class Cut(Exception):
    """The cable is out."""


# ------------------------------------------------------------------ the phone behind adbd
class Phone:
    def __init__(self, a, log):
        self.a, self.log = a, log
        self.owner = owner_module.from_arguments(a)
        self.files = self._files()
        media = [(p, len(b), m, m, m * 1000, "image/jpeg", 1, posixpath.basename(p)[:-4], posixpath.basename(p), "Camera", "DCIM/Camera/")
                 for p, (mode, m, b) in sorted(self.files.items()) if p.endswith(".jpg")]
        self.users = {0: Providers(self.owner, a.api, samsung=not a.no_samsung, files=media)}
        if a.work_profile:
            self.users[10] = Providers(owner_module.Owner(a.seed + 1, 7, 3, 0, owner_name="Work Me"), a.api, samsung=False)
        self.queries, self.died = 0, 0
        # Each start of `content` boots a Java machine, which occupies one core of the phone.
        self.cores = threading.BoundedSemaphore(a.cores)
        self.lock = threading.Lock()
        release = {16: "4.1.2", 17: "4.2.2", 18: "4.3", 19: "4.4.4", 21: "5.0", 22: "5.1.1", 23: "6.0.1", 24: "7.0", 25: "7.1.1", 26: "8.0.0", 27: "8.1.0",
                   28: "9", 29: "10", 30: "11", 31: "12", 32: "12", 33: "13", 34: "14", 35: "15", 36: "16"}.get(a.api, "14")
        self.props = {
            "ro.build.version.sdk": str(a.api), "ro.build.version.release": release, "ro.product.manufacturer": "samsung", "ro.product.brand": "samsung",
            "ro.product.model": "SM-PEER1", "ro.product.name": "peerxx", "ro.product.device": "peer1", "ro.serialno": "PEER%06d" % a.seed,
            "ro.build.fingerprint": "samsung/peerxx/peer1:%s/TEST/1:user/release-keys" % release, "ro.build.version.security_patch": "2024-05-01",
            "persist.sys.timezone": "Europe/Berlin", "persist.sys.locale": "de-DE", "ro.crypto.state": "encrypted", "ro.crypto.type": "file",
            "sys.boot_completed": "1", "ro.boot.serialno": "PEER%06d" % a.seed, "ro.build.characteristics": "phone", "gsm.sim.state": "READY",
            "ro.build.display.id": "PEER.%d" % a.api, "ro.debuggable": "0", "ro.secure": "1", "sys.user.0.ce_available": "false" if a.locked else "true"}
        if a.locked:
            del self.props["sys.user.0.ce_available"]
        if a.api < 24:
            for k in ("ro.crypto.type", "sys.user.0.ce_available", "persist.sys.locale"):
                self.props.pop(k, None)

    def _files(self):
        r = random.Random(self.a.seed)
        f = {}
        for i in range(12):
            f["/sdcard/DCIM/Camera/IMG_%04d.jpg" % i] = (0o100660, 1700000000 + i * 1000, b"\xff\xd8\xff\xe0" + r.randbytes(20000 + 9000 * i) + b"\xff\xd9")
        f["/sdcard/DCIM/Camera/odd name, \u00FC; x=1.jpg"] = (0o100660, 1700009000, b"\xff\xd8" + r.randbytes(100) + b"\xff\xd9")
        f["/sdcard/Download/kontakte.vcf"] = (0o100660, 1600000000, b"BEGIN:VCARD\r\nVERSION:2.1\r\nN:Alt;Eva\r\nFN:Eva Alt\r\nTEL;CELL:0170\r\nEND:VCARD\r\n")
        f["/sdcard/Documents/empty.txt"] = (0o100660, 1600000001, b"")
        return f

    # paths: /sdcard and its other names
    def real(self, path):
        path = posixpath.normpath(path)
        for alias in ("/storage/emulated/0", "/storage/self/primary", "/mnt/sdcard", "/data/media/0"):
            if path == alias or path.startswith(alias + "/"):
                path = "/sdcard" + path[len(alias):]
        return path

    def stat(self, path):
        p = self.real(path)
        if p.startswith("/sdcard") and self.a.locked:
            return None
        if p in self.files:
            m, t, b = self.files[p]
            return m, len(b), t
        if p in ("/", "/storage", "/storage/emulated") or p == "/sdcard" or any(x.startswith(p + "/") for x in self.files):
            return 0o040771, 4096, 1600000000
        return None

    def listing(self, path):
        p = self.real(path).rstrip("/")
        if self.stat(p or "/") is None:
            return []
        extra = {"": ["sdcard", "storage"], "/storage": ["emulated", "self"], "/storage/emulated": ["0"]}.get(p, [])
        names = sorted({x[len(p) + 1:].split("/")[0] for x in self.files if x.startswith(p + "/")} | set(extra))
        return [(n, self.stat((p or "") + "/" + n) or (0o040771, 4096, 1600000000)) for n in names]

    # -------------------------------------------------------------- commands; each yields (fd, bytes) and returns an exit code
    def run(self, line):
        """mksh, as far as readers need it: quotes, ; && || newline, | and redirections to /dev/null."""
        try:
            script = parse_shell(line)
        except ValueError as e:
            self.log("UNKNOWN", "shell syntax: %s in %s" % (e, line))
            yield 2, ("/system/bin/sh: %s\n" % e).encode()
            return 1
        rc = 0
        for op, pipeline in script:
            if (op == "&&" and rc != 0) or (op == "||" and rc == 0):
                continue
            data = None
            for k, (words, redirects) in enumerate(pipeline):
                words = [w.replace("\0$?", str(rc)) for w in words]
                gen = self.command(words, data)
                last = k == len(pipeline) - 1
                out = []
                rc = 0
                while True:
                    try:
                        fd, chunk = next(gen)
                    except StopIteration as stop:
                        rc = stop.value or 0
                        break
                    for n, target in redirects:
                        if n == fd:
                            fd = target
                    if fd == 0:
                        continue
                    if fd == 1 and not last:
                        out.append(chunk)
                    else:
                        yield fd, chunk
                for n, target in redirects:
                    if target == -1:
                        self.log("VIOLATION", "redirects into a file: " + line)
                data = b"".join(out)
        return rc

    def violation(self, words, why):
        self.log("VIOLATION", why + ": " + " ".join(words))
        yield 2, b"refused: this handset is only to be read\n"
        return 1

    def command(self, w, stdin):
        a = self.a
        if not w:
            return 0
        while w and re.fullmatch(r"[A-Za-z_]\w*=.*", w[0]):
            w = w[1:]
        if not w:
            return 0
        verb = posixpath.basename(w[0])
        self.log("command", " ".join(w))
        line = lambda s: (1, (s + "\n").encode())
        if verb in WRITES:
            return (yield from self.violation(w, "writes"))
        if verb == "content":
            return (yield from self.content(w[1:]))
        if verb in ("cmd", "appops"):
            rest = w[1:] if verb == "cmd" else ["appops"] + w[1:]
            if verb == "cmd" and a.api < 24:
                yield 2, b"/system/bin/sh: cmd: not found\n"
                return 127
            if rest[:1] == ["appops"] and rest[1:2] == ["get"]:
                words = [x for x in rest[2:] if not x.startswith("--")]
                op = words[1] if len(words) > 1 else None
                modes = {"READ_CONTACTS": "ignore" if a.ignore_contacts else "allow", "READ_CALENDAR": "ignore" if a.ignore_calendar else "allow", "READ_SMS": "allow"}
                for o in ([op] if op else list(modes)):
                    if modes.get(o) == "ignore":
                        yield line("%s: ignore; time=+2d3h4m5s6ms ago; rejectTime=+1s2ms ago" % o)
                    elif o in modes:
                        yield line("%s: allow; time=+1h2m3s4ms ago" % o)
                    else:
                        yield line("No operations.")
                return 0
            if rest[:1] == ["appops"] or rest[:1] and rest[0] in ("package", "activity", "content"):
                if rest[1:2] and rest[1] in ("list",):
                    return (yield from self.command(["pm"] + rest[1:], None))
                return (yield from self.violation(w, "may write"))
            self.log("UNKNOWN", " ".join(w))
            yield 2, ("cmd: Can't find service: %s\n" % (rest[0] if rest else "")).encode()
            return 20
        if verb == "settings":
            if w[1:2] and w[1] in ("get", "list"):
                if w[1] == "list":
                    yield line("device_name=Peer's phone")
                else:
                    known = {"device_name": "Peer's phone", "android_id": "%016x" % a.seed, "adb_enabled": "1", "bluetooth_name": "Peer"}
                    yield line(known.get(w[-1], "null"))
                return 0
            return (yield from self.violation(w, "writes settings"))
        if verb == "am":
            if w[1:2] and w[1] in ("get-current-user", "get-started-user-state"):
                yield line("0" if w[1] == "get-current-user" else ("RUNNING_LOCKED" if a.locked else "RUNNING_UNLOCKED"))
                return 0
            return (yield from self.violation(w, "starts or changes something"))
        if verb == "pm":
            if w[1:3] == ["list", "users"] or w[1:3] == ["get-max-users"]:
                yield line("Users:")
                yield line("\tUserInfo{0:Owner:%s} running" % ("c13" if a.api >= 29 else "13"))
                if a.work_profile:
                    yield line("\tUserInfo{10:Work profile:1030} running")
                if a.second_user:
                    yield line("\tUserInfo{11:Anna, {x}:410}")
                return 0
            if w[1:2] == ["list"]:
                for p in ("android", "com.android.shell", "com.android.providers.contacts", "com.android.providers.calendar", "com.whatsapp",
                          "org.dmfs.tasks", "com.samsung.android.app.reminder"):
                    yield line("package:" + p)
                return 0
            if w[1:2] in (["path"], ["dump"]):
                yield line("package:/system/app/x.apk")
                return 0
            return (yield from self.violation(w, "changes packages"))
        if verb == "getprop":
            if len(w) > 1:
                yield line(self.props.get(w[1], w[2] if len(w) > 2 else ""))
            else:
                for k, v in sorted(self.props.items()):
                    yield line("[%s]: [%s]" % (k, v))
            return 0
        if verb == "dumpsys":
            what = w[1] if len(w) > 1 else ""
            if what == "account":
                accounts = [(n, t) for n, t in self.owner.live_accounts]
                yield line("User UserInfo{0:Owner:%s}:" % ("c13" if a.api >= 29 else "13"))
                yield line("  Accounts: %d" % len(accounts))
                for n, t in accounts:
                    yield line("    Account {name=%s, type=%s}" % (n, t))
                yield line("")
                yield line("  Accounts History")
                yield line("  AccountId, Action_Type, timestamp, UID, TableName, Key")
                yield line("  Accounts History")
                yield line("  1,action_account_add,2023-02-03 10:11:12,10045,accounts,0")
                yield line("")
                yield line("  Active Sessions: 0")
                yield line("")
                yield line("  RegisteredServicesCache: 2 services")
                yield line("    ServiceInfo: AuthenticatorDescription {type=com.google}, ComponentInfo{com.google.android.gms/x}, uid 10045")
                return 0
            if what == "battery":
                for s in ("Current Battery Service state:", "  AC powered: false", "  USB powered: true", "  Wireless powered: false", "  status: 2",
                          "  health: 2", "  present: true", "  level: 63", "  scale: 100", "  voltage: 3921", "  temperature: 287", "  technology: Li-ion"):
                    yield line(s)
                return 0
            if what == "isub":
                # SubscriptionManagerService.dump (14 and later), SubscriptionController.dump before
                if a.api >= 34:
                    yield line("Active subscriptions:\n  [SubscriptionInfoInternal: id=3 iccId=89491[****] simSlotIndex=0 portIndex=0 isEmbedded=0 "
                               "isRemovableEmbedded=0 carrierId=1 displayName=Home carrierName=Home isOpportunistic=0]")
                    yield line("\nEmbedded subscriptions: [2]\nAll subscriptions:\n  [SubscriptionInfoInternal: id=2 iccId=89490[****] "
                               "simSlotIndex=-1 portIndex=-1 isEmbedded=1 isRemovableEmbedded=0 carrierId=1 displayName=Travel carrierName= isOpportunistic=0]")
                else:
                    yield line(" ActiveSubInfoList:\n  {id=3 iccId=89491[****] simSlotIndex=0 carrierId=1 displayName=Home carrierName=Home "
                               "nameSource=0 mcc 262 mnc 1mCountryIso=de isEmbedded false nativeAccessRules null}\n++++")
                return 0
            if what == "content":
                # SyncManager.dumpSyncState
                yield line("Data connected: true\nAuto sync: u0=true\nAccounts: %d\n\nSync Status" % len(self.owner.live_accounts))
                for n, t in self.owner.live_accounts:
                    yield line("Account %s u0 %s\n%s" % (n, t, "=" * 71))
                    yield line("Authority                 Syncable  Enabled  Stats    Loc    Poll")
                    yield line("com.android.contacts      1         true     Total    2      0\n%60sToday" % "")
                return 0
            if what in ("package", "user", "trust", "window", "power", "diskstats", "telephony.registry", "activity", "iphonesubinfo"):
                if what == "user":
                    yield line("Users:\n  UserInfo{0:Owner:c13} serialNo=0\n    State: " + ("RUNNING_LOCKED" if a.locked else "RUNNING_UNLOCKED"))
                elif what == "trust":
                    yield line("Trust manager state:\n User \"Owner\" (id=0, flags=0x13) (current): trusted=0, trustManaged=0, deviceLocked=%d" % (1 if a.locked else 0))
                return 0
            self.log("UNKNOWN", " ".join(w))
            yield 2, ("Can't find service: %s\n" % what).encode()
            return 0
        if verb == "date":
            if any(x.startswith("-s") or re.fullmatch(r"\d{8,}(\.\d+)?|@\d+", x) for x in w[1:]):
                return (yield from self.violation(w, "sets the clock"))
            now = int(time.time())
            fmt = next((x[1:] for x in w[1:] if x.startswith("+")), None)
            yield line(time.strftime(fmt.replace("%s", str(now)), time.localtime(now)) if fmt else time.strftime("%a %b %e %H:%M:%S UTC %Y", time.gmtime(now)))
            return 0
        if verb == "id":
            yield line("uid=2000(shell) gid=2000(shell) groups=2000(shell),1004(input),1007(log),1015(sdcard_rw),1028(sdcard_r),3003(inet) context=u:r:shell:s0")
            return 0
        if verb in ("ls", "stat"):
            paths = [x for x in w[1:] if not x.startswith("-")] or ["/"]
            rc = 0
            for p in paths:
                st = self.stat(p)
                if st is None:
                    yield 2, ("ls: %s: No such file or directory\n" % p).encode()
                    rc = 1
                elif st[0] & 0o040000:
                    for n, s in self.listing(p):
                        yield line(n)
                else:
                    yield line(p)
            return rc
        if verb == "echo":
            yield line(" ".join(w[1:]))
            return 0
        if verb in ("true", ":"):
            return 0
        if verb in ("false", "test", "["):
            return 1
        if verb == "whoami":
            yield line("shell")
            return 0
        if verb == "uname":
            yield line("Linux localhost 4.19 aarch64")
            return 0
        if verb in ("cat", "wc", "head", "tail", "grep", "dd"):
            return (yield from self.filter(verb, w, stdin))
        self.log("UNKNOWN", " ".join(w))
        yield 2, ("/system/bin/sh: %s: inaccessible or not found\n" % w[0]).encode()
        return 127

    def filter(self, verb, w, stdin):
        args = [x for x in w[1:]]
        names = [x for x in args if x.startswith("/")]
        if stdin is None:
            stdin = b""
            for n in names:
                f = self.files.get(self.real(n))
                if f is None or self.a.locked:
                    yield 2, ("%s: %s: No such file or directory\n" % (verb, n)).encode()
                    return 1
                stdin += f[2]
        opts = [x for x in args if x not in names]
        joined = " ".join(opts)
        if verb == "wc":
            v = {"-l": stdin.count(b"\n"), "-c": len(stdin)}.get(opts[0] if opts else "", len(stdin))
            yield 1, b"%d\n" % v
        elif verb == "head":
            m = re.search(r"-(c|n)\s*(\d+)", joined)
            n = int(m.group(2)) if m else 10
            yield 1, stdin[:n] if m and m.group(1) == "c" else b"".join(stdin.splitlines(True)[:n])
        elif verb == "tail":
            m = re.search(r"-(c|n)\s*(\+?)(\d+)", joined)
            k, plus, n = (m.group(1), m.group(2), int(m.group(3))) if m else ("n", "", 10)
            seq = stdin if k == "c" else stdin.splitlines(True)
            part = seq[n - 1:] if plus else seq[-n:]
            yield 1, part if k == "c" else b"".join(part)
        elif verb == "grep":
            pat = next((x for x in opts if not x.startswith("-")), "").encode()
            hits = [x for x in stdin.splitlines(True) if pat in x]
            yield 1, b"%d\n" % len(hits) if "-c" in opts else b"".join(hits)
        else:
            yield 1, stdin
        return 0

    # -------------------------------------------------------------- the content tool
    def content(self, w):
        a = self.a
        if not w:
            self.log("query", "(usage)")
            yield 1, b"usage: adb shell content [subcommand] [options]\n"
            return 0
        sub, rest = w[0], w[1:]
        if sub not in ("query", "read", "gettype"):
            return (yield from self.violation(["content"] + w, "content " + sub))
        opts, k = {}, 0

        def usage(message):
            return ("usage: adb shell content [subcommand] [options]\n\n[ERROR] %s\n" % message).encode()
        known = {"--uri", "--user", "--projection", "--where", "--sort"} | ({"--extra"} if a.api >= 30 else set())
        if a.api <= 16:
            known.discard("--user")
        while k < len(rest):
            name = rest[k]
            if name not in known:
                yield 1, usage("Unsupported argument: " + name)
                return 0
            value = rest[k + 1] if k + 1 < len(rest) else ""
            if not value or value.startswith("--"):
                yield 1, usage("No value for argument: " + name)
                return 0
            opts[name] = value
            k += 2
        uri = opts.get("--uri")
        if not uri:
            yield 1, usage("Content provider URI not specified. Did you specify --uri argument?")
            return 0
        user = opts.get("--user", "0")
        user = 0 if user in ("current", "cur") else int(user) if user.isdigit() else -1
        with self.cores:
            time.sleep(a.content_start)
        m = re.match(r"content://([^/?#]*)/?([^?#]*)", uri)
        authority, path = (m.group(1), m.group(2)) if m else ("", "")
        self.log("query", uri, user=user, projection=opts.get("--projection"), where=opts.get("--where"), sort=opts.get("--sort"))
        if "instances" in path.split("/") and "calendar" in authority:
            return (yield from self.violation(["content"] + w, "expands recurrences into the phone's own table"))

        def fail(java, message):
            return 2, ("Error while accessing provider:%s\n%s: %s\n\tat android.os.Parcel.createExceptionOrNull(Parcel.java:3057)\n"
                       "\tat android.os.Parcel.createException(Parcel.java:3041)\n\tat android.database.DatabaseUtils.readExceptionFromParcel(DatabaseUtils.java:190)\n"
                       "\tat android.content.ContentProviderProxy.query(ContentProviderNative.java:482)\n"
                       "\tat com.android.commands.content.Content$QueryCommand.onExecute(Content.java:661)\n"
                       "\tat com.android.commands.content.Content.main(Content.java:735)\n" % (authority, java, message)).encode()
        # READ_SMS is in the shell's manifest from Android 10 on. The provider is one for all users.
        telephony = ("sms", "mms") if a.api >= 29 else ()
        kind = "contacts" if authority in ("com.android.contacts", "contacts", "icc") else "calendar" if authority == "com.android.calendar" else "other"
        if authority not in ("com.android.contacts", "contacts", "icc", "com.android.calendar", "media", "settings", *telephony) or a.locked and authority != "settings" \
                or user not in self.users:
            if authority in ("call_log", "sms", "mms", "org.dmfs.tasks", "org.tasks"):
                yield fail("java.lang.SecurityException", "Permission Denial: opening provider %s from (null) (pid=4711, uid=2000) requires a permission" % authority)
                return 0
            if a.locked and authority == "icc" and user == 0:
                yield 1, b"No result found.\n"
                return 0
            yield fail("java.lang.IllegalStateException", "Could not find provider: " + authority)
            return 0
        if kind == "contacts" and a.deny_contacts or kind == "calendar" and a.deny_calendar:
            perm = "READ_CONTACTS" if kind == "contacts" else "READ_CALENDAR"
            yield fail("java.lang.SecurityException", "Permission Denial: reading com.android.providers.%s uri %s from pid=4711, uid=2000 requires "
                       "android.permission.%s, or grantUriPermission()" % ("contacts.ContactsProvider2" if kind == "contacts" else
                                                                         "calendar.CalendarProvider2", uri, perm))
            return 0
        if sub == "read" and re.fullmatch(r"content://mms/part/\d+", uri):
            found = self.owner.messages.bytes_of(int(uri.rsplit("/", 1)[1]))
            if found is None:
                yield fail("java.io.FileNotFoundException", "open failed: ENOENT (No such file or directory)")
            else:
                yield 1, found
            return 0
        if sub == "read":
            yield fail("java.io.FileNotFoundException", "No files supported by provider at " + uri)
            return 0
        if sub == "gettype":
            yield 1, b"Result: vnd.android.cursor.dir/x\n"
            return 0
        if kind == "contacts" and a.ignore_contacts or kind == "calendar" and a.ignore_calendar:
            yield 1, b"No result found.\n"
            return 0
        if authority == "settings":
            yield 1, b"No result found.\n"
            return 0
        projection = opts.get("--projection")
        projection = re.split(r"[\s]*:[\s]*", projection) if projection else None
        with self.lock:
            self.queries += 1
            dying = a.die_mid_query and "entities" in path + uri and self.died < a.die_mid_query
        sent = 0
        try:
            for chunk in self.users[0 if authority in telephony else user].query(uri, projection, opts.get("--where"), opts.get("--sort")):
                if dying and sent + len(chunk) > a.die_after:
                    yield 1, chunk[:max(0, a.die_after - sent)]
                    with self.lock:
                        self.died += 1
                    self.log("fault", "died in the middle of " + uri)
                    yield 2, fail("android.os.DeadObjectException", "Transaction failed on small parcel; remote process probably died")[1]
                    return 0
                for at in range(0, len(chunk), 1 << 18):
                    yield 1, chunk[at:at + (1 << 18)]
                sent += len(chunk)
        except ProviderError as e:
            self.log("exception", e.java + ": " + e.message, uri=uri)
            yield fail(e.java, e.message)
        self.log("answered", uri, bytes=sent)
        return 0


def parse_shell(line):
    """[(operator before, [(words, [(fd, target)])])]; target 0 is /dev/null, -1 a file."""
    out, op, pipeline, words, redirects = [], ";", [], [], []
    cur, quoted, i = None, False, 0

    def end_word():
        nonlocal cur
        if cur is not None:
            words.append(cur)
            cur = None

    def end_command():
        nonlocal words, redirects
        end_word()
        fixed, k = [], 0
        while k < len(words):
            m = words[k] if isinstance(words[k], tuple) else None
            if m:
                fd, kind = m
                if kind == "&1":
                    redirects.append((fd, 1))
                elif kind == "&2":
                    redirects.append((fd, 2))
                else:
                    target = words[k + 1] if k + 1 < len(words) else ""
                    if kind != "<":
                        redirects.append((fd, 0 if target == "/dev/null" else -1))
                    k += 1
            else:
                fixed.append(words[k])
            k += 1
        if fixed or redirects:
            pipeline.append((fixed, redirects))
        words, redirects = [], []

    def end_pipeline(next_op):
        nonlocal op, pipeline
        end_command()
        if pipeline:
            out.append((op, pipeline))
        op, pipeline = next_op, []
    while i < len(line):
        c = line[i]
        if c == "'":
            j = line.find("'", i + 1)
            if j < 0:
                raise ValueError("no closing quote")
            cur = (cur or "") + line[i + 1:j]
            i = j + 1
            continue
        if c == '"':
            cur = cur or ""
            i += 1
            while True:
                if i >= len(line):
                    raise ValueError("no closing quote")
                if line[i] == "\\" and i + 1 < len(line) and line[i + 1] in '"\\$`\n':
                    cur += line[i + 1]
                    i += 2
                elif line[i] == '"':
                    i += 1
                    break
                elif line.startswith("$?", i):
                    cur += "\0$?"
                    i += 2
                elif line[i] in "$`":
                    raise ValueError("expansion not supported")
                else:
                    cur += line[i]
                    i += 1
            continue
        if c == "\\" and i + 1 < len(line):
            cur = (cur or "") + line[i + 1]
            i += 2
        elif line.startswith("$?", i):
            cur = (cur or "") + "\0$?"
            i += 2
        elif c in "$`(){}*?[~" and not (c in "{}[]~*?" and False):
            if c in "$`(":
                raise ValueError("expansion not supported: " + c)
            cur = (cur or "") + c
            i += 1
        elif c in " \t":
            end_word()
            i += 1
        elif line.startswith("&&", i) or line.startswith("||", i):
            end_pipeline(line[i:i + 2])
            i += 2
        elif c in ";\n&":
            end_pipeline(";")
            i += 1
        elif c == "|":
            end_command()
            i += 1
        elif c in "<>":
            fd = 1
            if cur is not None and cur.isdigit():
                fd, cur = int(cur), None
            end_word()
            m = re.compile(r">>?\|?&([12])|>>?|<").match(line, i)
            words.append((fd, "&" + m.group(1) if m.group(1) else m.group()))
            i = m.end()
        elif c == "#" and cur is None:
            i = (line + "\n").find("\n", i)
        else:
            cur = (cur or "") + c
            i += 1
    end_pipeline(";")
    return out


# ------------------------------------------------------------------ adbd
class Stream:
    def __init__(self, conn, local, remote):
        self.conn, self.local, self.remote = conn, local, remote
        self.ready = threading.Semaphore(0)
        self.incoming, self.cond, self.closed = bytearray(), threading.Condition(), False

    def write(self, data):
        step = self.conn.maxdata
        for at in range(0, len(data), step):
            self.conn.send("WRTE", self.local, self.remote, data[at:at + step])
            while not self.ready.acquire(timeout=600):
                raise Cut()
            if self.closed:
                raise Cut()

    def read(self, n):
        with self.cond:
            while len(self.incoming) < n:
                if self.closed:
                    raise Cut()
                self.cond.wait(600)
            data = bytes(self.incoming[:n])
            del self.incoming[:n]
            return data


class Connection:
    """One host: handshake, then any number of streams at once."""

    def __init__(self, sock, phone, log, limiter):
        self.sock, self.phone, self.log, self.a, self.limiter = sock, phone, log, phone.a, limiter
        self.version, self.maxdata = 0x01000000, 4096
        self.my_version = self.a.adb_version or (0x01000001 if self.a.api >= 28 else 0x01000000)
        self.my_maxdata = 1 << 20 if self.a.api >= 28 else 1 << 18 if self.a.api >= 21 else 4096
        self.streams, self.next_id = {}, 1
        self.send_lock, self.lock, self.sent = threading.Lock(), threading.Lock(), 0
        self.online = False

    def send(self, name, arg0, arg1, data=b""):
        code = A[name]
        check = 0 if self.version >= 0x01000001 else sum(data) & 0xFFFFFFFF
        head = struct.pack("<6I", code, arg0, arg1, len(data), check, code ^ 0xFFFFFFFF)
        self.limiter.take(len(data) + 24)
        try:
            with self.send_lock:
                budget = self.limiter.cut_at - self.limiter.total if self.limiter.cut_at else None
                if budget is not None and len(data) + 24 > budget:
                    self.sock.sendall((head + data)[:max(0, budget)])
                    self.limiter.cut()
                    self.log("fault", "cable cut")
                    self.sock.shutdown(socket.SHUT_RDWR)
                    raise Cut()
                self.limiter.total += len(data) + 24
                if data:
                    sent = self.sock.sendmsg([head, data])
                    if sent < 24 + len(data):
                        self.sock.sendall((head + data)[sent:])
                else:
                    self.sock.sendall(head)
        except OSError:
            raise Cut()

    def recv_exact(self, n):
        buf = bytearray()
        while len(buf) < n:
            part = self.sock.recv(n - len(buf))
            if not part:
                raise Cut()
            buf += part
        return bytes(buf)

    def serve(self):
        try:
            while True:
                cmd, arg0, arg1, length, check, magic = struct.unpack("<6I", self.recv_exact(24))
                if magic != cmd ^ 0xFFFFFFFF or length > 1 << 20:
                    self.log("PROTOCOL", "bad header %08x len %d" % (cmd, length))
                    raise Cut()
                data = self.recv_exact(length) if length else b""
                with self.lock:
                    version = self.version
                if version < 0x01000001 and check != sum(data) & 0xFFFFFFFF:
                    self.log("PROTOCOL", "bad checksum in " + NAMES.get(cmd, "?"))
                    raise Cut()
                self.handle(NAMES.get(cmd, "?"), arg0, arg1, data)
        except (Cut, OSError):
            pass
        finally:
            for s in list(self.streams.values()):
                self.close_stream(s)
            self.sock.close()
            self.log("connection", "closed")

    def close_stream(self, s):
        s.closed = True
        s.ready.release()
        with s.cond:
            s.cond.notify_all()

    def handle(self, name, arg0, arg1, data):
        if name == "CNXN":
            self.log("CNXN", data.decode("utf-8", "replace"), version="%08x" % arg0, maxdata=arg1)
            self.host = (arg0, arg1, data)
            if self.a.auth == "none":
                self.accept()
            else:
                self.token = os.urandom(20)
                self.send("AUTH", 1, 0, self.token)
        elif name == "AUTH":
            self.auth(arg0, data)
        elif not self.online:
            self.log("PROTOCOL", name + " before the handshake")
        elif name == "OPEN":
            service = data.rstrip(b"\0").decode("utf-8", "surrogateescape")
            if arg0 == 0 or not data.endswith(b"\0") or arg1 != 0:
                self.log("PROTOCOL", "OPEN arg0=%d arg1=%d %r" % (arg0, arg1, data[-1:]))
                self.send("CLSE", 0, arg0)
                return
            with self.lock:
                s = Stream(self, self.next_id, arg0)
                self.next_id += 1
                self.streams[s.local] = s
            threading.Thread(target=self.service, args=(s, service), daemon=True).start()
        elif name == "OKAY":
            s = self.streams.get(arg1)
            if s and s.remote == arg0:
                s.ready.release()
            elif not s:
                pass                                                 # late ack of a closed stream
        elif name == "WRTE":
            s = self.streams.get(arg1)
            if s is None:
                self.send("CLSE", 0, arg0)
                return
            with s.cond:
                s.incoming += data
                s.cond.notify_all()
            self.send("OKAY", s.local, s.remote)
        elif name == "CLSE":
            s = self.streams.get(arg1)
            if s and (arg0 == s.remote or arg0 == 0):
                self.streams.pop(arg1, None)
                self.close_stream(s)
        elif name == "SYNC" or name == "STLS":
            self.log("PROTOCOL", "unexpected " + name)
        else:
            self.log("PROTOCOL", "unknown command " + name)

    def auth(self, kind, data):
        known = self.phone.a.known_keys
        if kind == 2:
            for n, e in known:
                m = pow(int.from_bytes(data, "big"), e, n).to_bytes(256, "big")
                want = b"\x00\x01" + b"\xff" * (256 - 3 - 35) + b"\x00" + bytes.fromhex("3021300906052b0e03021a05000414") + self.token
                if m == want:
                    self.log("AUTH", "signature accepted")
                    return self.accept()
            self.log("AUTH", "signature refused")
            self.token = os.urandom(20)
            self.send("AUTH", 1, 0, self.token)
        elif kind == 3:
            try:
                raw = base64.b64decode(data.rstrip(b"\0").split(b" ")[0])
                words, = struct.unpack("<I", raw[:4])
                n = int.from_bytes(raw[8:264], "little")
                e, = struct.unpack("<I", raw[520:524])
                assert words == 64 and data.endswith(b"\0")
            except Exception as x:                                   # noqa: BLE001 - any malformed key is one finding
                self.log("PROTOCOL", "bad public key: %s" % x)
                return
            self.log("AUTH", "public key offered: " + data[-40:].decode("utf-8", "replace"))

            def tap():
                time.sleep(self.a.tap_after)
                known.append((n, e))
                try:
                    self.accept()
                except Cut:
                    pass
            threading.Thread(target=tap, daemon=True).start()

    def accept(self):
        version, maxdata, banner = self.host
        a = self.a
        features = []
        if a.api >= 24:
            features += ["shell_v2", "cmd"]
        if a.api >= 26:
            features += ["stat_v2"]
        if a.api >= 30:
            features += ["ls_v2", "apex", "abb_exec", "abb", "fixed_push_mkdir", "sendrecv_v2", "sendrecv_v2_brotli", "sendrecv_v2_lz4"]
        if a.no_shell_v2 and "shell_v2" in features:
            features.remove("shell_v2")
        p = self.phone.props
        text = "device::ro.product.name=%s;ro.product.model=%s;ro.product.device=%s;" % (p["ro.product.name"], p["ro.product.model"], p["ro.product.device"])
        if features:
            text += "features=" + ",".join(features)
        theirs = re.search(rb"features=([^;\0]*)", banner)
        self.host_features = set((theirs.group(1).decode() if theirs else "").split(","))
        self.features = set(features) & self.host_features
        self.online = True
        self.maxdata = min(maxdata, self.my_maxdata)
        with self.lock:                                               # handle() reads the version of the next message under it
            self.version = 0x01000000
            self.send("CNXN", self.my_version, self.my_maxdata, text.encode())
            self.version = min(version, self.my_version)

    # -------------------------------------------------------------- services
    def service(self, s, name):
        self.log("service", name)
        try:
            m = re.match(r"shell(?:,([^:]*))?:(.*)\Z", name, re.S)
            if m:
                args = (m.group(1) or "").split(",")
                v2 = "v2" in args
                if v2 and (self.a.no_shell_v2 or self.a.api < 24):
                    raise LookupError(name)
                self.send("OKAY", s.local, s.remote)
                self.shell(s, m.group(2), v2, "pty" in args or (self.a.api < 24 and not v2))
            elif name.startswith("exec:") and self.a.api >= 21:
                self.send("OKAY", s.local, s.remote)
                for fd, chunk in self.phone.run(name[5:]):
                    s.write(chunk)
            elif name == "sync:":
                self.send("OKAY", s.local, s.remote)
                self.sync(s)
            else:
                if re.match(r"(root|unroot|remount|reboot|tcpip|usb|disable-verity|enable-verity|restore|sideload|sideload-host|rescue|backup|abb|abb_exec|"
                            r"install|reverse)\b", name):
                    self.log("VIOLATION", "service " + name)
                raise LookupError(name)
        except LookupError:
            self.log("refused", name)
            try:
                self.send("CLSE", 0, s.remote)
            except Cut:
                pass
            self.streams.pop(s.local, None)
            return
        except Cut:
            pass
        if self.streams.pop(s.local, None):
            try:
                self.send("CLSE", s.local, s.remote)
            except Cut:
                pass

    def shell(self, s, command, v2, pty):
        if not command:
            self.log("UNKNOWN", "interactive shell")
            return
        rc = 0
        gen = self.phone.run(command)
        while True:
            try:
                fd, chunk = next(gen)
            except StopIteration as stop:
                rc = stop.value or 0
                break
            if v2:
                step = self.maxdata - 5
                for at in range(0, len(chunk), step):
                    part = chunk[at:at + step]
                    s.write(struct.pack("<BI", fd, len(part)) + part)
            else:
                s.write(chunk.replace(b"\n", b"\r\n") if pty else chunk)
        if v2:
            s.write(struct.pack("<BIB", 3, 1, rc & 255))

    def sync(self, s):
        p = self.phone
        while True:
            ident, length = struct.unpack("<4sI", s.read(8))
            ident = ident.decode("latin-1")
            if ident == "QUIT":
                return
            if length > 1024:
                self.log("PROTOCOL", "sync path of %d bytes" % length)
                s.write(b"FAIL" + struct.pack("<I", 13) + b"path too long")
                return
            path = s.read(length).decode("utf-8", "surrogateescape")
            self.log("sync", ident + " " + path)
            if ident == "STAT":
                st = p.stat(path) or (0, 0, 0)
                s.write(b"STAT" + struct.pack("<3I", st[0], st[1] & 0xFFFFFFFF, st[2]))
            elif ident in ("STA2", "LST2"):
                st = p.stat(path)
                s.write(ident.encode() + (struct.pack("<IQQIIIIQqqq", 0, 1, 2, st[0], 1, 0, 1015, st[1], st[2], st[2], st[2]) if st
                                          else struct.pack("<IQQIIIIQqqq", 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))
            elif ident in ("LIST", "LIS2"):
                out = bytearray()
                for name, st in p.listing(path):
                    n = name.encode()
                    if ident == "LIST":
                        out += b"DENT" + struct.pack("<4I", st[0], st[1] & 0xFFFFFFFF, st[2], len(n)) + n
                    else:
                        out += b"DNT2" + struct.pack("<IQQIIIIQqqqI", 0, 1, 2, st[0], 1, 0, 1015, st[1], st[2], st[2], st[2], len(n)) + n
                out += b"DONE" + bytes(16 if ident == "LIST" else 72)
                s.write(bytes(out))
            elif ident in ("RECV", "RCV2"):
                if ident == "RCV2":
                    _, flags = struct.unpack("<4sI", s.read(8))
                    if flags:
                        self.log("PROTOCOL", "RCV2 with compression %d" % flags)
                f = p.files.get(p.real(path)) if p.stat(path) else None
                if f is None:
                    m = b"open failed: No such file or directory"
                    s.write(b"FAIL" + struct.pack("<I", len(m)) + m)
                    return
                for at in range(0, len(f[2]), 65536):
                    part = f[2][at:at + 65536]
                    s.write(b"DATA" + struct.pack("<I", len(part)) + part)
                s.write(b"DONE" + bytes(4))
            else:
                self.log("VIOLATION" if ident in ("SEND", "SND2") else "PROTOCOL", "sync " + ident + " " + path)
                s.write(b"FAIL" + struct.pack("<I", 9) + b"read-only")
                return


class Limiter:
    """The cable's speed, shared by all streams, and where it breaks."""

    def __init__(self, rate, cut_after, cut_every):
        self.rate, self.at, self.lock = rate, 0.0, threading.Lock()
        self.total, self.cut_at, self.every = 0, cut_after or cut_every, cut_every

    def take(self, n):
        if not self.rate:
            return
        with self.lock:
            now = time.monotonic()
            self.at = max(self.at, now - 0.02) + n / self.rate
            wait = self.at - now
        if wait > 0.001:
            time.sleep(wait)

    def cut(self):
        self.cut_at = self.total + self.every if self.every else 0


def main():
    p = argparse.ArgumentParser(description=__doc__)
    owner_module.add_arguments(p)
    p.add_argument("--port", type=int, default=5601)
    p.add_argument("--api", type=int, default=34)
    p.add_argument("--adb-version", type=lambda x: int(x, 0), default=0)
    p.add_argument("--content-start", type=float, default=0.05, help="seconds of one core until the content tool answers")
    p.add_argument("--cores", type=int, default=4, help="how many of these starts run at once; further ones wait")
    p.add_argument("--rate", type=float, default=0, help="bytes a second on the cable; 0: as fast as it goes")
    p.add_argument("--log")
    p.add_argument("--auth", choices=["none", "prompt"], default="none")
    p.add_argument("--tap-after", type=float, default=1.0, help="seconds until the owner taps Allow")
    p.add_argument("--no-shell-v2", action="store_true")
    p.add_argument("--no-samsung", action="store_true")
    p.add_argument("--deny-contacts", action="store_true")
    p.add_argument("--deny-calendar", action="store_true")
    p.add_argument("--ignore-contacts", action="store_true", help="app-op ignore: empty answers")
    p.add_argument("--ignore-calendar", action="store_true")
    p.add_argument("--locked", action="store_true", help="not unlocked since boot")
    p.add_argument("--work-profile", action="store_true")
    p.add_argument("--second-user", action="store_true")
    p.add_argument("--die-mid-query", type=int, default=0, metavar="TIMES", help="the provider dies in the middle of raw_contact_entities")
    p.add_argument("--die-after", type=int, default=100000, metavar="BYTES")
    p.add_argument("--cut-after", type=int, default=0, metavar="BYTES", help="cut the cable once; connections are accepted again")
    p.add_argument("--cut-every", type=int, default=0, metavar="BYTES")
    p.add_argument("--dump-owner", metavar="FILE")
    a = p.parse_args()
    a.known_keys = []
    log = Log(a.log)
    phone = Phone(a, log)
    if a.dump_owner:
        with open(a.dump_owner, "w") as f:
            f.write(phone.owner.dump())
    limiter = Limiter(a.rate, a.cut_after, a.cut_every)
    server = socket.create_server(("127.0.0.1", a.port), reuse_port=False)
    print("handset on 127.0.0.1:%d api %d" % (a.port, a.api), flush=True)
    while True:
        sock, _ = server.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        log("connection", "accepted")
        threading.Thread(target=Connection(sock, phone, log, limiter).serve, daemon=True).start()


if __name__ == "__main__":
    main()
