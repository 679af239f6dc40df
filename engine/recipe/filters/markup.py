"""Reading the text out of HTML, in one pass: a broken or hostile page takes no longer than a good one.

The standard library's reader starts anew at every ``<`` that is never closed: a page of nothing
else would take hours.
"""

import re
from html import unescape

BREAKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "hr"})
#: What has no text that anyone reads.
SILENT = frozenset({"script", "style", "head"})
#: What holds no tags, whatever its text looks like.
RAW = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in ("script", "style")}

#: A tag whose quoted values may hold ``>``; it never goes back, so it reads each letter once.
TAG = re.compile(
    r"""<(/?)([a-zA-Z][^\s/>]*+)(?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+>""", re.DOTALL
)
NAME = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")


def text_of(html: str) -> str:
    """Return the text of HTML, with line breaks where blocks begin and end."""
    return "".join(_Reader(html).read())


class _Reader:
    """Goes through HTML once. What is never closed is text, and is looked for only once."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.parts: list[str] = []
        self.silent = 0
        self.comments_end = self.quotes_end = True

    def read(self) -> list[str]:
        html, place, end = self.html, 0, -1
        while (start := html.find("<", place)) >= 0:
            self._text(place, start)
            if end < start and (end := html.find(">", start)) < 0:
                place = start
                break
            place = self._markup(start, end + 1)
        self._text(place, len(html))
        return self.parts

    def _markup(self, start: int, end: int) -> int:
        """Read what begins with ``<``; ``end`` is behind the next ``>``. Return where to go on."""
        html = self.html
        if html.startswith("<!--", start) and self.comments_end:
            closed = html.find("-->", start + 4)
            if closed >= 0:
                return closed + 3
            self.comments_end = False
        if html.startswith(("<!", "<?"), start):
            return end
        found = TAG.match(html, start) if self.quotes_end else None
        if found is None and (found := NAME.match(html, start, end)) is not None:
            self.quotes_end = False
        elif found is not None:
            end = found.end()
        if found is None:  # a < b
            self._text(start, start + 1)
            return start + 1
        closing, name = found[1] == "/", found[2].lower()
        empty = html.endswith("/>", start, end)
        if name in BREAKS:
            self.parts.append("\n")
        elif name in SILENT and not empty:
            self.silent = max(self.silent - 1, 0) if closing else self.silent + 1
        if name in RAW and not closing and not empty:
            over = RAW[name].search(html, end)
            return over.start() if over else len(html)
        return end

    def _text(self, start: int, end: int) -> None:
        if start < end and not self.silent:
            self.parts.append(unescape(self.html[start:end]).replace("\n", " "))
