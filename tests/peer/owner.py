"""The hostile owner: the contents of one fictional phone, generated from a seed.

Data only. The handset (peer.py) fills its providers' tables with it, and the judge
(check.py) uses it as the truth. Nothing here depends on how a reader works.
"""
import datetime as dt
import json
import random
import sys
from zoneinfo import ZoneInfo

from messages import Messages

UTC = dt.timezone.utc
ITEM = "vnd.android.cursor.item/"

# Values that break readers of the `content` tool's unescaped text, of vCard, of CSV or of file names.
HOSTILE = [
    "Smith, data2=3, data3=NULL",
    "x\nRow: 7 _id=9, data1=x",
    "first\r\nsecond",
    "mac\rold",
    "tab\there",
    "NULL",
    "BLOB",
    " leading space",
    "trailing space ",
    "\nleading newline",
    "trailing newline\n",
    "two\n\n\nempty lines",
    '"quoted"',
    "it's O'Brien",
    "back\\slash\\",
    "literal\\nbackslash-n",
    "literal\\, comma",
    "semi;colon;;",
    "colon: a:b",
    "comma,comma,",
    "\U0001F469\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466 family",
    "\U0001F1E9\U0001F1EA\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F",
    "\u05E9\u05DC\u05D5\u05DD \u05E2\u05D5\u05DC\u05DD",
    "\u0645\u0631\u062D\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645",
    "\u202Eevil override\u202C",
    "\u5C71\u7530\u592A\u90CE",
    "\uD55C\uAD6D\uC5B4 \uC774\uB984",
    "\u00DCn\u00EFc\u00F6d\u00E9 \u00DF \u0130 \u0131",
    "e\u0301 combining",
    "=1+1",
    "+SUM(A1)",
    "-2+3",
    "@cmd|' /C calc'!A0",
    "<b>bold</b> &amp; <script>alert(1)</script>",
    "../../etc/passwd",
    "CON",
    "C:\\Windows\\aux.txt",
    "what?*|<>",
    "END:VCARD",
    "x\nEND:VCARD\nBEGIN:VCARD\nVERSION:3.0\nFN:ghost",
    "x\nEND:VEVENT\nEND:VCALENDAR",
    "percent %41%2C%0A",
    "control \x01\x07\x1b[31m red",
    "zero\u200Bwidth",
    "\uFEFFbyte order mark",
    "line\u2028separator\u2029paragraph",
    "next\u0085line",
    "caret ^n ^' ^^",
    "TYPE=HOME:tel",
    "a" * 73,
    "a" * 74,
    "a" * 75,
    "\u00E4" * 60,
    "\U0001F600" * 40,
    "Row: 0 _id=1, data1=",
    ", data2=",
    "data1=NULL, data2=NULL",
    "_id=3",
    "name\n _id=4, data1=b",
    "Error while accessing provider:com.android.contacts",
    "No result found.",
    "1.0E10",
    "0",
    "-1",
    "item1.X-ABLabel:Boat",
    "_$!<Home>!$_",
    "mailto:x@y.z",
    "data:image/jpeg;base64,AAAA",
    "\\",
    ",",
    ";",
    ":",
    ".",
    "=?utf-8?Q?q?=",
    "soft=\nbreak=3D",
]
LABELS = ["Boat", "Oma's \"Haus\"", "weekend; sea", "\u5225\u8358", "a:b", "x,y", "phone \U0001F4DE", "Mobil (alt)",
          "NULL", "with\nnewline", "tab\tlabel", " spaced ", "HOME", "X-y", "50%", "back\\slash", "\u00E4\u00F6\u00FC",
          "=label", "Row: 1 _id=2, data1=q", "very long label " * 6]
NUMBERS = ["+49 (0)30 {n}", "1-800-FLOWERS-{n}", "*#06*{n}#", "0171{n};ext=5", "0049{n},,123#", "123{n}p45w6",
           "+1 555 {n} x12", "{n}", "=+{n}", "-{n}", "@{n}", "tel:{n}", "+{n}", "00{n}", "\u0661\u0662\u0663{n}",
           "{n} / {n}1", " {n} ", "{n};{n}2", "{n}\n", "sip:{n}@pbx"]
EMAILS = ["a{n}@example.com", "not an address {n}", "\"q, r\"{n}@example.org", "{n}@b\u00FCcher.example", "mailto:m{n}@x.y",
          "Name {n} <n{n}@x.y>", "{n}@", "UP{n}@EXAMPLE.COM", "a{n}@x.y, b{n}@x.y", "{n};x@y.z", "=e{n}@x.y", "{n}@[192.0.2.1]",
          " sp{n}@x.y ", "a\\b{n}@x.y", "\u90F5{n}@\u4F8B.jp"]
