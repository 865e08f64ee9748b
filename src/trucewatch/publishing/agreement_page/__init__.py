"""The page that shows what an agreement file binds, so that a lawyer sees a mistake of encoding."""

from __future__ import annotations

from trucewatch.publishing.agreement_page.page import page_paths, render

__all__ = ["page_paths", "render"]
