"""`trucewatch exercise`: an invented truce, and the score of what was found in it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from trucewatch.cli.options import folder_argument
from trucewatch.cli.outcome import Outcome, finish, json_option


@click.command("exercise")
@folder_argument
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Same seed, same truce.")
@click.option("--days", type=click.IntRange(1, 400), default=14, show_default=True, help="How long it lasts.")
@click.option(
    "--regime", metavar="NAME", help="balanced, one_liar, few_patrols, propaganda, calm; default: by the seed."
)
@click.option("--tempo", type=click.Choice(["quiet", "normal", "dense"]), default="normal", show_default=True)
@click.option("--claims", type=click.IntRange(min=100), help="About so many claims, on a longer line.")
@click.option("--score", "scored", is_flag=True, help="Compare what DIR found with what happened (DIR/truth).")
@json_option
def command(
    folder: Path, seed: int, days: int, regime: str | None, tempo: str, claims: int | None, scored: bool, as_json: bool
) -> int:
    """Make DIR the mission of an invented truce, with its truth in DIR/truth; or score what it found."""
    if scored:
        return _score(folder, as_json)
    from trucewatch.exercise import regimes
    from trucewatch.mission.exercising import make
    from trucewatch.model.times import to_us

    if regime is not None and regime not in regimes():
        raise click.UsageError(f"no regime is called {regime!r}. Write one of {', '.join(regimes())}")
    mission, report, world = make(folder, seed, days, regime, tempo, claims, to_us(datetime.now(UTC)))
    s = world.settings
    lines = [
        f"EXERCISE in {mission.dir}: seed {s.seed}, {s.days} days, regime {s.regime}, tempo {s.tempo}",
        ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in report.counts.items()),
        f"Next: trucewatch report {mission.dir} --date DAY, trucewatch exercise {mission.dir} --score",
    ]
    more = {"seed": s.seed, "days": s.days, "regime": s.regime, "tempo": s.tempo}
    return finish(Outcome(report.counts, report.warnings, report.errors, more=more), as_json, lines)


def _score(folder: Path, as_json: bool) -> int:
    from trucewatch.mission.exercising import score_mission, words
    from trucewatch.mission.folder import Mission

    found = score_mission(Mission.open(folder))
    return finish(Outcome(more={"score": found.as_dict()}), as_json, words(found))
