"""What an exception covers by itself, and what only people can say."""

from __future__ import annotations

import pytest

from trucewatch.agreement.building import exemption
from trucewatch.agreement.rule_keys import ExceptionKeys


@pytest.mark.parametrize(
    ("told", "alone"),
    [
        ({"actors": ["police"]}, True),
        ({"acts": ["fire.small_arms"]}, True),
        ({"weapons": [{"class": ["tank"]}]}, True),
        ({"weapons": [{"class": ["tank"], "max": 3}]}, False),
        ({"text": {"en": "Herders may cross."}}, False),
        ({"acts": ["fire"], "requires": ["ordered"]}, False),
    ],
)
def test_an_exception_holds_by_itself_only_where_reports_can_tell_what_it_covers(
    told: dict[str, object], alone: bool
) -> None:
    held = exemption(ExceptionKeys.model_validate({"id": "x", **told}), 0, "UTC", {})
    assert held.by_itself is alone
