"""`make_world`: an invented truce with its truth, from a seed alone. The same seed gives the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from trucewatch.exercise import tables
from trucewatch.exercise.codes import SOURCES
from trucewatch.exercise.events import Stories, make_stories
from trucewatch.exercise.land import Land, make_land
from trucewatch.exercise.lawful import announce
from trucewatch.exercise.noise import Speech
from trucewatch.exercise.observers import Watch, keep_watch, observe
from trucewatch.exercise.others import mend, report, totals, visit
from trucewatch.exercise.parties import speak
from trucewatch.exercise.pile import Pile, Rows, take
from trucewatch.exercise.scenes import Played, play
from trucewatch.exercise.settings import Settings
from trucewatch.exercise.tallies import control_cells, tally_cells


@dataclass(frozen=True)
class World:
    """An exercise: what happened (`stories`), what was told (`claims`, by publication), what was watched."""

    settings: Settings
    land: Land
    stories: Stories
    claims: Rows
    watch: Watch
    notices: Rows
    played: Played

    @property
    def n_claims(self) -> int:
        """How many claims, versions included."""
        return len(self.claims["uid"])

    @cached_property
    def claim_ids(self) -> list[str]:
        """The id of each claim, along `claims`."""
        return tables.named_claims(self.claims)

    def tables(self) -> dict[str, tables.Cells]:
        """Input tables by name, as columns of cells."""
        names = self.claim_names()
        return {
            "sources": tables.source_cells(),
            "places": tables.place_cells(self.land),
            "claims": tables.claim_cells(self.claims, self.claim_ids, self.land),
            "coverage": tables.coverage_cells(self.watch),
            "restrictions": tables.restriction_cells(self.watch.restrictions),
            "notices": tables.notice_cells(self.notices),
            "control": control_cells(),
            "tallies": tally_cells(self.claims, names, self.land, self.settings),
            "decisions": self.played.decision_cells(names),
        }

    def claim_names(self) -> dict[int, str]:
        """SOURCE/ID of each claim by its uid."""
        sources = [SOURCES[k].id for k in self.claims["source"].tolist()]
        pairs = zip(self.claims["uid"].tolist(), sources, self.claim_ids, strict=True)
        return {int(u): f"{s}/{i}" for u, s, i in pairs}

    def write(self, folder: Path) -> list[Path]:
        """Write every input table as `TABLE.csv` into `folder`; the paths, sources first."""
        return [tables.write(folder / f"{name}.csv", cells) for name, cells in self.tables().items()]


def make_world(
    seed: int,
    days: int = 14,
    regime: str | None = None,
    tempo: str = "normal",
    claims: int | None = None,
    scenes: bool = False,
) -> World:
    """The world of a seed. Pure: no clock, no file, no global state.

    regime: one of `settings.regimes()`, None = drawn from the seed. tempo: quiet, normal, dense. claims: about so many
    (within a fifth), on a line as long as that takes at the tempo's density; None = the 160 km of regimes.yaml.
    scenes: with the known events of scenes.yaml and what people decide on them.
    """
    stretch = 1.0
    if claims is not None:  # everything grows with the line, so one world of the usual length tells how long it must be
        stretch = claims / max(1, make_world(seed, days, regime, tempo).n_claims)
    settings = Settings.of(seed, days, regime, tempo, stretch)
    land = make_land(settings)
    stories = make_stories(settings, land)
    notices = announce(stories, settings, land)
    speech = Speech.of(settings, land)
    pile = Pile()
    told = speak(pile, stories, settings, land, speech)
    watch = keep_watch(settings, land)
    observe(pile, stories, settings, land, speech, watch)
    visit(pile, stories, settings, speech, told)
    report(pile, stories, settings, land, speech)
    mend(pile, settings)
    totals(pile, settings)
    played = play(pile, stories, land, settings, scenes)
    rows = pile.joined()
    order = np.lexsort([rows["uid"], rows["published"]])
    return World(settings, land, stories, take(rows, order), played.watched(watch), played.announced(notices), played)
