"""What a decision speaks of, by the shape of its object: incident, finding, claim, complaint."""

from __future__ import annotations

import re
from collections.abc import Collection

_INCIDENT = re.compile(r"I\d+\Z")
_FINDING = re.compile(r"F\d+\.\d+\.\d+\.\d+\Z")
PREFIX = "complaint:"


def is_incident(word: str) -> bool:
    """Whether a word has the shape of an incident's id."""
    return bool(_INCIDENT.match(word))


def is_finding(word: str) -> bool:
    """Whether a word has the shape of a finding's id."""
    return bool(_FINDING.match(word))


def complaint_named(word: str, complaints: Collection[str], claims: Collection[str] = ()) -> str | None:
    """The complaint that an object means, None where it means none.

    Registers number as they like. What has the shape of an incident or a finding, or is a claim's SOURCE/ID, means that
    one; `complaint:` before it means the complaint.
    """
    if word not in complaints and not word.startswith(PREFIX):
        return None
    if word.startswith(PREFIX):
        bare = word.removeprefix(PREFIX)
        return bare if bare in complaints else None
    return None if is_incident(word) or is_finding(word) or word in claims else word
