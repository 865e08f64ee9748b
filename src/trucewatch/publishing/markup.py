"""Escaping for pages: what is markup stays as it is, everything else is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jinja2 import Template
from markupsafe import Markup, escape


def escaped(value: Any) -> Markup:
    """The value as HTML. The same as `markupsafe.escape`, which makes a copy of what is markup already."""
    return value if type(value) is Markup else escape(value)


def joined(between: str, parts: Iterable[Any]) -> Markup:
    """Parts as HTML, with markup `between` them."""
    return Markup(between.join([escaped(part) for part in parts]))


class Page(Template):
    """A template that escapes what it shows by `escaped`: a large page shows a hundred thousand pieces of markup."""

    @classmethod
    def from_code(cls, *args: Any, **named: Any) -> Template:
        """Make it from compiled code."""
        made = super().from_code(*args, **named)
        made.root_render_func.__globals__["escape"] = escaped
        return made
