"""The owner's messages, the providers of SMS and MMS, and the judge of the files that were made of them.

From AOSP's TelephonyProvider: SmsProvider, MmsProvider, MmsSmsDatabaseHelper (views `sms_restricted` and `pdu_restricted`).
"""
import base64
import csv
import os
import random
import re
import xml.etree.ElementTree as tree

SCRIPT = """
CREATE TABLE sms(_id INTEGER PRIMARY KEY, thread_id INTEGER, address TEXT, person INTEGER, date INTEGER, date_sent INTEGER DEFAULT 0,
  protocol INTEGER, read INTEGER DEFAULT 0, status INTEGER DEFAULT -1, type INTEGER, reply_path_present INTEGER, subject TEXT, body TEXT,
  service_center TEXT, locked INTEGER DEFAULT 0, sub_id INTEGER DEFAULT -1, error_code INTEGER DEFAULT -1, creator TEXT, seen INTEGER DEFAULT 0);
CREATE VIEW sms_restricted AS SELECT * FROM sms WHERE type=1 OR type=2;
CREATE TABLE pdu(_id INTEGER PRIMARY KEY AUTOINCREMENT, thread_id INTEGER, date INTEGER, date_sent INTEGER DEFAULT 0, msg_box INTEGER,
  read INTEGER DEFAULT 0, m_id TEXT, sub TEXT, sub_cs INTEGER, ct_t TEXT, ct_l TEXT, exp INTEGER, m_cls TEXT, m_type INTEGER, v INTEGER,
  m_size INTEGER, pri INTEGER, rr INTEGER, rpt_a INTEGER, resp_st INTEGER, st INTEGER, tr_id TEXT, retr_st INTEGER, retr_txt TEXT,
  retr_txt_cs INTEGER, read_status INTEGER, ct_cls INTEGER, resp_txt TEXT, d_tm INTEGER, d_rpt INTEGER, locked INTEGER DEFAULT 0,
  sub_id INTEGER DEFAULT -1, seen INTEGER DEFAULT 0, creator TEXT, text_only INTEGER DEFAULT 0);
CREATE VIEW pdu_restricted AS SELECT * FROM pdu WHERE (msg_box=1 OR msg_box=2) AND (m_type!=130);
CREATE TABLE addr(_id INTEGER PRIMARY KEY, msg_id INTEGER, contact_id INTEGER, address TEXT, type INTEGER, charset INTEGER);
CREATE TABLE part(_id INTEGER PRIMARY KEY AUTOINCREMENT, mid INTEGER, seq INTEGER DEFAULT 0, ct TEXT, name TEXT, chset INTEGER, cd TEXT, fn TEXT,
  cid TEXT, cl TEXT, ctt_s INTEGER, ctt_t TEXT, _data TEXT, text TEXT);
"""

PLAIN = ["Ok", "See you at eight", "Bin gleich da", "Thanks!", "Kannst du Milch mitbringen?", "\u0421\u043f\u0430\u0441\u0438\u0431\u043e", "\U0001F44D"]


