"""`register`: the complaints of a mission with roads and clocks, as page, CSV or PDF, through the one gate out."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trucewatch.mission.collecting import uncollected
from trucewatch.mission.cuts import State, state_under
from trucewatch.mission.docket import Docket
from trucewatch.model.aside import aside
from trucewatch.model.errors import Fault, Refusal
from trucewatch.model.times import format_instant
from trucewatch.procedure.register import COLUMNS, double_of, rows
from trucewatch.procedure.road import Case, Road, road
from trucewatch.publishing.locale import available
from trucewatch.publishing.policy import Policy, Released, check_audience, release
from trucewatch.publishing.register.view import RegisterView
from trucewatch.publishing.tables import Shape, write_csv

if TYPE_CHECKING:
    from trucewatch.mission.folder import Mission

_LONG = 1_000  # complaints from which on a second process is worth its beginning
FORMATS = ("page", "csv", "pdf")
_SUFFIX = {"page": "html", "csv": "csv", "pdf": "pdf"}
_TAG = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*\Z")
_TIMES = frozenset({"received", "next_due", "published"})


@dataclass(frozen=True, slots=True)
class Registered:
    """What was made: the view behind it, the file written (None: the text alone), notes."""

    view: RegisterView
    path: Path | None
    text: str
    notes: tuple[str, ...] = ()


def register_view(
    mission: Mission,
    audience: str = "internal",
    as_of: int | None = None,
    known_by: int | None = None,
    now: int | None = None,
    state: State | None = None,
    hands: int = 1,
) -> RegisterView:
    """The register under a cut (microseconds), as one audience may see it. `state`: the derived state under that cut,
    where it is there already.

    With more than one of `hands` a second process makes half of a long register; the rows are the same.
    Ages and clocks are counted to the cut; without one to `now`, in a mission whose history was loaded later to the
    last time that anything was known.
    """
    check_audience(audience, mission.actors)
    state = state_under(mission, as_of, known_by) if state is None else state
    at = _moment(mission, state, as_of, known_by, now)
    docket = docket_under(mission, state)
    every, notes = _every(mission, docket, at, hands)
    published = docket.published()
    if audience == "internal":  # the gate lets the mission itself see everything as it is
        listed, counts = Released(every), Released({**r, "listed": True} for r in every)
    else:
        policy = Policy.of(mission.config, mission.agreements, state, as_of if known_by is None else known_by)
        listed, counts = (release(table, every, audience, policy) for table in ("register", "register_counts"))
        more = {r["finding_id"]: r for r in published}
        released = release("findings", published, audience, policy)
        published = [{**more[r["finding_id"]], "actor": r["actor"]} for r in released]
    reconstructed = known_by is not None or (as_of is None and mission.config.clock == "known")
    return RegisterView(
        mission.config, mission.agreements, mission.parties, at, reconstructed, audience, listed, counts,
        sum(not r["listed"] for r in counts), counts.withheld, tuple(notes) if audience == "internal" else (),
        published,
    )  # fmt: skip


def _every(mission: Mission, docket: Docket, at: int, hands: int) -> tuple[list[dict[str, Any]], list[str]]:
    """The row of every complaint in the order of receipt, and what people should know."""
    told = receipts(mission)
    cases = sorted(docket.cases(), key=lambda c: (c.complaint["received"], c.id))
    doubles, limits, pauses = double_of(cases), docket.limits, docket.pauses

    def made(some: Sequence[Case]) -> tuple[list[dict[str, Any]], list[str]]:
        roads = [road(case, limits, at, pauses) for case in some]
        return rows(roads, at, told, doubles), notes_of(roads)

    half = len(cases) // 2 if hands > 1 and len(cases) >= _LONG else len(cases)
    rest = aside(lambda: made(cases[half:])) if half < len(cases) else lambda: made(())
    first, notes = made(cases[:half])
    more, notes_of_more = rest()
    return first + more, notes + notes_of_more


def one_road(
    mission: Mission, number: str, as_of: int | None = None, known_by: int | None = None, now: int | None = None
) -> tuple[Road, dict[str, Any]]:
    """The road of one complaint, and its row of the register; `Refusal` where there is none of that number."""
    state = state_under(mission, as_of, known_by)
    at = _moment(mission, state, as_of, known_by, now)
    docket = docket_under(mission, state)
    cases = list(docket.cases())
    case = next((c for c in cases if c.id == number), None)
    if case is None:
        raise Refusal(Fault(f"no complaint is called {number!r}", "See its numbers: trucewatch register DIR"))
    found = road(case, docket.limits, at, docket.pauses)
    (row,) = rows([found], at, receipts(mission), double_of(cases))
    return found, row


def docket_under(mission: Mission, state: State) -> Docket:
    """The complaints of a state under a cut."""
    from trucewatch.mission.context import Context

    snap = state.snapshot
    return Docket(mission, snap, state.tables, lambda: Context(mission, snap).table(snap.claims))


def receipts(mission: Mission) -> dict[str, tuple[int, str]]:
    """Number and leaf hash of each complaint's first record: its receipt."""
    first: dict[str, int] = {}
    for record in mission.store.read("complaint"):
        first.setdefault(record.id, record.seq)
    if not first:
        return {}
    leaves = list(mission.store.leaf_hashes(min(first.values()) - 1, max(first.values())))
    base = min(first.values())
    return {id_: (seq, leaves[seq - base].hex()) for id_, seq in first.items() if seq - base < len(leaves)}