URLS = ["example.com/{n}", "http://example.org/{n}?a=1,2;b=3", "HTTPS://X.Y/{n}", "www.{n}.de", "/relative/{n}", "javascript:alert({n})",
        "http://[::1]/{n}", "not a url {n}", "http://x.y/{n}#\u00E4 space", "file:///{n}", "ftp://u:p@h/{n}", "{n}\nx"]
DATES = ["1985-04-12", "--04-12", "1985-04-12T00:00:00Z", "12. April (circa)", "1604-02-29", "--02-29", "19850412", "1985",
         "Ostern 1990", "0001-01-01", "2024-02-30", "1985-04-12T08:30:00.000Z", "12/04/85", "1900-01-01", "April, the; 12th"]
FIRST = "Anna Bert Carla Dario Emil Fatma Greta Hugo Ines Jens Katrin Lars Maja Nils Olga Paul Quirin Rosa Sven Tilda".split()
LAST = "Meier Schulz Vogt O'Neil \u00D6zdemir Lindstr\u00F6m Nowak Garc\u00EDa Kov\u00E1cs Dupont M\u00FCller Braun".split()

PHONE_TYPES = list(range(0, 21))
UNKNOWN_MIMES = ["vnd.com.whatsapp.profile", "vnd.google.hangouts", "vnd.sec.cs.important", "com.android.emergency",
                 "vnd.org.telegram.messenger.android.profile", "vnd.odd;name,x"]


