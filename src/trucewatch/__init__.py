"""Trucewatch: the software of a ceasefire verification mechanism."""

__version__ = "0.1.0"
