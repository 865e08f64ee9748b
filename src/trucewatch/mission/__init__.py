"""A mission is a folder: its configuration, agreements, records and reports, and the pipeline that runs the stages.

`Mission` is loaded on first use, so that a command that needs no store does not pay for one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trucewatch.mission.config import MissionConfig as MissionConfig
    from trucewatch.mission.folder import Mission as Mission

__all__ = ["Mission", "MissionConfig"]


def __getattr__(name: str) -> object:
    if name == "Mission":
        from trucewatch.mission.folder import Mission

        return Mission
    if name == "MissionConfig":
        from trucewatch.mission.config import MissionConfig

        return MissionConfig
    raise AttributeError(name)
