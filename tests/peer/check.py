#!/usr/bin/env python3
"""Reads a rescue folder back and names every value of the owner's that is not in it.

    check.py FOLDER --seed 1 --contacts 500 --events 300 --todos 60 [--json rescue.json]

Needs vobject, icalendar and python-dateutil. Exits 1 if anything is lost or anything is too many.
"""
import argparse
import collections
import datetime as dt
import io
import json
import os
import re
import sys
import urllib.parse
from zoneinfo import ZoneInfo

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import messages                                                    # noqa: E402
import owner as owner_module                                       # noqa: E402

ITEM = owner_module.ITEM
UTC = dt.timezone.utc
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


# ------------------------------------------------------------------ a naive reader of content lines
def norm(s):
    return CONTROL.sub("", s.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n"))


def unescape(s):
    return re.sub(r"\\(.)", lambda m: "\n" if m.group(1) in "nN" else m.group(1), s, flags=re.S)


def split_unescaped(s, sep):
    out, cur, i = [], "", 0
    while i < len(s):
        if s[i] == "\\" and i + 1 < len(s):
            cur += s[i:i + 2]
            i += 2
        elif s[i] == sep:
            out.append(cur)
            cur = ""
            i += 1
        else:
            cur += s[i]
            i += 1
    return out + [cur]


class Prop:
    def __init__(self, line):
        i, quoted = 0, False
        while i < len(line) and (quoted or line[i] != ":"):
            quoted ^= line[i] == '"'
            i += 1
        head, self.raw = line[:i], line[i + 1:]
        self.ok = i < len(line)
        parts, cur, quoted = [], "", False
        for c in head:
            if c == '"':
                quoted = not quoted
            if c == ";" and not quoted:
                parts.append(cur)
                cur = ""
            else:
                cur += c
        parts.append(cur)
        name = parts[0]
        self.group, _, self.name = name.rpartition(".")
        self.name = self.name.upper()
        self.params = []
        for p in parts[1:]:
            k, eq, v = p.partition("=")
            for one in re.findall(r'"[^"]*"|[^,]+', v) if eq else [k]:
                one = one.strip('"').replace("^n", "\n").replace("^'", '"').replace("^^", "^")
                self.params.append((k.upper() if eq else "TYPE", one))
        self.value = norm(unescape(self.raw))

    def param(self, key):
        return [v for k, v in self.params if k == key]

    def texts(self):
        """All texts that can be read from this line."""
        yield self.value
        yield norm(self.raw)
        for comp in split_unescaped(self.raw, ";"):
            yield norm(unescape(comp))
            for one in split_unescaped(comp, ","):
                yield norm(unescape(one))
            key, eq, v = comp.partition("=")
            if eq:
                yield norm(unescape(v))
        for one in split_unescaped(self.raw, ","):
            yield norm(unescape(one))
        for _, v in self.params:
            yield norm(v)
            if v.upper().startswith("X-"):
                yield norm(v[2:])
        if "%" in self.raw:
            d = urllib.parse.unquote(self.value)
            yield norm(d)
            yield norm(d.partition(":")[2])
        if ":" in self.value:
            yield self.value.partition(":")[2]
        for text in (self.value, self.raw):
            if text[:1] in "{[":
                try:
                    yield from json_strings(json.loads(text))
                except ValueError:
                    pass


def json_strings(v):
    if isinstance(v, str):
        yield norm(v)
    elif isinstance(v, dict):
        for k, x in v.items():
            yield norm(k)
            yield from json_strings(x)
    elif isinstance(v, list):
        for x in v:
            yield from json_strings(x)
    elif v is not None:
        yield str(v)


def read_lines(path):
    data = open(path, "rb").read()
    text = data.decode("utf-8")                                      # strict: invalid UTF-8 ends the check
    if re.search(r"(?<!\r)\n", text):
        REPORT.lost["format"]["bare LF"].append(path)
    for raw in data.split(b"\r\n"):
        if len(raw) > 75:
            REPORT.lost["format"]["line over 75 octets"].append(raw[:60].decode("utf-8", "replace"))
    return re.sub("\r\n[ \t]", "", text).split("\r\n")


class Block:
    """A card or a component: its own lines and the components in it."""

    def __init__(self, name):
        self.kind, self.props, self.children = name, [], []
        self._hay = None

    def all_props(self):
        yield from self.props
        for c in self.children:
            yield from c.all_props()

    def hay(self):
        if self._hay is None:
            self._hay = set()
            for p in self.all_props():
                self._hay.update(p.texts())
            self._blob = "\x00".join(self._hay)
        return self._hay

    def has(self, value):
        v = norm(value)
        if v in self.hay():
            return True
        return len(v) >= 4 and v in self._blob

    def named(self, *names):
        return [p for p in self.props if p.name in names]

    def label(self, prop):
        if not prop.group:
            return ""
        return " ".join(p.value for p in self.props if p.group == prop.group and p.name in ("X-ABLABEL", "X-LABEL"))

    def kind_text(self, prop):
        return " ".join([v for k, v in prop.params if k not in ("VALUE",)] + [self.label(prop), prop.name]).lower()


def read_blocks(path):
    top = Block("TOP")
    stack = [top]
    for line in read_lines(path):
        if not line:
            continue
        p = Prop(line)
        if not p.ok:
            REPORT.lost["format"]["line without colon"].append(line[:80])
            continue
        if p.name == "BEGIN":
            b = Block(p.raw.upper())
            stack[-1].children.append(b)
            stack.append(b)
        elif p.name == "END":
            if len(stack) == 1 or stack[-1].kind != p.raw.upper():
                REPORT.lost["format"]["stray END"].append(line)
            else:
                stack.pop()
        else:
            stack[-1].props.append(p)
    if len(stack) != 1:
        REPORT.lost["format"]["missing END"].append(path)
    return top.children


# ------------------------------------------------------------------ report
class Report:
    def __init__(self):
        self.lost = collections.defaultdict(lambda: collections.defaultdict(list))
        self.info = collections.defaultdict(lambda: collections.defaultdict(list))
        self.checked = collections.Counter()

    def miss(self, where, field, example, info=False):
        (self.info if info else self.lost)[where][field].append(example)

    def show(self):
        for title, table in (("LOST OR WRONG", self.lost), ("for information", self.info)):
            print("== %s" % title)
            for where in sorted(table):
                for field in sorted(table[where]):
                    ex = table[where][field]
                    print("%-22s %-34s %5d of %5d" % (where, field, len(ex), self.checked[(where, field)]))
                    for e in ex[:3]:
                        print("      e.g. %s" % repr(e)[:230])
        print("== checked %d values, lost or wrong %d" % (sum(self.checked.values()),
                                                         sum(len(x) for t in self.lost.values() for x in t.values())))


REPORT = Report()


# ------------------------------------------------------------------ contacts
PHONE_WORDS = {1: ["home"], 2: ["cell|mobile"], 3: ["work"], 4: ["fax", "work"], 5: ["fax", "home"], 6: ["pager"], 8: ["callback"], 9: ["car"],
               10: ["company|main"], 11: ["isdn"], 12: ["main"], 13: ["fax"], 14: ["radio"], 15: ["telex|tlx"], 16: ["tty|textphone"],
               17: ["work", "cell|mobile"], 18: ["work", "pager"], 19: ["assistant"], 20: ["mms"]}
EMAIL_WORDS = {1: ["home"], 2: ["work"], 4: ["cell|mobile"]}
POSTAL_WORDS = {1: ["home"], 2: ["work"]}
WEB_WORDS = {1: ["home"], 2: ["blog"], 3: ["profile"], 4: ["home"], 5: ["work"], 6: ["ftp"]}
RELATION = ["", "assistant", "brother", "child", "domestic|partner", "father", "friend", "manager", "mother", "parent", "partner", "referred", "relative",
            "sister", "spouse"]
IM_WORDS = {0: "aim", 1: "msn", 2: "yahoo|ymsgr", 3: "skype", 4: "qq", 5: "google|gtalk", 6: "icq", 7: "jabber|xmpp", 8: "netmeeting"}


def words_ok(text, words):
    return all(any(w in text for w in alt.split("|")) for alt in words)


def date_ok(card, value):
    digits = re.sub(r"\D", "", value.split("T")[0])
    for p in card.props:
        v = p.value
        if re.sub(r"\D", "", v.split("T")[0]) == digits and digits:
            return True
        if value.startswith("--") and re.sub(r"\D", "", v)[-4:] == digits and "1604" in v:
            return True
    return False


def exact_entries(prop, value):
    """The entries with this value in the property of exact values, as texts that hold their labels."""
    if prop.name != "X-LIFEBOAT-DATA":
        return
    waiting = [json.loads(unescape(prop.raw))]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if any(isinstance(v, str) and norm(v) == norm(value) for v in one.values()):
                yield json.dumps(one, ensure_ascii=False).lower()
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


class CardCheck:
    def __init__(self, where, card, contact, groups):
        self.where, self.card, self.contact, self.groups = where, card, contact, groups

    def want(self, field, ok, example, info=False):
        REPORT.checked[(self.where, field)] += 1
        if not ok:
            REPORT.miss(self.where, field, example, info)

    def text(self, field, value, info=False):
        if value is None or not isinstance(value, str) or not norm(value).strip():
            return
        ok = self.card.has(value)
        if not ok and "\x85" in value and self.card.has(value.replace("\x85", "")):
            field = "U+0085 dropped, words joined"
        self.want(field, ok, value, info)

    def props_with(self, value, *names):
        v = norm(value)
        return [p for p in self.card.props if (not names or p.name in names) and any(t == v for t in p.texts())]

    def typed(self, field, value, names, kind, words, label):
        """Checks that a property with the right name has the value, with its kind or its label."""
        if value is None or not norm(value).strip():
            return
        self.text(field, value)
        if not self.card.has(value):
            return
        props = self.props_with(value, *names)
        self.want(field + " in " + names[0], bool(props), value, info=True)
        props = props or self.props_with(value)
        if kind == 0 and label is not None and norm(label).strip():
            ok = any(norm(label) in (norm(self.card.label(p)), ) or any(norm(label) == norm(v) or norm(label) == norm(v[2:]) for v in p.param("TYPE"))
                     or norm(label) in list(p.texts()) for p in props)
            self.want(field + " label", ok or self.card.has(label), (value, label))
            if self.card.has(label):
                self.want(field + " label at its value", ok, (value, label), info=True)
        elif kind in words:
            texts = [text for p in props for text in [self.card.kind_text(p), *exact_entries(p, value)]]
            self.want(field + " type", any(words_ok(text, words[kind]) for text in texts),
                      (value, kind, [self.card.kind_text(p) for p in props][:2]))

    def row(self, r):
        m = r["mimetype"]
        d = lambda k: r["data%d" % k]
        t = d(2)
        t = int(t) if isinstance(t, str) and re.fullmatch(r"-?\d+", t) else None
        short = m[len(ITEM):] if m.startswith(ITEM) else m
        if short == "name":
            for k, f in enumerate("display given family prefix middle suffix phonetic-given phonetic-middle phonetic-family".split(), 1):
                self.text("name." + f, d(k))
        elif short == "phone_v2":
            self.typed("phone", d(1), ["TEL"], t, PHONE_WORDS, d(3))
            if r["is_super_primary"] and d(1):
                self.want("phone primary", any("pref" in self.card.kind_text(p) or p.param("PREF") for p in self.props_with(d(1))), d(1), info=True)
        elif short == "email_v2":
            self.typed("email", d(1), ["EMAIL"], t, EMAIL_WORDS, d(3))
            self.text("email.display", d(4))
        elif short == "postal-address_v2":
            for k, f in ((4, "street"), (5, "pobox"), (6, "neighborhood"), (7, "city"), (8, "region"), (9, "postcode"), (10, "country")):
                self.text("postal." + f, d(k))
            parts = [d(k) for k in range(4, 11) if d(k)]
            self.text("postal.formatted alone" if not parts else "postal.formatted", d(1))
            first = d(4) or d(1)
            if first and self.card.has(first):
                self.typed("postal", first, ["ADR"], t, POSTAL_WORDS, d(3))
        elif short == "organization":
            for k, f in ((1, "company"), (4, "title"), (5, "department"), (6, "job"), (7, "symbol"), (8, "phonetic"), (9, "office")):
                self.text("org." + f, d(k))
            if t == 0:
                self.text("org.label", d(3))
        elif short == "im":
            self.text("im.handle", d(1))
            proto = int(d(5)) if d(5) else None
            if proto == -1:
                self.text("im.custom-protocol", d(6))
            elif proto in IM_WORDS:
                ok = any(any(w in (self.card.kind_text(p) + p.raw.lower()) for w in IM_WORDS[proto].split("|")) for p in self.card.props
                         if d(1).strip() and (norm(d(1)) in list(p.texts()) or norm(d(1)).strip() in norm(urllib.parse.unquote(p.value))))
                self.want("im.protocol", ok, (d(1), proto))
            if t == 0:
                self.text("im.label", d(3))
        elif short == "nickname":
            self.text("nickname", d(1))
            if t == 0:
                self.text("nickname.label", d(3))
            elif t in (3, 4, 5):
                w = {3: "maiden", 4: "short", 5: "initials"}[t]
                self.want("nickname.type", any(w in (self.card.kind_text(p) + p.raw.lower()) or re.search(r"nickname;(.*;)?%d\b" % t, p.raw)
                                               for p in self.card.props if d(1).strip() and any(norm(d(1)) in x for x in p.texts())), (d(1), t))
        elif short == "note":
            self.text("note", d(1))
            if d(1).strip():
                self.want("note in NOTE", any(norm(d(1)) in p.value for p in self.card.named("NOTE")), d(1), info=True)
        elif short == "website":
            self.typed("website", d(1), ["URL"], t, WEB_WORDS, d(3))
        elif short == "contact_event":
            if d(1) and d(1).strip():
                self.want("event.date", self.card.has(d(1)) or date_ok(self.card, d(1)), d(1))
                if t == 3:
                    self.want("event birthday in BDAY", any(p.name in ("BDAY", "X-ANDROID-CUSTOM") or "BIRTH" in p.name for p in self.card.props
                                                            if norm(d(1)) in list(p.texts()) or re.sub(r"\D", "", p.value)[-4:] == re.sub(r"\D", "", d(1))[-4:]), d(1), info=True)
                if t == 0:
                    self.text("event.label", d(3))
        elif short == "relation":
            self.typed("relation", d(1), ["RELATED", "X-ABRELATEDNAMES", "X-ANDROID-CUSTOM"], t, {k: [w] for k, w in enumerate(RELATION) if w}, d(3))
        elif short == "sip_address":
            self.text("sip", d(1))
            if t == 0:
                self.text("sip.label", d(3))
        elif short == "identity":
            self.text("identity", d(1))
            self.text("identity.namespace", d(2))
        elif short == "group_membership":
            g = self.groups.get(int(d(1)))
            if g:
                self.text("group.title" if not (g["system_id"] or g["favorites"]) else "group.system-title", g["title"], info=bool(g["system_id"] or g["favorites"]))
        elif short == "photo":
            pass                                                     # the content tool prints the word BLOB
        else:
            self.text("other.mimetype", m)
            for k in range(1, 16):
                self.text("other.data%d" % k, d(k))

    def run(self):
        for raw in self.contact["raws"]:
            for r in raw["rows"]:
                self.row(r)
        if self.contact["starred"]:
            self.want("starred", any(w in " ".join(self.card.hay()).lower() for w in ("starred", "favorite", "favourite")), self.contact["id"], info=True)


def strong_values(contact):
    for raw in contact["raws"]:
        for r in raw["rows"]:
            if r["mimetype"] == ITEM + "group_membership":
                continue
            for k in range(1, 16):
                v = r["data%d" % k]
                if isinstance(v, str) and len(v) > 3:
                    yield norm(v)


def match(cards, wanted, values):
    """Finds one card for each wanted contact. Pairs that share the rarest values are matched first."""
    index = collections.defaultdict(set)
    for k, c in enumerate(cards):
        for v in c.hay():
            index[v].add(k)
    pairs = []
    for w, thing in enumerate(wanted):
        score = collections.Counter()
        for v in set(values(thing)):
            hits = index.get(v, ())
            if 0 < len(hits) <= 50:
                for k in hits:
                    score[k] += 1.0 / len(hits)
        pairs += [(s, w, k) for k, s in score.items()]
    pairs.sort(key=lambda x: -x[0])
    got, used = {}, set()
    for s, w, k in pairs:
        if w not in got and k not in used:
            got[w] = k
            used.add(k)
    return got, used


def check_cards(folder, file, wanted, groups, empties=0):
    path = os.path.join(folder, "data", file)
    if not os.path.exists(path):
        if wanted:
            REPORT.miss(file, "file missing", path)
        return
    cards = [b for b in read_blocks(path) if b.kind == "VCARD"]
    got, used = match(cards, wanted, strong_values)
    for w, contact in enumerate(wanted):
        REPORT.checked[(file, "card")] += 1
        if w not in got:
            if not contact["empty"]:
                REPORT.miss(file, "card", [v for v in strong_values(contact)][:4])
            continue
        CardCheck(file, cards[got[w]], contact, groups).run()
    extra = [c for k, c in enumerate(cards) if k not in used]
    sim = {norm(x) for row in OWNER.sim for x in row[:2] if x}
    rest = []
    exported = 0
    for c in extra:
        texts = {p.value for p in c.named("FN", "TEL")}
        if texts & sim:
            continue
        # The card from the file that the owner exported (peer.py, kontakte.vcf).
        if texts == {"Eva Alt", "0170"} and any('"origin":"file"' in p.raw for p in c.named("X-LIFEBOAT-DATA")):
            exported += 1
            continue
        rest.append(c)
    if file.startswith("contacts") and "deleted" not in file:
        REPORT.checked[(file, "exported card")] += 1
        if exported != 1:
            REPORT.miss(file, "exported card", f"Eva Alt is there {exported} times")
        for name, number, _, _ in OWNER.sim:
            REPORT.checked[(file, "sim entry")] += 1
            if not any(c.has(number) and (not name or c.has(name)) for c in cards):
                REPORT.miss(file, "sim entry", (name, number))
    rest = rest[empties:] if len(rest) <= empties else rest
    for c in rest:
        REPORT.miss(file, "card too many", [p.name + ":" + p.raw[:60] for p in c.props[:6]])
    print("%-22s %5d cards, %d wanted, %d found, %d besides" % (file, len(cards), len(wanted), len(got), len(extra)))
    return cards


def check_vobject(folder, file, cards):
    """Checks that vobject, a widely used reader, finds the same cards with the same values."""
    try:
        import vobject
    except ImportError:
        print("vobject is not here: not asked")
        return
    path = os.path.join(folder, "data", file)
    if cards is None or not os.path.exists(path):
        return
    text = open(path, encoding="utf-8", newline="").read()
    pieces = [x + "END:VCARD\r\n" for x in re.split(r"(?m)^END:VCARD\r\n", text)[:-1]]
    theirs = []
    for one in pieces:
        try:
            theirs.append(vobject.readOne(io.StringIO(one, newline="")))
        except Exception as e:                                       # noqa: BLE001 - every refusal is a finding
            REPORT.miss(file, "refused by vobject", "%s: %s" % (e, one[:120]))
            theirs.append(None)
    REPORT.checked[(file, "refused by vobject")] = len(pieces)
    for ours, v in zip(cards, theirs):
        if v is None:
            continue
        for name in ("FN", "TEL", "EMAIL", "NOTE", "URL"):
            a = sorted(p.value for p in ours.named(name))
            b = sorted(norm(str(x.value)) for x in v.contents.get(name.lower(), []))
            REPORT.checked[(file, "vobject reads " + name)] += 1
            if a != b:
                REPORT.miss(file, "vobject reads " + name, (a[:2], b[:2]))


# ------------------------------------------------------------------ calendar
def parse_when(text, zone):
    m = re.fullmatch(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?", text.strip())
    if not m:
        return None
    y, mo, d = int(m[1]), int(m[2]), int(m[3])
    try:
        if m[4] is None:
            return dt.datetime(y, mo, d, tzinfo=UTC)
        t = dt.datetime(y, mo, d, int(m[4]), int(m[5]), int(m[6]))
    except ValueError:
        return None
    return t.replace(tzinfo=UTC) if m[7] else t.replace(tzinfo=zone or UTC)


def ms(d):
    return round((d - dt.datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000) if d is not None else None


def zone_or_none(name):
    try:
        return ZoneInfo(name) if name and not name.startswith("/") and ".." not in name else None
    except Exception:                                                # noqa: BLE001 - any odd name
        return None


def seconds(duration):
    m = re.fullmatch(r"([+-]?)P(?:(\d+)W)?(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", (duration or "").strip())
    if not m:
        return None
    w, d, h, mi, s = (int(x or 0) for x in m.groups()[1:])
    v = w * 604800 + d * 86400 + h * 3600 + mi * 60 + s
    return -v if m[1] == "-" else v


class Zones:
    """The file's own VTIMEZONEs, read by dateutil, beside the system's zones."""

    def __init__(self, cal):
        self.own, self.bad = {}, {}
        for tz in [c for c in cal.children if c.kind == "VTIMEZONE"]:
            tzid = tz.named("TZID")[0].value
            lines = ["BEGIN:VTIMEZONE"] + ["TZID:" + tzid]
            for sub in tz.children:
                lines += ["BEGIN:" + sub.kind] + [self.line(p) for p in sub.props if p.name in ("DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "TZNAME", "RRULE", "RDATE")] + ["END:" + sub.kind]
            lines.append("END:VTIMEZONE")
            try:
                from dateutil.tz import tzical
                self.own[tzid] = tzical(io.StringIO("\n".join(lines) + "\n")).get(tzid)
            except Exception as e:                                   # noqa: BLE001 - a zone that cannot be read is a finding
                self.bad[tzid] = str(e)

    @staticmethod
    def line(p):
        return p.name + ":" + p.raw

    def instants(self, prop):
        """Returns [(reader, ms)] of a date property with one or several values."""
        tzid = (prop.param("TZID") or [None])[0]
        out = []
        for one in prop.raw.split(","):
            one = one.split("/")[0]
            if tzid is None:
                out.append([("plain", ms(parse_when(one, None)))])
                continue
            both = []
            if zone_or_none(tzid):
                both.append(("system", ms(parse_when(one, zone_or_none(tzid)))))
            if tzid in self.own:
                both.append(("VTIMEZONE", ms(parse_when(one, self.own[tzid]))))
            out.append(both or [("unknown", None)])
        return out


def rule_parts(text):
    d = {}
    for part in text.strip().split(";"):
        k, _, v = part.partition("=")
        d[k.upper()] = v
    return d


def same_rule(a, b):
    a, b = rule_parts(a), rule_parts(b)
    ua, ub = a.pop("UNTIL", None), b.pop("UNTIL", None)
    if (ua is None) != (ub is None):
        return False
    if ua:
        if abs((parse_when(ua, None) - parse_when(ub, None)).total_seconds()) > (86400 if "T" in ua else 172800):
            return False
    for x in (a, b):
        if x.get("INTERVAL") == "1":
            x.pop("INTERVAL")
        for k in ("BYDAY", "BYMONTHDAY"):
            if k in x:
                x[k] = ",".join(sorted(x[k].split(",")))
        if x.get("WKST") == "MO":
            x.pop("WKST")
    return a == b


class EventCheck:
    def __init__(self, where, block, e, zones, o):
        self.w, self.b, self.e, self.z, self.o = where, block, e, zones, o

    def want(self, field, ok, example, info=False):
        REPORT.checked[(self.w, field)] += 1
        if not ok:
            REPORT.miss(self.w, field, (self.e["id"], self.e["title"], example), info)

    def one(self, name):
        p = self.b.named(name)
        return p[0] if p else None

    def text(self, field, prop, value, info=False):
        if value is None or not norm(value).strip():
            return
        p = self.one(prop)
        ok = p is not None and p.value == norm(value)
        if not ok and p is not None and p.value == norm(value).replace("\x85", ""):
            field = "U+0085 dropped, words joined"
        self.want(field, ok, (value, p.value if p else None), info)

    def when(self, field, prop, want_ms, all_day):
        p = self.one(prop)
        if p is None:
            self.want(field, False, "no " + prop)
            return None
        readings = self.z.instants(p)[0]
        want_ms = want_ms // 1000 * 1000                               # iCalendar has no fractions of seconds
        ok = all(v == want_ms for _, v in readings)
        self.want(field, ok, (p.name, p.params, p.raw, [(n, v and v - want_ms) for n, v in readings if v != want_ms]))
        if all_day:
            self.want(field + " all-day as DATE", re.fullmatch(r"\d{8}", p.raw) is not None, p.raw)
        return p

    def run(self, children, master_block):
        e, b = self.e, self.b
        self.text("title", "SUMMARY", e["title"])
        self.text("location", "LOCATION", e["location"])
        self.text("description", "DESCRIPTION", e["description"])
        p = self.when("start", "DTSTART", e["dtstart"], e["all_day"])
        zone = zone_or_none(e["tz"])
        if p is not None and zone and not e["all_day"]:
            tzid = (p.param("TZID") or ["UTC"])[0]
            z2 = zone_or_none(tzid) or self.z.own.get(tzid)
            at = [dt.datetime.fromtimestamp(max(0, e["dtstart"]) / 1000 + k * 7884000, UTC) for k in range(5)]
            same = z2 is not None and all(x.astimezone(zone).utcoffset() == x.astimezone(z2).utcoffset() for x in at)
            self.want("zone of a series" if e["rrule"] else "zone", same, (e["tz"], tzid), info=not e["rrule"])
        # end
        end = None
        if e["dtend"] is not None:
            end = e["dtend"]
        elif e["duration"] is not None and seconds(e["duration"]) is not None:
            end = e["dtstart"] + seconds(e["duration"]) * 1000
        if end is not None:
            end = end // 1000 * 1000
            pe, pd = self.one("DTEND"), self.one("DURATION")
            got = None
            if pe is not None:
                got = [v for _, v in self.z.instants(pe)[0]]
            elif pd is not None and seconds(pd.raw) is not None:
                got = [e["dtstart"] + seconds(pd.raw) * 1000]
            elif p is not None:
                got = [e["dtstart"] + (86400000 if e["all_day"] else 0)]
            field = "end" if end >= e["dtstart"] else "end before start"
            ok = got is not None and all(g == end for g in got)
            if not ok and end < e["dtstart"]:
                d = dt.datetime.fromtimestamp(end / 1000, UTC)
                ok = any(b.has(x) for x in (str(end), d.strftime("%Y%m%dT%H%M%SZ"), d.strftime("%Y-%m-%dT%H:%M:%S"), d.strftime("%Y-%m-%d %H:%M")))
            if e["duration"] and not e["dtend"] and pe is not None and abs(got[0] - end) == 3600000:
                ok = True                                            # a duration of one day across a clock change
            self.want(field, ok, (end, e["duration"], pe.raw if pe else None, pd.raw if pd else None))
            if pe is not None and e["end_tz"] and zone_or_none(e["end_tz"]):
                tzid = (pe.param("TZID") or ["UTC"])[0]
                z2 = zone_or_none(tzid) or self.z.own.get(tzid)
                at = dt.datetime.fromtimestamp(end / 1000, UTC)
                self.want("zone of the end", z2 is not None and at.astimezone(z2).utcoffset() == at.astimezone(ZoneInfo(e["end_tz"])).utcoffset(),
                          (e["end_tz"], tzid), info=True)
        # recurrence
        if e["rrule"]:
            rules = [x.raw for x in b.named("RRULE")]
            for k, one in enumerate(e["rrule"].split("\n")):
                if k == 0:
                    self.want("rrule", any(same_rule(one, x) for x in rules), (one, rules))
                else:
                    self.want("rrule, second", any(same_rule(one, x) for x in rules) or b.has(one), (one, rules))
        exdates = {v for x in b.named("EXDATE") for r in self.z.instants(x) for _, v in r}
        rdates = {v for x in b.named("RDATE") for r in self.z.instants(x) for _, v in r}
        for field, column, have in (("exdate", e["exdate"], exdates), ("rdate", e["rdate"], rdates)):
            for one in column_dates(column, e):
                self.want(field, one in have, (column, one, sorted(have)))
        for kind, prop, v in (("status", "STATUS", {0: "TENTATIVE", 1: "CONFIRMED", 2: "CANCELLED"}.get(e["status"])),
                              ("availability", "TRANSP", {0: "OPAQUE", 1: "TRANSPARENT", 2: "OPAQUE"}[e["availability"]]),
                              ("class", "CLASS", {1: "CONFIDENTIAL", 2: "PRIVATE", 3: "PUBLIC"}.get(e["access"]))):
            if v:
                got = self.one(prop)
                self.want(kind, (got.raw if got else "OPAQUE" if prop == "TRANSP" else None) == v, (v, got.raw if got else None))
        if e["organizer"]:
            self.want("organizer", b.has(e["organizer"]), e["organizer"])
        if e["uid"]:
            self.want("uid", self.one("UID").value == e["uid"], (e["uid"], self.one("UID").value), info=True)
        if e["app_uri"]:
            self.want("app uri", b.has(e["app_uri"]), e["app_uri"], info=True)
        # reminders
        mine = [r for r in self.o.reminders if r["event"] == e["id"]]
        alarms = [c for c in b.children if c.kind == "VALARM"]
        minutes = collections.Counter()
        for a in alarms:
            t = a.named("TRIGGER")
            s = seconds(t[0].raw) if t else None
            minutes[-s // 60 if s is not None else None] += 1
        for r in mine:
            if r["minutes"] >= 0:
                self.want("reminder minutes", minutes[r["minutes"]] > 0, (r["minutes"], dict(minutes)))
            text = " ".join(p.raw.lower() + " " + " ".join(v.lower() for _, v in p.params) for a in alarms for p in a.props if p.name != "DESCRIPTION")
            w = {2: "email", 3: "sms", 4: "alarm|audio"}.get(r["method"])
            if w:
                self.want("reminder method", any(x in text for x in w.split("|")), (r["method"], text[:80]), info=True)
        self.want("reminder count", len(alarms) >= len({(r["minutes"], r["method"]) for r in mine}) and len(alarms) <= len(mine), (len(mine), len(alarms)))
        # attendees
        for a in [a for a in self.o.attendees if a["event"] == e["id"]]:
            if a["name"] and norm(a["name"]).strip():
                self.want("attendee name" if a["email"] else "attendee name without e-mail", b.has(a["name"]), a["name"])
            if a["email"]:
                self.want("attendee e-mail", b.has(a["email"]), a["email"])
                ps = [p for p in b.named("ATTENDEE") if norm(urllib.parse.unquote(p.value)).lower() in ("mailto:" + a["email"].lower(), a["email"].lower())]
                part = {1: "ACCEPTED", 2: "DECLINED", 3: "NEEDS-ACTION", 4: "TENTATIVE"}.get(a["status"])
                if ps and part:
                    self.want("attendee status", any(part in p.param("PARTSTAT") or (part == "NEEDS-ACTION" and not p.param("PARTSTAT")) for p in ps),
                              (a["email"], part, ps[0].params))
                if ps and a["type"] in (2, 3):
                    self.want("attendee type", any("OPT-PARTICIPANT" in p.param("ROLE") if a["type"] == 2 else "RESOURCE" in p.param("CUTYPE") + p.param("ROLE") for p in ps),
                              (a["email"], a["type"], ps[0].params))
                self.want("attendee as ATTENDEE", bool(ps), a["email"], info=True)
        for x in [x for x in self.o.extended if x["event"] == e["id"]]:
            for f in ("name", "value"):
                if norm(x[f]).strip():
                    self.want("extended " + f, b.has(x[f]), x[f], info=True)
        # exceptions
        for c in children:
            o = c["original_time"]
            if c["status"] == 2 and o is not None:
                same_uid = [x for x in ALL_EVENTS if x.named("UID") and x.named("UID")[0].value == self.one("UID").value and x.named("RECURRENCE-ID")]
                ok = o in exdates or any("CANCELLED" in [p.raw for p in x.named("STATUS")] and o in [v for _, v in self.z.instants(x.named("RECURRENCE-ID")[0])[0]] for x in same_uid)
                self.want("cancelled occurrence", ok, (o, sorted(exdates)))
        if master_block is not None:
            self.want("exception has its master's UID", self.one("UID").value == master_block.named("UID")[0].value, self.one("UID").value)
            rid = self.one("RECURRENCE-ID")
            readings = self.z.instants(rid)[0] if rid else []
            self.want("recurrence-id", rid is not None and all(v == e["original_time"] for _, v in readings), (e["original_time"], rid.raw if rid else None, readings))
            if rid is not None:
                m = master_block.named("DTSTART")[0]
                self.want("recurrence-id typed as DTSTART", rid.param("TZID") == m.param("TZID") and len(rid.raw) == len(m.raw), (rid.params, m.params))


def column_dates(column, e):
    """The instants an EXDATE or RDATE column names (RecurrenceSet: lines, each with an optional `TZID;`)."""
    for line in (column or "").split("\n"):
        zone = zone_or_none(e["tz"])
        if ";" in line:
            name, _, line = line.partition(";")
            zone = zone_or_none(name) or zone
        for one in line.split(","):
            if one.strip():
                yield ms(parse_when(one, zone))


ALL_EVENTS = []


def match_events(blocks, events, zones):
    index = collections.defaultdict(set)
    starts = []
    for k, b in enumerate(blocks):
        s = b.named("DTSTART")
        v = [v for _, v in zones.instants(s[0])[0]] if s else []
        starts.append(v)
        for x in set(v):
            index[("start", x)].add(k)
        for name in ("SUMMARY", "DESCRIPTION", "LOCATION"):
            for p in b.named(name):
                index[(name, p.value)].add(k)
        for p in b.named("RECURRENCE-ID"):
            for _, x in zones.instants(p)[0]:
                index[("rid", x)].add(k)
    pairs = []
    for w, e in enumerate(events):
        score = collections.Counter()
        keys = [("start", e["dtstart"] // 1000 * 1000), ("SUMMARY", norm(e["title"] or "")), ("DESCRIPTION", norm(e["description"] or "")), ("LOCATION", norm(e["location"] or ""))]
        if e["original_time"] is not None:
            keys.append(("rid", e["original_time"]))
        for key in keys:
            hits = index.get(key, ()) if key[1] != "" else ()
            for k in hits:
                score[k] += (1 if key[0] == "start" else 0.9) / (1 + len(hits) / 20)
                if bool(blocks[k].named("RECURRENCE-ID")) == (e["original_time"] is not None):
                    score[k] += 0.05
        pairs += [(s, w, k) for k, s in score.items() if s > 0.5]
    pairs.sort(key=lambda x: -x[0])
    got, used = {}, set()
    for s, w, k in pairs:
        if w not in got and k not in used:
            got[w] = k
            used.add(k)
    return got, used


def check_calendar(folder, o):
    path = os.path.join(folder, "data", "calendar.ics")
    if not os.path.exists(path):
        REPORT.miss("calendar.ics", "file missing", path)
        return
    cals = [b for b in read_blocks(path) if b.kind == "VCALENDAR"]
    blocks = [c for cal in cals for c in cal.children if c.kind == "VEVENT"]
    ALL_EVENTS[:] = blocks
    zones = Zones(cals[0])
    for k, v in zones.bad.items():
        REPORT.miss("calendar.ics", "VTIMEZONE unreadable by dateutil", (k, v))
    used_zones = {v for b in blocks for p in b.props for v in p.param("TZID")}
    for z in sorted(used_zones - set(zones.own) - set(zones.bad)):
        REPORT.miss("calendar.ics", "TZID without VTIMEZONE", z)
    living = [e for e in o.events if not e["deleted"] and not (e["status"] == 2 and e["original_time"] is not None)]
    got, used = match_events(blocks, living, zones)
    by_id = {e["id"]: blocks[got[w]] for w, e in enumerate(living) if w in got}
    by_sync = {e["sync_id"]: e["id"] for e in o.events if e["sync_id"] and e["original_time"] is None}
    kids = collections.defaultdict(list)
    master_of = {}
    for e in o.events:
        if e["original_time"] is not None:
            m = e["original_id"] or by_sync.get(e["original_sync_id"])
            if m:
                kids[m].append(e)
                master_of[e["id"]] = m
    rem = collections.defaultdict(list)
    for w, e in enumerate(living):
        REPORT.checked[("calendar.ics", "event")] += 1
        if w not in got:
            REPORT.miss("calendar.ics", "event", (e["id"], e["title"], e["dtstart"], e["all_day"], e["tz"], e["rrule"], e["original_time"]))
            continue
        EventCheck("calendar.ics", blocks[got[w]], e, zones, o).run(kids[e["id"]], by_id.get(master_of.get(e["id"])))
    for k, b in enumerate(blocks):
        if k not in used and not any(p.raw == "CANCELLED" for p in b.named("STATUS")):
            REPORT.miss("calendar.ics", "event too many", [p.name + ":" + p.raw[:50] for p in b.props[:8]])
    print("%-22s %5d events, %d wanted, %d found" % ("calendar.ics", len(blocks), len(living), len(got)))
    dead = [e for e in o.events if e["deleted"]]
    for w, e in enumerate(dead):
        REPORT.checked[("calendar-deleted", "deleted event kept")] += 1
    text = ""
    p = os.path.join(folder, "data", "calendar-deleted.ics")
    dead_blocks = [c for b in (read_blocks(p) if os.path.exists(p) else []) for c in b.children if c.kind == "VEVENT"]
    got, _ = match_events(dead_blocks, dead, zones)
    for w, e in enumerate(dead):
        if w not in got:
            REPORT.miss("calendar-deleted", "deleted event kept", (e["id"], e["title"]))
    try:
        import icalendar
        cal = icalendar.Calendar.from_ical(open(path, "rb").read())
        n = len(cal.walk("VEVENT"))
        bad = [(c.get("SUMMARY"), c.errors) for c in cal.walk() if getattr(c, "errors", None)]
        for x in bad:
            REPORT.miss("calendar.ics", "icalendar finds an error", x)
        if n != len(blocks):
            REPORT.miss("calendar.ics", "icalendar counts otherwise", (n, len(blocks)))
        for b, c in zip(blocks, cal.walk("VEVENT")):
            for name in ("SUMMARY", "LOCATION", "DESCRIPTION"):
                v = c.get(name)
                w = b.named(name)
                REPORT.checked[("calendar.ics", "icalendar reads " + name)] += 1
                if (norm(str(v)) if v is not None else None) != (w[0].value if w else None):
                    REPORT.miss("calendar.ics", "icalendar reads " + name, (w[0].value if w else None, str(v)))
    except ImportError:
        print("icalendar is not here: not asked")
    except Exception as x:                                           # noqa: BLE001 - a refused file is a finding
        REPORT.miss("calendar.ics", "icalendar refuses the file", "%s: %s" % (type(x).__name__, x))


def check_todos(folder, o):
    if not o.tasks:
        return
    path = os.path.join(folder, "data", "todos.ics")
    if not os.path.exists(path):
        REPORT.miss("todos.ics", "file missing", path)
        return
    cals = [b for b in read_blocks(path) if b.kind == "VCALENDAR"]
    blocks = [c for cal in cals for c in cal.children if c.kind == "VTODO"]
    living = [t for t in o.tasks if not t["deleted"]]
    z = Zones(cals[0])
    got, used = match(blocks, living, lambda t: [norm(x) for x in (t["subject"], t["body"]) if x])
    berlin = ZoneInfo("Europe/Berlin")
    for w, t in enumerate(living):
        REPORT.checked[("todos.ics", "to-do")] += 1
        if w not in got:
            REPORT.miss("todos.ics", "to-do", (t["_id"], t["subject"], t["body"]))
            continue
        b = blocks[got[w]]

        def want(field, ok, example, info=False):
            REPORT.checked[("todos.ics", field)] += 1
            if not ok:
                REPORT.miss("todos.ics", field, (t["_id"], t["subject"], example), info)

        def text(field, prop, value):
            if value and norm(value).strip():
                p = b.named(prop)
                ok = bool(p) and p[0].value == norm(value)
                if not ok and p and p[0].value == norm(value).replace("\x85", ""):
                    field = "U+0085 dropped, words joined"
                want(field, ok, (value, p[0].value if p else None))

        def day(field, prop, instant, wall):
            if instant is None:
                return
            p = b.named(prop)
            ok = exact = False
            if p:
                v = [x for _, x in z.instants(p[0])[0]]
                exact = (v == [instant] and len(p[0].raw) > 8) or (len(p[0].raw) == 8 and v == [wall])
                ok = exact or any(x is not None and dt.datetime.fromtimestamp(x / 1000, berlin).date() == dt.datetime.fromtimestamp(wall / 1000, UTC).date() for x in v)
            want(field, ok, (instant, wall, p[0].raw if p else None))
            if p:
                want(field + " as the day the owner sees", len(p[0].raw) == 8 or not p[0].raw.endswith("Z"), p[0].raw, info=True)
        text("subject", "SUMMARY", t["subject"])
        text("body", "DESCRIPTION", t["body"])
        day("due", "DUE", t["utc_due_date"], t["due_date"])
        day("start", "DTSTART", t["utc_start_date"], t["start_date"])
        done = any(p.raw == "COMPLETED" for p in b.named("STATUS")) or bool(b.named("COMPLETED"))
        want("complete", done == bool(t["complete"]), (t["complete"], [p.raw for p in b.named("STATUS")]))
        if t["date_completed"]:
            want("date completed", any(v == t["date_completed"] for p in b.named("COMPLETED") for _, v in z.instants(p)[0]), t["date_completed"])
        if t["importance"] in (0, 2):
            pr = [int(p.raw) for p in b.named("PRIORITY")]
            want("importance", bool(pr) and (pr[0] > 5 if t["importance"] == 0 else 0 < pr[0] < 5), (t["importance"], pr))
        if t["reminder_time"]:
            alarms = [c for c in b.children if c.kind == "VALARM"]
            ok = False
            for a in alarms:
                for p in a.named("TRIGGER"):
                    ok |= any(v == t["reminder_time"] for _, v in z.instants(p)[0]) or (seconds(p.raw) is not None and any(
                        (x or 0) + seconds(p.raw) * 1000 == t["reminder_time"] for q in b.named("DUE", "DTSTART") for _, x in z.instants(q)[0]))
            want("reminder", ok, (t["reminder_time"], [p.raw for a in alarms for p in a.named("TRIGGER")]))
        for c in ("category1", "category2"):
            if t[c] and norm(t[c]).strip():
                want("category", b.has(t[c]), t[c])
        if t["recurrence_type"] is not None:
            want("recurrence", bool(b.named("RRULE")) or any("recurrence" in x for x in b.hay()), t["recurrence_type"])
            want("recurrence as RRULE", bool(b.named("RRULE")), t["recurrence_type"], info=True)
        if t["sensitivity"]:
            want("sensitivity", bool(b.named("CLASS")) or b.has("sensitivity"), t["sensitivity"], info=True)
    for k, b in enumerate(blocks):
        if k not in used:
            REPORT.miss("todos.ics", "to-do too many", [p.name + ":" + p.raw[:50] for p in b.props[:6]])
    print("%-22s %5d to-dos, %d wanted, %d found" % ("todos.ics", len(blocks), len(living), len(got)))
    try:
        import icalendar
        n = len(icalendar.Calendar.from_ical(open(path, "rb").read()).walk("VTODO"))
        if n != len(blocks):
            REPORT.miss("todos.ics", "icalendar counts otherwise", (n, len(blocks)))
    except ImportError:
        pass
    except Exception as x:                                           # noqa: BLE001
        REPORT.miss("todos.ics", "icalendar refuses the file", "%s: %s" % (type(x).__name__, x))


def check_json(path, o):
    j = json.load(open(path))
    live = [e for e in o.events if not e["deleted"]]
    masters = [e for e in live if e["original_time"] is None]
    truth = {"contacts": ({len(o.contacts)}, sum(x["deleted"] for x in o.raws)),
             "sim": ({len(o.sim)}, 0),
             "calendar": ({len(live), len(masters), len([e for e in live if not (e["status"] == 2 and e["original_time"] is not None)])}
                          | {len(masters) + 1}, sum(e["deleted"] for e in o.events)),
             "messages": ({len(o.messages.shown()) + len(o.messages.pictures)}, 0),
             "todos": ({len([t for t in o.tasks if not t["deleted"]])}, len([t for t in o.tasks if t["deleted"]]))}
    orphans = sum(1 for e in live if e["original_sync_id"] and e["original_sync_id"].startswith("gone"))
    truth["calendar"][0].update({len(masters) + orphans})
    for c in j.get("collections", []):
        if c["name"] not in truth:
            continue
        counts, dead = truth[c["name"]]
        for key in ("handset_says", "rescued"):
            REPORT.checked[("json", c["name"] + "." + key)] += 1
            if c.get(key) not in counts:
                REPORT.miss("json", c["name"] + "." + key, (c.get(key), "truth", sorted(counts)))
        REPORT.checked[("json", c["name"] + ".deleted_kept")] += 1
        if c.get("deleted_kept") != dead:
            REPORT.miss("json", c["name"] + ".deleted_kept", (c.get("deleted_kept"), "truth", dead))
        if c.get("verdict") != "complete":
            REPORT.miss("json", c["name"] + ".verdict", (c.get("verdict"), c.get("notes")))
    print("json: " + ", ".join("%s %s/%s (%s)" % (c["name"], c["rescued"], c["handset_says"], c["verdict"]) for c in j.get("collections", [])))


OWNER = None


def main():
    global OWNER
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("folder")
    owner_module.add_arguments(p)
    p.add_argument("--json")
    p.add_argument("--no-calendar", action="store_true")
    p.add_argument("--no-contacts", action="store_true")
    p.add_argument("--no-vobject", action="store_true")
    a = p.parse_args()
    OWNER = o = owner_module.from_arguments(a)
    groups = {g["id"]: g for g in o.groups}
    if not a.no_contacts:
        live, dead = o.truth_contacts()
        for file in ("contacts.vcf", "contacts-v4.vcf"):
            cards = check_cards(a.folder, file, live, groups, empties=sum(c["empty"] for c in live))
            if not a.no_vobject:
                check_vobject(a.folder, file, cards)
        check_cards(a.folder, "contacts-deleted.vcf", dead, groups)
        check_cards(a.folder, "me.vcf", [dict(id=0, starred=0, empty=False, raws=[o.profile])], groups)
    if not a.no_calendar:
        check_calendar(a.folder, o)
        check_todos(a.folder, o)
    messages.check(a.folder, o.messages, REPORT)
    if a.json:
        check_json(a.json, o)
    REPORT.show()
    sys.exit(1 if REPORT.lost else 0)


if __name__ == "__main__":
    main()
