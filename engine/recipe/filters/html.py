"""Filters between HTML and text."""

import html
import re
from html.parser import HTMLParser

from engine.recipe.filters.errors import LONGEST_TEXT, FilterError, on_text


@on_text
def text_of_html(text: str) -> str:
    r"""Read the text out of HTML: tags go, paragraphs become lines.

    >>> {{ '<p>Dear Dana,</p><p>see <b>you</b> &amp; Sam</p>' | text_of_html | replace('\n', ' / ') }}
    Dear Dana, / see you & Sam
    """
    reader = _HtmlText()
    reader.feed(text)
    reader.close()
    lines = (re.sub(r"\s+", " ", line).strip() for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)


@on_text
def html_of_text(text: str) -> str:
    r"""Make HTML of text: its signs stay what they are, its lines end with ``<br>``.

    >>> {{ 'Dear Dana,\nWhitfield & Sons <admin>' | html_of_text }}
    Dear Dana,<br>Whitfield &amp; Sons &lt;admin&gt;
    """
    if len(text) > LONGEST_TEXT // 6:
        raise FilterError("The filter 'html_of_text' would make too much text.", code="too_long")
    return "<br>".join(html.escape(line) for line in text.splitlines())


class _HtmlText(HTMLParser):
    """Collects the text of HTML; scripts and styles have none."""

    BREAKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "hr"})
    SILENT = frozenset({"script", "style", "head"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.SILENT:
            self._silent += 1
        elif tag in self.BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.SILENT:
            self._silent = max(self._silent - 1, 0)
        elif tag in self.BREAKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data.replace("\n", " "))