def _moment(mission: Mission, state: State, as_of: int | None, known_by: int | None, now: int | None) -> int:
    cut = as_of if known_by is None else known_by
    if cut is not None:
        return cut
    if now is not None and mission.config.clock == "recorded":
        return now
    snap = state.snapshot
    known = [v.known_at for name in ("complaints", "tasks", "replies", "decisions") for v in snap.tables[name]]
    return max([*known, *(v.known_at for v in snap.claims)], default=now or 0)


def notes_of(roads: Iterable[Road]) -> list[str]:
    """What people should know: decisions that did nothing, claims that complaints name and that are not here."""
    out = []
    for r in roads:
        out += [
            f"the decision {d['verb']!r} of {d['person']} at {format_instant(d['at'])} on complaint {r.case.id} has no "
            "effect: it was not its turn"
            for d in r.idle
        ]
        if r.case.awaited:
            out.append(f"complaint {r.case.id} names claims that are not here: {', '.join(r.case.awaited[:4])}")
    return out


# ---- as a file


def register(
    mission: Mission,
    how: str = "page",
    lang: str | None = None,
    out: Path | None = None,
    *,
    audience: str = "internal",
    as_of: int | None = None,
    known_by: int | None = None,
    now: int | None = None,
    hands: int = 1,
) -> Registered:
    """Write the register as `how` (see FORMATS) to `out`, by default DIR/reports/register.LANG.html or the like; CSV
    without `out` is the text alone. `Refusal` for a folder in the place of the file."""
    with uncollected():
        view = register_view(mission, audience, as_of, known_by, now, hands=hands)
        return _made(mission, how, lang, out, view, hands)


def _made(mission: Mission, how: str, lang: str | None, out: Path | None, view: RegisterView, hands: int) -> Registered:
    lang = lang or mission.config.languages[0]
    if not _TAG.match(lang):  # the file is named after it
        raise Refusal(Fault(f"{lang!r} is no language", f"Write a tag as en; texts exist in {', '.join(available())}"))
    if how == "csv":
        text = as_csv(view.rows)
        path = None if out is None else _put(out, text.encode())
        return Registered(view, path, text, view.notes)
    from trucewatch.publishing.register.page import render

    page = render(view, lang, hands)
    data = page.encode()
    if how == "pdf":
        from trucewatch.publishing.pdf import pdf

        data = pdf(page, view.at)
    where = out or mission.reports / f"register.{lang}.{_SUFFIX[how]}"
    return Registered(view, _put(where, data), page, view.notes)


def as_csv(released: Sequence[Mapping[str, Any]]) -> str:
    """Released rows as CSV text, by the rules of every other table that leaves."""
    to = io.StringIO()
    write_csv(released, to, Shape("register", COLUMNS, _TIMES, None))
    return to.getvalue()


def _put(path: Path, data: bytes) -> Path:
    """Write a file whole or not at all."""
    if path.is_dir():
        raise Refusal(Fault(f"{str(path)!r} is a folder", "Name a file with -o", field="out"))
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


__all__ = [
    "FORMATS", "Registered", "as_csv", "docket_under", "notes_of", "one_road", "receipts", "register", "register_view",
]  # fmt: skip
