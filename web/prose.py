"""Text in Markdown as pages show it: READMEs and docstrings of connectors, which others wrote."""

from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

#: Where links may lead; what is relative in a README leads nowhere from a page.
LINKS = ("https://", "http://", "mailto:")


class _Pages(RendererHTML):
    """Lets wide tables be moved with the keyboard, and keeps links that lead nowhere as words."""

    def table_open(self, tokens: Sequence[Token], i: int, options: Any, env: Any) -> str:
        return '<div class="wide" tabindex="0" role="group" aria-label="Table"><table>\n'

    def table_close(self, tokens: Sequence[Token], i: int, options: Any, env: Any) -> str:
        return "</table></div>\n"

    def th_open(self, tokens: Sequence[Token], i: int, options: Any, env: Any) -> str:
        return "<th>" if tokens[i + 1].content else "<td>"  # a heading says something

    def th_close(self, tokens: Sequence[Token], i: int, options: Any, env: Any) -> str:
        return "</th>\n" if tokens[i - 1].content else "</td>\n"

    def link_open(self, tokens: Sequence[Token], i: int, options: Any, env: Any) -> str:
        if not str(tokens[i].attrGet("href")).startswith(LINKS):
            return "<span>"
        tokens[i].attrSet("rel", "noreferrer")
        return str(self.renderToken(tokens, i, options, env))

    def link_close(self, tokens: Sequence[Token], i: int, options: Any, env: Any) -> str:
        opening = next(
            token
            for token in reversed(tokens[:i])
            if token.type == "link_open" and token.level == tokens[i].level
        )
        leads = str(opening.attrGet("href")).startswith(LINKS)
        return "</a>" if leads else "</span>"

    def image(self, tokens: Sequence[Token], i: int, options: Any, env: Any) -> str:
        return str(Markup.escape(tokens[i].content))


_MARKDOWN = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Pages).enable("table")


def said(text: str) -> Markup:
    """Return a sentence of ours as HTML: what stands in backticks in it is for typing."""
    parts = [Markup.escape(part) for part in text.split("`")]
    if len(parts) % 2 == 0:  # one of them is no quote
        return Markup("`").join(parts)
    return Markup().join(
        Markup("<code>{}</code>").format(part) if number % 2 else part
        for number, part in enumerate(parts)
    )


def prose(text: str) -> Markup:
    """Return Markdown as HTML; tags in it are text, and so are pictures."""
    return Markup(_MARKDOWN.render(text))  # noqa: S704 - it holds no HTML but the renderer's own
