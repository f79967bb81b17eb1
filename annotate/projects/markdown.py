"""Markdown to HTML for guidelines: no HTML of the writer's passes, links go only where links may, pictures are not fetched."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt


@cache
def _reader() -> MarkdownIt:
    """CommonMark with tables. `html` is off: what looks like a tag is text. Its own check drops script and data links."""
    reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable(["image"])
    reader.add_render_rule("link_open", _link)
    return reader


def _link(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    tokens[index].attrSet("rel", "noopener noreferrer nofollow")
    tokens[index].attrSet("target", "_blank")
    return str(self.renderToken(tokens, index, options, env))


def to_html(text: str) -> SafeString:
    """Safe to put into a page as it is."""
    return mark_safe(_reader().render(text))  # the reader escapes all that is not its own
