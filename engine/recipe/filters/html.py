"""Filters between HTML and text."""

import html
import re

from engine.recipe.filters.errors import LONGEST_TEXT, FilterError, on_text
from engine.recipe.filters.markup import text_of


@on_text
def text_of_html(text: str) -> str:
    r"""Read the text out of HTML: tags go, paragraphs become lines.

    >>> {{ '<p>Dear Dana,</p><p>see <b>you</b> &amp; Sam</p>' | text_of_html | replace('\n', ' / ') }}
    Dear Dana, / see you & Sam
    """
    lines = (re.sub(r"\s+", " ", line).strip() for line in text_of(text).split("\n"))
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
