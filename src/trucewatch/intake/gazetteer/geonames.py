"""GeoNames."""

from __future__ import annotations

from trucewatch.intake.adapter import Adapter

ADAPTERS: tuple[Adapter, ...] = ()
