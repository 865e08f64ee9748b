"""The templates of the pages and their one style sheet; what a template shows is escaped unless it is markup."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from trucewatch.publishing.markup import Page

_SHARED = "trucewatch.publishing.report"


@cache
def environment(package: str = _SHARED) -> Environment:
    """The templates of a package, and those of the report, which all pages share; compiled once. A name that one
    misspells is an error, not an empty place."""
    loaders = [PackageLoader(name) for name in dict.fromkeys((package, _SHARED))]
    found = Environment(
        loader=ChoiceLoader(loaders), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    found.template_class = Page
    return found


@lru_cache(maxsize=1)
def style() -> Markup:
    """The style sheet, which stands inside each page."""
    return Markup(files(__package__).joinpath("style.css").read_text("utf-8"))