class Messages:
    """sms: rows by column. pictures: rows with `people` and `parts`."""

    def __init__(self, seed, count, pictures, hostile):
        r = random.Random("messages%d" % seed)
        self.sms, self.pictures, part = [], [], 0
        numbers = ["+4917%08d" % r.randrange(10 ** 8) for _ in range(12)] + ["Bank & Co", "72727"]
        at, n = 1500000000000, 0
        for k in range(count):
            n += r.choice((1, 1, 1, 2, 5))
            at += r.randrange(1000, 86400000)
            who = r.randrange(len(numbers))
            kind = r.choice((1, 1, 2)) if k % 19 else r.choice((3, 4, 5, 6))
            body = hostile[k // 2] if hostile and k % 2 and k // 2 < len(hostile) else r.choice(PLAIN)
            if hostile and k == 2:
                body = "Long \U0001F600, body=" * 12000
            if hostile and k == 4:
                body = None
            self.sms.append(dict(_id=n, thread_id=who + 1, address=numbers[who], date=at, date_sent=0 if kind == 2 else at - 1500, read=k % 7 != 0,
                                 type=kind, body=body, service_center="+491710760000" if kind == 1 else None, sub_id=1, protocol=0 if kind == 1 else None))
        for k in range(pictures):
            sent = k % 3 == 0
            people = [(numbers[(k * 5 + j) % 12], 151 if sent or j else 137) for j in range(50 if k == 1 else 1 + k % 3)]
            if not sent:
                people.append(("+491600000000", 151))
            part += 3
            text = hostile[k] if hostile and k < len(hostile) else "A picture"
            parts = [dict(_id=part, seq=-1, ct="application/smil", name="smil.xml", text="<smil/>", bytes=None),
                     dict(_id=part + 1, seq=0, ct="image/png", name="p%d.png" % k, text=None, bytes=b"\x89PNG\r\n\x1a\n" + r.randbytes(r.randrange(10, 9000))),
                     dict(_id=part + 2, seq=1, ct="text/plain", name=None, text=text, bytes=None)]
            self.pictures.append(dict(_id=2 * k + 1, thread_id=700 + k, date=1600000000 + 977 * k, msg_box=2 if sent else 1, read=1,
                                      m_type=128 if sent else 132, people=people, parts=parts))

    def shown(self):
        return [x for x in self.sms if x["type"] in (1, 2)]

    def fill(self, c):
        for x in self.sms:
            c.execute("INSERT INTO sms(%s) VALUES(%s)" % (",".join(x), ",".join("?" * len(x))), list(x.values()))
        for x in self.pictures:
            row = {k: v for k, v in x.items() if k not in ("people", "parts")}
            c.execute("INSERT INTO pdu(%s) VALUES(%s)" % (",".join(row), ",".join("?" * len(row))), list(row.values()))
            people = ([("insert-address-token", 137)] if x["msg_box"] == 2 else []) + x["people"]
            c.executemany("INSERT INTO addr(msg_id,address,type,charset) VALUES(?,?,?,106)", [(x["_id"], a, t) for a, t in people])
            for p in x["parts"]:
                c.execute("INSERT INTO part(_id,mid,seq,ct,name,text) VALUES(?,?,?,?,?,?)", (p["_id"], x["_id"], p["seq"], p["ct"], p["name"], p["text"]))
        c.execute("INSERT INTO pdu(_id,date,msg_box,m_type) VALUES(800001,1,3,128),(800002,1,1,130)")
        c.commit()

    def bytes_of(self, ident):
        for x in self.pictures:
            for p in x["parts"]:
                if p["_id"] == ident:
                    return p["bytes"]


def table(authority, path):
    """The table and the condition of a URI; None: no cursor."""
    shape = "/".join("#" if x.isdigit() else x for x in path)
    ident = next((x for x in path if x.isdigit()), "0")
    if authority == "sms":
        return {"": ("sms_restricted", None), "inbox": ("sms_restricted", "type=1"), "sent": ("sms_restricted", "type=2"),
                "#": ("sms_restricted", "_id=" + ident)}.get(shape)
    return {"": ("pdu_restricted", None), "#": ("pdu_restricted", "_id=" + ident), "part": ("part", None), "part/#": ("part", "_id=" + ident),
            "#/part": ("part", "mid=" + ident), "#/addr": ("addr", "msg_id=" + ident)}.get(shape)


# ------------------------------------------------------------------ the judge
BAD_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def check(folder, truth, report):
    data = os.path.join(folder, "data")
    files = [f for f in os.listdir(data) if re.fullmatch(r"messages(-\d+)?\.xml", f)]
    found = []
    for f in sorted(files):
        root = tree.parse(os.path.join(data, f)).getroot()
        if int(root.get("count")) != len(root):
            report.miss(f, "count", (root.get("count"), len(root)))
        found += list(root)
    sms = {}
    for e in (e for e in found if e.tag == "sms"):
        sms.setdefault((int(e.get("date")), e.get("address")), []).append(e)
    null = lambda v: "null" if v is None else BAD_IN_XML.sub("\ufffd", v) if isinstance(v, str) else str(int(v))
    for x in truth.shown():
        e = (sms.get((x["date"], x["address"])) or [None]).pop(0)
        report.checked[("messages.xml", "sms")] += 1
        if e is None:
            report.miss("messages.xml", "sms", x)
            continue
        for column in ("body", "type", "read", "date_sent", "service_center", "sub_id"):
            report.checked[("messages.xml", column)] += 1
            if e.get(column) != null(x[column]):
                report.miss("messages.xml", column, (e.get(column), x[column]))
    mms = {int(e.get("date")): e for e in found if e.tag == "mms"}
    for x in truth.pictures:
        e = mms.pop(x["date"] * 1000, None)
        report.checked[("messages.xml", "mms")] += 1
        if e is None:
            report.miss("messages.xml", "mms", x["_id"])
            continue
        people = sorted((a.get("address"), int(a.get("type"))) for a in e.iter("addr") if a.get("address") != "insert-address-token")
        report.checked[("messages.xml", "addr")] += 1
        if people != sorted(x["people"]):
            report.miss("messages.xml", "addr", (people, x["people"]))
        parts = list(e.iter("part"))
        for p, q in zip(x["parts"], parts):
            report.checked[("messages.xml", "part")] += 1
            got = base64.b64decode(q.get("data")) if q.get("data") else None
            if (q.get("ct"), q.get("text"), got) != (p["ct"], null(p["text"]), p["bytes"]):
                report.miss("messages.xml", "part", (q.attrib.get("ct"), q.get("text"), p["text"]))
        if len(parts) != len(x["parts"]):
            report.miss("messages.xml", "parts", (len(parts), len(x["parts"])))
    for e in mms.values():
        report.miss("messages.xml", "invented", e.get("date"))
    for e in (e for all in sms.values() for e in all):
        report.miss("messages.xml", "invented", e.attrib)
    total = len(truth.shown()) + len(truth.pictures)
    csv.field_size_limit(1 << 26)
    rows = list(csv.reader(open(os.path.join(data, "messages.csv"), encoding="utf-8", newline="")))
    pages = os.path.join(data, "messages")
    articles = sum(open(os.path.join(pages, f), encoding="utf-8").read().count("<article ") for f in os.listdir(pages) if f.endswith(".html"))
    for where, n in (("messages.csv", len(rows) - 1), ("messages/", articles)):
        report.checked[(where, "count")] += 1
        if n != total:
            report.miss(where, "count", (n, total))
    pictures = sorted(p["bytes"] for x in truth.pictures for p in x["parts"] if p["bytes"])
    folder = os.path.join(pages, "parts")
    there = sorted(open(os.path.join(folder, f), "rb").read() for f in os.listdir(folder)) if os.path.isdir(folder) else []
    report.checked[("messages/parts/", "bytes")] += len(pictures)
    if pictures != there:
        report.miss("messages/parts/", "bytes", (len(there), len(pictures)))
