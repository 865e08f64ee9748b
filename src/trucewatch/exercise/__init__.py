"""The exercise: an invented truce, its claims in the interchange format, and its truth; and the score against it.

Linking and weighing never import it, and it never imports them.
"""

from __future__ import annotations

from trucewatch.exercise.settings import TEMPOS, Settings, regimes
from trucewatch.exercise.world import World, make_world

__all__ = ["TEMPOS", "Settings", "World", "make_world", "regimes"]
