"""Two names of one place stand in the alphabet of the report's language, also within free words."""

from __future__ import annotations

import pytest

from trucewatch.publishing.locale import Catalogue
from trucewatch.publishing.report.wording import Wording


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Araz / Aras valley", "Aras / Araz valley"),
        ("Berdzor / Lachin - Karvachar / Kalbajar", "Berdzor / Lachin - Kalbajar / Karvachar"),
        ("the road to Shushi / Shusha", "the road to Shusha / Shushi"),
        ("Zeta / Alpha", "Alpha / Zeta"),
        ("New Zeta / Alpha heights", "New Zeta / Alpha heights"),
        ("hill 7 / 9", "hill 7 / 9"),
    ],
)
def test_neither_sides_name_leads_by_who_wrote_it(written: str, shown: str) -> None:
    assert Wording(Catalogue("en", "UTC"), (), {}).place(written) == shown
