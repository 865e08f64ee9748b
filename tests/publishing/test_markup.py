"""What a page shows is escaped unless it is markup; that escaping is quick changes nothing of it."""

from __future__ import annotations

from typing import Any

import pytest
from markupsafe import Markup, escape

from trucewatch.publishing.markup import escaped, joined
from trucewatch.publishing.report.templates import environment


class Told(str):
    """A word that says how it is shown."""

    def __html__(self) -> str:
        return f"<b>{escape(str(self))}</b>"


@pytest.mark.parametrize("value", ["<script>", "a \"b\" & 'c'", Markup("<i>x</i>"), 7, None, 0.5, Told("<x>"), ""])
def test_a_value_is_escaped_as_ever(value: Any) -> None:
    assert escaped(value) == escape(value)
    assert type(escaped(value)) is Markup
    template = environment().from_string("<p>{{ value }}</p>")
    assert template.render(value=value) == f"<p>{escape(value)}</p>"


def test_parts_are_escaped_and_what_is_between_is_not() -> None:
    assert joined(Markup("<br>"), ["<a>", Markup("<b>"), 1]) == Markup("&lt;a&gt;<br><b><br>1")