class Owner:
    """accounts, groups, raw contacts with data rows, profile, calendars, events and their tables, tasks, SIM."""

    def __init__(self, seed=1, contacts=500, events=300, todos=60, stale=False, ordinary=False, messages=(150, 12), owner_name="Maria \"Mia\" L\u00F3pez; Owner"):
        self.seed, self.ordinary = seed, ordinary
        self.r = random.Random(seed)
        self.accounts = [
            dict(id=1, name=None, type=None, data_set=None),
            dict(id=2, name="maria.lopez@gmail.com", type="com.google", data_set=None),
            dict(id=3, name="m.lopez@firm.example", type="com.google.android.gm.exchange", data_set=None),
        ]
        self.live_accounts = [(a["name"], a["type"]) for a in self.accounts if a["name"]]
        if stale:
            self.accounts.append(dict(id=4, name="old@gone.example", type="com.gone.sync", data_set="plus"))
        self.stale = stale
        self.next_data = 1
        self._groups()
        self._contacts(contacts)
        self._profile(owner_name)
        self._calendar(events)
        self._tasks(todos)
        self._sim()
        self.messages = Messages(seed, *messages, [] if ordinary else HOSTILE)

    # ---------------------------------------------------------------- contacts
    def _groups(self):
        g = []

        def add(account, title, system=None, deleted=0, auto=0, fav=0, notes=None):
            g.append(dict(id=len(g) + 1, account_id=account, title=title, system_id=system, deleted=deleted, auto_add=auto,
                          favorites=fav, notes=notes, sourceid="g%d" % (len(g) + 1) if account != 1 else None))
        add(2, "My Contacts", "Contacts", auto=1)
        add(2, "Starred in Android", None, fav=1)
        add(2, "Friends", "Friends")
        for t in ["Choir", "Sailing", "Neighbours"] if self.ordinary else ["Choir, Altos; & co", "B\u00FCro \"M\u00FCnchen\"", "line\nbreak", "NULL", "\u5BB6\u65CF", "a:b\\c", " padded ",
                  "Row: 3 _id=4, title=x", "=grp", "\U0001F6A2 Sailing"]:
            add(2 if len(g) % 2 else 1, t)
        add(3, "Clients")
        add(2, "Gone group", deleted=1)
        self.groups = g

    def row(self, mime, primary=0, super_primary=0, **d):
        cols = {"data%d" % k: None for k in range(1, 16)}
        for k, v in d.items():
            cols["data" + k[1:]] = v
        cols.update(data_id=self.next_data, mimetype=mime if "/" in mime else ITEM + mime, is_primary=primary,
                    is_super_primary=super_primary)
        self.next_data += 1
        return cols

    def _contacts(self, count):
        r = self.r
        self.raws, self.contacts = [], []
        rid = 0
        cid = 0
        deleted_wanted = max(1, count // 20)
        made_deleted = 0
        i = 0
        while cid < count:
            hostile = i < 500 and not self.ordinary
            i += 1
            cid += 1
            members = 3 if i % 31 == 0 else 2 if i % 10 == 0 else 1
            contact = dict(id=cid, raws=[], starred=1 if i % 17 == 0 else 0)
            for m in range(members):
                rid += 1
                account = [2, 3, 1][(i + m) % 3]
                if self.stale and i % 23 == 0:
                    account = 4
                rows = self._rows_hostile(i, m, rid, account) if hostile else self._rows_plain(i, rid, account)
                raw = self._raw(rid, cid, account, 0, rows, contact["starred"])
                contact["raws"].append(rid)
                self.raws.append(raw)
            self.contacts.append(contact)
            if i % 20 == 7 and made_deleted < deleted_wanted:
                made_deleted += 1
                rid += 1
                account = 2 if i % 2 else 3
                rows = self._rows_hostile(i + 3, 7, rid, account) if hostile else self._rows_plain(i, rid, account)
                self.raws.append(self._raw(rid, None, account, 1, rows, 0))
        # A contact without data rows (an app inserted a raw contact and crashed).
        if count >= 50:
            rid += 1
            self.contacts.append(dict(id=cid + 1, raws=[rid], starred=0, empty=True))
            self.raws.append(self._raw(rid, cid + 1, 1, 0, [], 0))

    def _raw(self, rid, cid, account, deleted, rows, starred):
        name = next((x["data1"] for x in rows if x["mimetype"] == ITEM + "name"), None)
        if name is None:
            name = next((x["data1"] for x in rows if x["data1"]), None)
        return dict(id=rid, contact_id=cid, account_id=account, deleted=deleted, rows=rows, starred=starred,
                    sourceid=None if account == 1 else "s%x" % (rid * 7919), display_name=name,
                    dirty=1 if deleted or account == 1 else 0, version=1 + rid % 9,
                    sync1="sync;1,%d" % rid if rid % 5 == 0 else None, sync2=None, sync3=None, sync4=None)

    def _rows_plain(self, i, rid, account):
        r = self.r
        g, f = r.choice(FIRST), r.choice(LAST) + " %d" % rid
        rows = [self.row("name", _1="%s %s" % (g, f), _2=g, _3=f, _10="1", _11="0"),
                self.row("phone_v2", _1="+49 30 %07d" % rid, _2="2", _4="+4930%07d" % rid),
                self.row("phone_v2", _1="030 1%07d" % rid, _2="1", _4="+49301%07d" % rid),
                self.row("email_v2", _1="p%d@example.net" % rid, _2="1")]
        if i % 3 == 0:
            rows.append(self.row("postal-address_v2", _1="Weg %d\n10115 Berlin\nGermany" % rid, _2="1", _4="Weg %d" % rid,
                                 _7="Berlin", _9="10115", _10="Germany"))
        if i % 4 == 0:
            rows.append(self.row("organization", _1="Firm %d" % (i % 97), _2="1", _4="Clerk"))
        if i % 5 == 0:
            rows.append(self.row("note", _1="Met in %d\nlikes tea, and cake" % (1990 + i % 30)))
        if i % 6 == 0:
            rows.append(self.row("contact_event", _1="19%02d-%02d-%02d" % (i % 100, 1 + i % 12, 1 + i % 28), _2="3"))
        if account == 2:
            rows.append(self.row("group_membership", _1="1"))
        return rows

    def _rows_hostile(self, i, m, rid, account):
        r = self.r
        n = "%d" % (7000000 + rid * 13)
        h = lambda k: HOSTILE[(i * 7 + m * 31 + k) % len(HOSTILE)]
        lab = lambda k: LABELS[(i + k) % len(LABELS)]
        rows = []
        add = lambda *a, **k: rows.append(self.row(*a, **k))
        kind = i % 20
        # --- name
        if kind == 3:
            add("name", _1="%s %s %s" % (h(0), h(1), n), _2=h(0), _3=h(1) + " " + n, _10="1", _11="0")
        elif kind == 4:
            add("name", _1="Dr. Ana Lu\u00EDsa P\u00E9rez %s, PhD" % n, _2="Ana", _3="P\u00E9rez " + n, _4="Dr.", _5="Lu\u00EDsa", _6="PhD; MBA",
                _7=h(2), _8="foneti,c", _9="pe\u02C8re\u03B8", _10="1", _11="3")
        elif kind == 5:
            add("name", _1=h(0), _2=h(0), _10="0")
            add("name", _1="Alias %s" % n, _2="Alias", _3=n)          # two name rows in one raw contact
        elif kind == 6:
            add("name", _1="\u5C71\u7530 \u592A\u90CE" + n, _2="\u592A\u90CE" + n, _3="\u5C71\u7530", _7="\u30BF\u30ED\u30A6", _9="\u30E4\u30DE\u30C0", _10="3", _11="4")
        elif kind == 7:
            pass                                                       # no name row at all
        elif kind == 8:
            add("name", _1="", _2="", _3="")
        elif kind == 9:
            add("name", _1="Only display " + n)                        # data1 only
        else:
            g, f = r.choice(FIRST), r.choice(LAST) + " " + n
            add("name", _1=g + " " + f, _2=g, _3=f, _10="1", _11="0")
        # --- phones
        for k in range([1, 2, 0, 3][i % 4] if kind not in (2,) else 0):
            t = PHONE_TYPES[(i + k * 5) % 21]
            num = NUMBERS[(i + k * 3) % len(NUMBERS)].format(n=n + str(k))
            if kind == 10 and k == 0:
                num = h(3) + n
            add("phone_v2", primary=1 if k == 0 else 0, super_primary=1 if k == 0 and i % 3 == 0 else 0, _1=num, _2=str(t),
                _3=lab(k) if t == 0 else None, _4="+49" + n + str(k) if i % 2 else None)
        if kind == 11:
            for t in range(21):
                add("phone_v2", _1="+4930%s%02d" % (n, t), _2=str(t), _3=lab(t) if t == 0 else None)
            add("phone_v2", _1="+4930%s99" % n, _2="0", _3=None)       # custom without a label
            add("phone_v2", _1="+4930%s98" % n, _2="77", _3=None)      # type out of range
            add("phone_v2", _1="+4930%s97" % n, _2=None, _3=None)
        # --- e-mails
        for k in range(i % 3):
            t = [1, 2, 3, 4, 0][(i + k) % 5]
            add("email_v2", primary=1 if k == 1 else 0, _1=EMAILS[(i + k * 4) % len(EMAILS)].format(n=n + str(k)), _2=str(t),
                _3=lab(k + 3) if t == 0 else None, _4="Display, %s" % h(5) if i % 4 == 0 else None)
        if kind == 12:
            add("email_v2", _1=h(4) + n, _2="3")
        # --- the other fields, in turn
        if kind in (0, 13):
            t = [1, 2, 3, 0][i // 20 % 4]
            add("postal-address_v2", _1="%s\n%s\nBerlin" % (h(0), n), _2=str(t), _3=lab(1) if t == 0 else None, _4=h(0) + n, _5="PO " + h(6),
                _6="Hood " + h(7), _7=h(8), _8="Reg,ion; " + n, _9="D-" + n[:5], _10="C\u00F4te d'Ivoire")
            add("postal-address_v2", _1="Freeform only\n%s" % n, _2="1")
            add("postal-address_v2", _1="Str. 1", _2="2", _4="Str. 1", _7="Ort " + n)
        if kind in (1, 14):
            t = [1, 2, 0][i // 20 % 3]
            add("organization", _1=h(1) + " GmbH " + n, _2=str(t), _3=lab(2) if t == 0 else None, _4="Title " + h(2), _5="Dept; " + h(3),
                _6="Job " + n, _7="SYM" + n, _8="Phon " + n, _9="Room " + n, _10="0")
            add("organization", _1=None, _2="1", _4="Only title " + n)
            if i % 3 == 0:
                add("organization", _1="Second employer " + n, _2="2", _5="only dept, x")
        if kind in (2, 15):
            for p in ([-1] + list(range(9)) if i % 2 else [7, -1, 3]):
                add("im", _1="im%d.%s %s" % (p, n, h(p + 1) if p == 7 else ""), _2=["1", "2", "3", "0"][p % 4],
                    _3=lab(p) if p % 4 == 3 else None, _5=str(p), _6=("Proto; " + lab(p) + n) if p == -1 else None)
        if kind in (3, 16):
            for t in range(0, 6):
                add("nickname", _1="Nick%d %s %s" % (t, n, h(t) if t < 3 else ""), _2=str(t), _3=lab(t) if t == 0 else None)
        if kind in (4, 5, 6, 17) or i % 9 == 0:
            add("note", _1=h(9) + "\n" + n + "\n" + h(10))
            if i % 5 == 0:
                add("note", _1="Second note " + n)
        if i in (17, 117, 217, 317, 417):
            add("note", _1="".join("Row: %d _id=%d, data1=forged %s\n" % (k, k, n) for k in range(700))[:20480] + "END " + n)
        if i in (18, 118):
            add("note", _1=("\u00E4\u00F6\u00FC \U0001F600,;\\" * 2000)[:20000] + n)
        if kind in (5, 18):
            for t in range(0, 8):
                add("website", _1=URLS[(i + t) % len(URLS)].format(n=n + str(t)), _2=str(t), _3=lab(t) if t == 0 else None)
        if kind in (6, 19):
            for k, t in enumerate([3, 1, 2, 0]):
                add("contact_event", _1=DATES[(i // 20 + k * 4) % len(DATES)], _2=str(t), _3=lab(k + 2) if t == 0 else None)
        if kind in (7, 0):
            for t in range(0, 15):
                add("relation", _1="Rel%d %s" % (t, h(t) if t % 5 == 0 else r.choice(FIRST)) + " " + n, _2=str(t), _3=lab(t + 1) if t == 0 else None)
        if kind in (8, 1):
            add("sip_address", _1="user%s@sip.example.org" % n, _2="1")
            add("sip_address", _1="sip:x%s;transport=tcp" % n, _2="0", _3=lab(4))
            add("identity", _1="gprofile:" + n + h(12), _2="com.google, x")
        if kind in (9, 2):
            mime = UNKNOWN_MIMES[i // 20 % len(UNKNOWN_MIMES)]
            add(mime, **{"_%d" % k: "u%d %s %s" % (k, n, h(k)) for k in range(1, 16)})
            add(mime, _1=n + "only1", _4="")
        if account == 2 or account == 1:
            mine = [g for g in self.groups if g["account_id"] == account and not g["deleted"]]
            for k in range(1 + i % 2):
                g = mine[(i + k * 3) % len(mine)]
                add("group_membership", _1=str(g["id"]))
        if account == 3 and i % 2:
            g = next(g for g in self.groups if g["account_id"] == 3)
            add("group_membership", _1=str(g["id"]))
        if kind == 13 or i % 12 == 0:
            add("photo", _14=str(500 + rid), _15=b"\xff\xd8\xff\xe0" + bytes(r.randrange(256) for _ in range(300)))
        if not any(n in (x["data%d" % k] or "") for x in rows for k in range(1, 15) if isinstance(x["data%d" % k], str)):
            add("phone_v2", _1="+49" + n, _2="2")                      # every raw contact can be told apart
        return rows

    def _profile(self, name):
        self.profile = dict(id=9223372034707292161, contact_id=9223372034707292160, rows=[
            self.row("name", _1=name, _2="Maria", _3="L\u00F3pez; Owner", _5="\"Mia\"", _10="1"),
            self.row("phone_v2", _1="+49 171 5550001", _2="2"),
            self.row("email_v2", _1="maria.lopez@gmail.com", _2="1"),
            self.row("note", _1="Blood type 0-, allergic to nuts" + ("" if self.ordinary else "\nRow: 1 _id=2, data1=x")),
            self.row("postal-address_v2", _1="Deck 5\n24103 Kiel", _2="1", _4="Deck 5", _7="Kiel", _9="24103"),
        ])

    # ---------------------------------------------------------------- calendar
    def _calendar(self, count):
        r = self.r
        self.calendars = [
            dict(id=1, account_name="maria.lopez@gmail.com", account_type="com.google", name="maria.lopez@gmail.com",
                 display="maria.lopez@gmail.com", tz="Europe/Berlin", owner="maria.lopez@gmail.com", access=700, color=-6299161),
            dict(id=2, account_name="maria.lopez@gmail.com", account_type="com.google", name="fam", display="Family, \"fun\"; & more / x",
                 tz="America/New_York", owner="fam@group.calendar.google.com", access=700, color=-1),
            dict(id=3, account_name="m.lopez@firm.example", account_type="com.google.android.gm.exchange", name="Calendar",
                 display="Calendar", tz=None, owner="m.lopez@firm.example", access=700, color=None),
            dict(id=4, account_name="My calendar", account_type="LOCAL", name="local", display="My calendar", tz="Europe/Berlin",
                 owner="local", access=700, color=-16711936),
        ]
        if self.stale:
            self.calendars.append(dict(id=5, account_name="old@gone.example", account_type="com.gone.sync", name="gone",
                                       display="Gone calendar", tz="UTC", owner="old@gone.example", access=700, color=1))
        zones = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns",
                 "Africa/Casablanca", "Pacific/Apia", "Pacific/Kiritimati", "Europe/Dublin", "Asia/Tehran", "America/Sao_Paulo",
                 "Antarctica/Troll", "UTC", "GMT", "Etc/GMT+5", "Asia/Calcutta", "US/Pacific", "EST5EDT", "Pacific/Chatham",
                 "Europe/London", "America/Argentina/Buenos_Aires"]
        odd_zones = ["Mars/Phobos", "", "W. Europe Standard Time", "Eastern Standard Time", "(UTC+01:00) Amsterdam, Berlin", "GMT+02:00",
                     "Europe/berlin", "NULL"]
        rules = ["FREQ=WEEKLY;UNTIL=20271231T225959Z;WKST=MO;BYDAY=MO,WE,FR", "FREQ=MONTHLY;COUNT=12;BYDAY=-1FR", "FREQ=YEARLY",
                 "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "FREQ=DAILY;INTERVAL=2;COUNT=10", "FREQ=MONTHLY;BYMONTHDAY=31",
                 "FREQ=WEEKLY;UNTIL=20271231", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;WKST=SU", "FREQ=DAILY;COUNT=40",
                 "FREQ=MONTHLY;BYDAY=2TU;UNTIL=20300101T000000Z", "FREQ=WEEKLY;BYDAY=TU", "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
                 "FREQ=WEEKLY;COUNT=5\nFREQ=MONTHLY;COUNT=3", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"]
        durations = ["P3600S", "PT1H", "P5400S", "PT30M", "P1DT2H", "P900S", "P1W", "PT0S", "+P3600S", "P0D"]
        self.events, self.reminders, self.attendees, self.extended = [], [], [], []
        ms = lambda d: int(d.timestamp() * 1000)

        def ev(**k):
            e = dict(id=len(self.events) + 1, calendar_id=1, sync_id=None, title=None, description=None, location=None, dtstart=None,
                     dtend=None, duration=None, tz="Europe/Berlin", end_tz=None, all_day=0, rrule=None, rdate=None, exrule=None, exdate=None,
                     original_id=None, original_sync_id=None, original_time=None, original_all_day=None, status=1, availability=0,
                     access=0, color=None, deleted=0, organizer=None, uid=None, app_uri=None, has_alarm=0)
            e.update(k)
            if e["calendar_id"] != 4 and e["sync_id"] is None and not e.get("unsynced"):
                e["sync_id"] = "ev%d_%x" % (e["id"], e["id"] * 104729)
            self.events.append(e)
            return e

        i = -1
        while len(self.events) < count:
            i += 1
            plain = i >= 300 or self.ordinary
            cal = [1, 2, 3, 4][i % 4]
            if self.stale and i % 19 == 0:
                cal = 5
            zone = zones[i % len(zones)]
            base = dt.datetime(2024, 1 + i % 12, 1 + i % 28, 6 + i % 14, (i * 5) % 60, tzinfo=ZoneInfo(zone))
            if plain:
                base = dt.datetime(2020, 1, 1, 8, tzinfo=ZoneInfo("Europe/Berlin")) + dt.timedelta(hours=7 * i)
                e = ev(calendar_id=cal, title="Meeting %d" % i, location="Room %d" % (i % 40), description="Agenda for %d\nbring tea" % i,
                       dtstart=ms(base), dtend=ms(base) + 3600000, organizer="maria.lopez@gmail.com", has_alarm=1)
                self._reminder(e, 10, 1)
                if i % 2:
                    self._attendee(e, "Anna", "anna%d@example.com" % (i % 50), 1, 1, 1)
                continue
            h = lambda k: HOSTILE[(i * 5 + k) % len(HOSTILE)]
            k = i % 16
            common = dict(calendar_id=cal, title="%s E%d" % (h(0), i), location=h(3) if i % 3 else None,
                          description=(h(4) + " d%d\n" % i + h(5)) if i % 2 else None, status=[1, 0, 1, None][i % 4],
                          availability=[0, 1, 2][i % 3], access=[0, 1, 2, 3][i % 4], tz=zone,
                          organizer=["maria.lopez@gmail.com", None, "o'hara+x@firm.example"][i % 3],
                          color=-65536 if i % 5 == 0 else None, uid="uid-%d@peer.example" % i if i % 6 == 0 else None)
            if k in (0, 1):                                            # plain, zoned
                e = ev(dtstart=ms(base), dtend=ms(base) + 5400000, end_tz=zones[(i + 1) % len(zones)] if i % 2 else None, **common)
            elif k == 2:                                               # all-day, one or several days
                d = dt.datetime(2024, 1 + i % 12, 1 + i % 28, tzinfo=UTC)
                common["tz"] = "UTC"
                e = ev(dtstart=ms(d), dtend=ms(d) + 86400000 * (1 + i % 4), all_day=1, **common)
            elif k in (3, 4, 5):                                       # recurring
                e = ev(dtstart=ms(base), duration=durations[i // 16 % len(durations)], rrule=rules[(i // 16 + k * 4) % len(rules)], **common)
            elif k == 6:                                               # weekly with exceptions of every kind
                base = dt.datetime(2024, 3, 4, 10, tzinfo=ZoneInfo(zone))       # a Monday before most clock changes
                e = ev(dtstart=ms(base), duration="P3600S", rrule="FREQ=WEEKLY;BYDAY=MO;WKST=MO", **common)
                inst = lambda w: ms((base.replace(tzinfo=None) + dt.timedelta(weeks=w)).replace(tzinfo=ZoneInfo(zone)))
                c2 = dict(common, title="MOVED %s E%d" % (h(1), i), description="moved d%d" % i, uid=None)
                ev(dtstart=inst(5) + 7200000, dtend=inst(5) + 9000000, original_id=e["id"], original_sync_id=e["sync_id"],
                   original_time=inst(5), original_all_day=0, **c2)
                c3 = dict(common, title=common["title"], status=2, uid=None)
                ev(dtstart=inst(7), dtend=inst(7) + 3600000, original_id=e["id"], original_sync_id=e["sync_id"],
                   original_time=inst(7), original_all_day=0, **c3)
            elif k == 7:                                               # EXDATE and RDATE columns in their several forms
                base = dt.datetime(2024, 3, 4, 10, tzinfo=ZoneInfo("Europe/Berlin"))
                loc = lambda w: (base + dt.timedelta(weeks=w)).strftime("%Y%m%dT%H%M%S")
                utc = lambda w: (base.replace(tzinfo=None) + dt.timedelta(weeks=w)).replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
                common["tz"] = "Europe/Berlin"
                form = i // 16 % 5
                ex = [utc(1) + "," + utc(6), "Europe/Berlin;" + loc(1) + "," + loc(6), utc(1) + "\n" + utc(6),
                      "Europe/Berlin;" + loc(1) + "\n" + utc(6), utc(1)][form]
                rd = [None, utc(0)[:0] + (base + dt.timedelta(days=2)).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"),
                      "Europe/Berlin;" + (base + dt.timedelta(days=2)).strftime("%Y%m%dT%H%M%S"), None, None][form]
                e = ev(dtstart=ms(base), duration="P3600S", rrule="FREQ=WEEKLY;COUNT=20", exdate=ex, rdate=rd, **common)
                e["truth_ex"] = [ms(base), [1, 6] if form != 4 else [1]]
            elif k == 8:                                               # all-day recurring with a moved and a cancelled day
                d = dt.datetime(2024, 2, 1 + i % 20, tzinfo=UTC)
                common["tz"] = "UTC"
                e = ev(dtstart=ms(d), duration="P1D", all_day=1, rrule="FREQ=MONTHLY;COUNT=10", **common)
                o = ms(d.replace(month=4))
                ev(dtstart=o + 86400000, dtend=o + 2 * 86400000, all_day=1, original_id=e["id"], original_sync_id=e["sync_id"],
                   original_time=o, original_all_day=1, **dict(common, title="MOVED DAY E%d" % i, uid=None))
                o = ms(d.replace(month=5))
                ev(dtstart=o, dtend=o + 86400000, all_day=1, original_id=e["id"], original_sync_id=e["sync_id"], original_time=o,
                   original_all_day=1, **dict(common, status=2, uid=None))
            elif k == 9:                                               # a zone nobody knows
                common["tz"] = odd_zones[i // 16 % len(odd_zones)]
                e = ev(dtstart=ms(base), dtend=ms(base) + 3600000, **common)
            elif k == 10:                                              # ends before it starts; no end at all; zero length
                e = ev(dtstart=ms(base), dtend=[ms(base) - 3600000, None, ms(base)][i // 16 % 3], **common)
            elif k == 11:                                              # untitled, or nothing but a title
                common["title"] = [None, "", " ", "NULL"][i // 16 % 4]
                common["description"] = None if i % 32 == 11 else "untitled d%d" % i
                e = ev(dtstart=ms(base), dtend=ms(base) + 3600000, **common)
            elif k == 12:                                              # far away in time
                e = ev(dtstart=[-631152000000, 0, 1, 4102444800000 + i, -2208988800000, 951782400000][i // 16 % 6],
                       dtend=[-631148400000, 3600000, 3600001, 4102448400000 + i, -2208985200000, 951786000000][i // 16 % 6],
                       **dict(common, tz="UTC"))
            elif k == 13:                                              # deleted, waiting for its sync
                e = ev(dtstart=ms(base), dtend=ms(base) + 3600000, deleted=1, **common)
            elif k == 14:                                              # an exception without its master on the phone; one with a sync id only
                if i // 16 % 2:
                    e = ev(dtstart=ms(base), dtend=ms(base) + 3600000, original_id=None, original_sync_id="gone-%d" % i,
                           original_time=ms(base) - 7200000, original_all_day=0, **common)
                else:
                    e = ev(dtstart=ms(base), duration="PT45M", rrule="FREQ=DAILY;COUNT=9", **dict(common, calendar_id=1))
                    o = ms((base.replace(tzinfo=None) + dt.timedelta(days=3)).replace(tzinfo=ZoneInfo(zone)))
                    ev(dtstart=o + 3600000, dtend=o + 7200000, original_id=None, original_sync_id=e["sync_id"], original_time=o,
                       original_all_day=0, **dict(common, calendar_id=1, title="BY SYNC ID E%d" % i, uid=None))
            else:                                                      # full of extras
                e = ev(dtstart=ms(base), dtend=ms(base) + 1800000, app_uri="app://x/%d" % i, **common)
                self.extended.append(dict(event=e["id"], name="vnd.android.cursor.item/vnd.ical4android.unknown-property.v2",
                                          value='["X-FOO-%d","bar, baz; \\"q\\""]' % i))
                self.extended.append(dict(event=e["id"], name="odd name, value=x", value=h(2) + " x%d" % i))
            if not e["deleted"]:
                for q in range(i % 4):
                    self._reminder(e, [10, 0, 1440, -1, 10080, 5, 40320][(i + q * 3) % 7], [1, 0, 2, 3, 4][(i + q) % 5])
            if i % 3 == 0 or e["deleted"]:
                if e["organizer"]:
                    self._attendee(e, "Boss, \"B\"; x:y", e["organizer"], 1, 2, 1)
                self._attendee(e, h(6), "g%d@example.com" % i, [0, 1, 2, 3, 4][i % 5], 1, [1, 2, 3][i % 3])
                self._attendee(e, "Nomail %d \u00DC" % i, [None, ""][i % 2], 3, 1, 1)
                self._attendee(e, None, "only,mail%d@example.com" % i, 4, 1, 2)

    def _reminder(self, e, minutes, method):
        e["has_alarm"] = 1
        self.reminders.append(dict(id=len(self.reminders) + 1, event=e["id"], minutes=minutes, method=method))

    def _attendee(self, e, name, email, status, rel, typ):
        self.attendees.append(dict(id=len(self.attendees) + 1, event=e["id"], name=name, email=email, status=status, rel=rel, type=typ))

    # ---------------------------------------------------------------- to-dos and SIM
    def _tasks(self, count):
        self.tasks = []
        z = ZoneInfo("Europe/Berlin")
        for i in range(count):
            h = lambda k: "Errand %d" % (i + k) if self.ordinary else HOSTILE[(i * 11 + k) % len(HOSTILE)]
            due = dt.datetime(2024, 1 + i % 12, 1 + i % 28, tzinfo=z) if i % 3 else None
            start = due - dt.timedelta(days=2) if due and i % 2 else None
            wall = lambda d: int(d.replace(tzinfo=UTC).timestamp() * 1000) if d else None
            inst = lambda d: int(d.timestamp() * 1000) if d else None
            done = i % 4 == 1
            rec = i % 7 == 2
            self.tasks.append(dict(
                _id=i + 1, syncServerId="srv:%d" % i if i % 2 else None, displayName="Tasks", _sync_dirty=0, clientId=None,
                sourceid=i if i % 5 == 0 else None, bodyType=1, body_size=None, body_truncated=0, due_date=wall(due), utc_due_date=inst(due),
                importance=[0, 1, 2, None][i % 4], date_completed=inst(due) + 36000000 if done and due else None, complete=1 if done else 0,
                recurrence_type=[0, 1, 2, 5][i % 4] if rec else None, recurrence_start=wall(due) if rec else None, recurrence_until=None,
                recurrence_occurrences=6 if rec else None, recurrence_interval=2 if rec else None,
                recurrence_day_of_week=(1 << (i % 7)) if rec else None, recurrence_week_of_month=None,
                recurrence_day_of_month=(1 + i % 28) if rec else None, recurrence_month_of_year=(1 + i % 12) if rec else None,
                recurrence_regenerate=0 if rec else None, recurrence_dead_occur=0 if rec else None,
                reminder_set=1 if i % 5 == 0 and due else 0, reminder_time=inst(due) - 3600000 if i % 5 == 0 and due else None,
                sensitivity=i % 3, start_date=wall(start), utc_start_date=inst(start), parentId=None,
                subject="%s T%d" % (h(0), i) if i % 15 != 14 else None, body=(h(1) + " b%d\n" % i + h(2)) if i % 2 else ("b%d" % i if i % 15 == 14 else None),
                category1=h(3) if i % 9 == 0 else None, category2="Errands, home" if i % 9 == 0 else None, category3=None,
                mailboxKey=None, accountKey=1 if i % 2 else 0, accountName="m.lopez@firm.example" if i % 2 else "My Task", reminder_type=1,
                groupId=1, previousId=0, deleted=1 if i % 13 == 12 else 0))

    def _sim(self):
        self.sim = [("Mailbox", "+491713311", "", 1), ("Oma, Row: 3", "030\u00B7123", "", 2), ("", "0800111", "", 3), ("NULL", "112", "", 4),
                    ("Anna SIM", "+49 30 7000001", "", 5), ("J\u00FCrgen \u5C71", "*100#", "", 6), ("Wait/Pause", "030,123;45", "", 7)]

    # ---------------------------------------------------------------- truth
    def truth_contacts(self):
        """Living contacts as lists of raw contacts; deleted raw contacts; both with their rows."""
        by = {x["id"]: x for x in self.raws}
        live = [dict(id=c["id"], starred=c["starred"], empty=c.get("empty", False), raws=[by[k] for k in c["raws"]]) for c in self.contacts]
        dead = [dict(id=-x["id"], starred=0, empty=False, raws=[x]) for x in self.raws if x["deleted"]]
        return live, dead

    def dump(self):
        clean = lambda v: {"blob": v.hex()} if isinstance(v, bytes) else v
        return json.dumps(self.__dict__ | {"r": None, "messages": None}, default=clean, ensure_ascii=False)


def add_arguments(p):
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--contacts", type=int, default=500)
    p.add_argument("--events", type=int, default=300)
    p.add_argument("--todos", type=int, default=60)
    p.add_argument("--messages", type=int, default=150)
    p.add_argument("--pictures", type=int, default=12)
    p.add_argument("--ordinary", action="store_true", help="none of the hostile values, for measuring")
    p.add_argument("--stale-account", action="store_true", help="rows of an account that is no longer on the phone")


def from_arguments(a):
    return Owner(a.seed, a.contacts, a.events, a.todos, a.stale_account, a.ordinary, (a.messages, a.pictures))


if __name__ == "__main__":
    o = Owner(*(int(x) for x in sys.argv[1:]))
    print(len(o.contacts), len(o.raws), sum(len(x["rows"]) for x in o.raws), len(o.events), len(o.attendees), len(o.tasks))
