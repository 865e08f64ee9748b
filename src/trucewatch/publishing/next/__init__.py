"""What `next` says in words: tasks with their reasons, refusals, effort by side, what would change our mind.

Internal only (law L10): where a patrol may be never leaves the mission, so nothing here takes an audience.
"""

from __future__ import annotations

from trucewatch.publishing.next.changes import change_rows, wanted_dict
from trucewatch.publishing.next.words import Told, plan_dict

__all__ = ["Told", "change_rows", "plan_dict", "wanted_dict"]
