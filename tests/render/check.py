#!/usr/bin/env python3
"""Judges printed reports: check.py FILE.html FILE.pdf … prints what is wrong, and exits with 1 if something is.

The first page must end with the lines for signatures, and hold all of the first sheet. No page may be blank or end with
a heading or a table's head, and no word inside a table may be broken. pdfinfo and pdftotext come from poppler-utils.
"""
import re
import subprocess
import sys
import unicodedata
from html.parser import HTMLParser

SIGNED = "Owner: I have seen what a reset destroys"
# Longer words, such as names of folders, may be broken.
LONGEST_WORD = 30


class Report(HTMLParser):
    """The texts of a page: its headings, heads of tables, leading paragraphs, and the words in its tables."""

    def __init__(self, text):
        super().__init__()
        self.open, self.leads, self.words, self.asks = [], [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag in ("h1", "h2", "h3", "thead") or attributes.get("class") == "leads":
            self.leads.append([])
            self.open.append((tag, self.leads[-1]))
        elif tag in ("td", "th"):
            self.open.append((tag, None))
        if tag in ("script", "link", "iframe", "object", "embed", "form") or "src" in attributes or "href" in attributes:
            self.asks.append(tag)

    def handle_endtag(self, tag):
        if self.open and self.open[-1][0] == tag:
            self.open.pop()

    def handle_data(self, data):
        for tag, lead in self.open:
            if lead is not None:
                lead.append(data)
            elif tag in ("td", "th"):
                self.words.update(word for word in letters(data).split() if 1 < len(word) <= LONGEST_WORD)


def letters(text):
    """Some signs and joined letters come out of a PDF in another form, so only plain words are compared."""
    text = unicodedata.normalize("NFKC", text)
    return re.sub(r"[^A-Za-z0-9.,:;()'/ \n-]", " ", text)


def text(pdf, *options):
    return subprocess.run(["pdftotext", *options, pdf, "-"], check=True, capture_output=True, text=True).stdout


def faults(html, pdf):
    page = Report(open(html, encoding="utf-8").read())
    if page.asks:
        yield f"it asks for {page.asks}"
    pages = text(pdf, "-layout").split("\f")[:-1]
    if len(pages) < 2:
        yield f"it has {len(pages)} pages"
    leads = {"".join("".join(lead).split()) for lead in page.leads}
    for number, shown in enumerate(pages, 1):
        lines = [line for line in shown.split("\n") if line.strip()]
        if len(" ".join(lines).split()) < 5:
            yield f"page {number} is blank"
            continue
        if (SIGNED in shown) != (number == 1):
            yield f"the lines for signatures are not on page 1 alone, see page {number}"
        if number == 1 and SIGNED not in lines[-1]:
            yield f"page 1 ends with {lines[-1]!r}"
        last = "".join(lines[-1].split())
        if any(last and lead.endswith(last) for lead in leads):
            yield f"page {number} ends with a heading or a table's head: {lines[-1]!r}"
    words = set(letters(text(pdf, "-raw")).split())
    broken = sorted(word for word in page.words if word not in words)
    if broken:
        yield f"words are broken inside a table: {broken[:10]}"


def main():
    bad = 0
    for html, pdf in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        for fault in faults(html, pdf):
            print(f"{pdf}: {fault}")
            bad += 1
    print(f"{len(sys.argv) // 2} prints, {bad} faults")
    sys.exit(bad > 0)


main()
