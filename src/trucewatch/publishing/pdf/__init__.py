"""Reports on paper: a page of ours as a tagged PDF (PDF/UA-1, ISO 14289-1) with the same words, tables and pictures."""

from __future__ import annotations

from trucewatch.publishing.pdf.document import pdf

__all__ = ["pdf"]
