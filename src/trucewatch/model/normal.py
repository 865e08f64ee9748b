"""The normal distribution and the logistic function, loaded when first asked for: a page that is made from kept tables
needs neither, and loading them takes longer than reading those."""

from __future__ import annotations

from typing import Any


def ndtr(x: Any) -> Any:
    """The standard normal distribution function."""
    from scipy.special import ndtr as function

    return function(x)


def ndtri(p: Any) -> Any:
    """The standard normal quantile."""
    from scipy.special import ndtri as function

    return function(p)


def expit(x: Any) -> Any:
    """The logistic function."""
    from scipy.special import expit as function

    return function(x)
