"""What `next` says in words: tasks with their reasons, refusals, effort by side. Internal only (law L10)."""

from __future__ import annotations

from trucewatch.publishing.next.changes import change_rows, wanted_dict
from trucewatch.publishing.next.words import COLUMNS, effort_rows, plan_dict, refused_rows, task_rows

__all__ = ["COLUMNS", "change_rows", "effort_rows", "plan_dict", "refused_rows", "task_rows", "wanted_dict"]
