"""The daily report: one page a day and language that opens from a file, and the index of the days."""

from __future__ import annotations

from trucewatch.publishing.report.index import index_page, page_name
from trucewatch.publishing.report.page import render

__all__ = ["index_page", "page_name", "render"]
