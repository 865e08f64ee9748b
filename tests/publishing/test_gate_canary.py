"""A marked secret in every confidential field of every input table is in nothing that leaves, in no encoding (L10).

The table of fields is the contract's own: a column that is neither planted nor named here with a reason fails the test.
"""

from __future__ import annotations

import base64
import io
import json
import random
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import pytest

from tests.laws.missions import T0, Row, crowd, iso, make, rows_of
from tests.publishing.canaries import Secret, files, found, layers, packed
from trucewatch import cli
from trucewatch.model.columns import KINDS
from trucewatch.model.times import DAY, HOUR, MINUTE
from trucewatch.publishing.coarse import coarse

PUBLIC, NORLAND, SUDLAND = "public", "party:norland", "party:sudland"
AUDIENCES = (PUBLIC, NORLAND, SUDLAND)
FORMATS = ("csv", "jsonl", "geojson", "xlsx", "parquet", "hxl", "qgis")
DAYS = ("2021-03-02", "2021-03-03")
# Columns that hold one of a short closed list, a number that many rows share, or a name of the contract: their value
# alone tells nothing, and which rows leave is looked at by the other tests of the gate.
CLOSED = {
    "role", "party", "tz", "handling", "stance", "act", "acts", "when", "place_of", "means", "unit", "who", "consent",
    "cumulative", "victim", "lang", "mode", "kind", "by", "zone", "sector", "actor", "contested", "term", "verb",
    "published", "obtained", "start", "end", "time", "received", "ordered", "due", "closed", "at", "against",
    "radius_km", "origin_radius_km", "time_sd_min", "bearing_sd_deg", "range_km_low", "range_km_high", "detection",
    "false_alarm", "count_low", "count_high", "killed_low", "killed_high", "injured_low", "injured_high", "declared",
    "seen", "object_hash", "weapon", "area", "finding_id", "object",
}  # fmt: skip
# Tables that are published by nature: announced to all, or a gazetteer.
OPEN_TABLES = {"notices", "places"}


@dataclass
class Vault:
    """Hands out secrets and remembers where each was put."""

    r: random.Random
    secrets: list[Secret] = field(default_factory=list)

    def word(self, where: str, *allowed: str) -> str:
        """A word with a letter that encodings write differently."""
        text = "zq" + "".join(self.r.choice("bcdfghkmnprstvwxz") for _ in range(8)) + "é"
        self.secrets.append(Secret(where, text, frozenset(allowed)))
        return text

    def number(self, where: str, low: float, high: float) -> str:
        """A coordinate of seven decimals, which to four of them is the middle of no cell."""
        while True:
            text = f"{self.r.uniform(low, high):.6f}7"
            if not {f"{float(text):.4f}", text[: text.index(".") + 5]} & _middles():
                self.secrets.append(Secret(where, text))
                return text

    def place(self, table: str, *prefixes: str) -> Row:
        """Coordinates near those that others tell."""
        return {
            f"{p}{k}": self.number(f"{table}.{p}{k}", low, high)
            for p in prefixes
            for k, low, high in (("lat", 39.91, 40.09), ("lon", 45.91, 46.09))
        }


@cache
def _middles() -> frozenset[str]:
    """Coordinates of the middles of all cells about, as they leave."""
    grid = [(39.0 + i / 100, 45.0 + j / 100) for i in range(200) for j in range(200)]
    return frozenset(f"{x:.4f}" for step in (5.0, 10.0, 20.0, 40.0) for at in grid for x in coarse(*at, step))


def planted(seed: int) -> tuple[dict[str, list[Row]], Vault]:
    """Rows of every input table with a secret in every field that can hold one."""
    inputs, v = crowd(seed, 6), Vault(random.Random(seed))
    sources, claims = [*inputs.tables["sources"]], [*inputs.tables["claims"]]
    for handling in ("restricted", "confidential"):
        name = v.word("sources.source")
        sources.append({
            "source": name, "name": v.word("sources.name"), "role": "monitor", "tz": "Asia/Baku", "handling": handling,
            "approved_by": v.word("sources.approved_by"), "parent": "mon", "unasked": v.word("sources.unasked"),
        })  # fmt: skip
        child = v.word("sources.source")
        sources.append({"source": child, "name": v.word("sources.name"), "role": "monitor", "parent": name,
                        "handling": handling, "tz": "Asia/Baku"})  # fmt: skip
        claims += [_claim(v, name, "", claims[k]) for k in (0, 3)] + [_claim(v, name, "", None)]
        claims += [_claim(v, "mon", handling, claims[k]) for k in (1, 4)]
        claims += [_claim(v, "mon", handling, None)]
    claims += [{**_claim(v, "mon", "public", None), "consent": "none"}]
    mine = [s["source"] for s in sources[len(inputs.tables["sources"]) :]]
    return {**inputs.tables, "sources": sources, "claims": claims, **_others(v, mine)}, v


def _claim(v: Vault, source: str, handling: str, near: Row | None) -> Row:
    start = T0 + v.r.randrange(20, 60) * HOUR + 7 * MINUTE
    row = {
        "claim_id": v.word("claims.claim_id"), "source": source, "published": iso(start + DAY), "stance": "observes",
        "act": "detention", "start": iso(start), **v.place("claims", "", "origin_", "obs_"), "radius_km": "1",
        "origin_radius_km": "1", "place_of": "impact", "means": "saw", "place": v.word("claims.place"),
        "bearing_deg": v.number("claims.bearing_deg", 0, 360), "weapon": v.word("claims.weapon"),
        "target": v.word("claims.target"), "accused": f"other:{v.word('claims.accused')}", "handling": handling,
        "origin": "mon", "text": f"it was {v.word('claims.text')}",
        "url": f"https://example.org/{v.word('claims.url')}", "unasked": v.word("claims.unasked"),
    }  # fmt: skip
    if near is not None:
        return row | {"act": near["act"], "start": near["start"], "end": near.get("end", "")}
    answered = {"responds_to": f"mon/{v.word('claims.responds_to')}", "retracts": v.word("claims.retracts")}
    return row | answered


def _others(v: Vault, mine: list[str]) -> dict[str, list[Row]]:
    """Rows of protected sources, and of the mission itself."""
    t = iso(T0 + 30 * HOUR)
    seen = [{"source": s, "start": iso(T0 + 25 * HOUR), "end": t} for s in mine]
    return {
        "coverage": [
            {**s, **v.place("coverage", ""), "radius_km": "5", "means": "saw", "unasked": v.word("coverage.unasked")}
            for s in seen
        ],
        "restrictions": [
            {**s, **v.place("restrictions", ""), "radius_km": "5", "by": f"other:{v.word('restrictions.by')}",
             "kind": "denied", "text": v.word("restrictions.text")} for s in seen
        ],
        "tallies": [
            {**s, "area": v.word("tallies.area"), "act": "fire", "count_low": "3",
             "includes": f"mon/{v.word('tallies.includes')}"} for s in seen
        ],
        "control": [{"source": s, "actor": "norland", "zone": "town", "start": iso(T0)} for s in mine],
        "inspections": [
            {"source": s, "time": t, "site": v.word("inspections.site"), **v.place("inspections", ""),
             "weapon": v.word("inspections.weapon"), "party": "sudland"} for s in mine
        ],
        "complaints": [
            {"complaint_id": v.word("complaints.complaint_id"), "received": t, "handling": "confidential",
             "complainant": f"other:{v.word('complaints.complainant')}", "against": "norland",
             "claims": f"mon/{v.word('complaints.claims')}", "text": v.word("complaints.text")},
            {"complaint_id": v.word("complaints.complaint_id", SUDLAND, NORLAND), "received": t,
             "complainant": "sudland", "against": "norland", "text": v.word("complaints.text", SUDLAND),
             "handling": "restricted"},
            {"complaint_id": v.word("complaints.complaint_id", NORLAND), "received": t, "complainant": "norland",
             "against": "sudland", "text": v.word("complaints.text", NORLAND), "handling": "confidential"},
        ],
        "tasks": [
            {"task_id": v.word("tasks.task_id"), "ordered": t, "due": t, **v.place("tasks", ""), "closed": closed,
             "look_for": v.word("tasks.look_for"), "team": v.word("tasks.team"), "outcome": v.word("tasks.outcome"),
             "complaint": v.word("tasks.complaint")} for closed in ("", t)
        ],
        "replies": [
            {"finding_id": "F1.1.1.2", "party": "sudland", "received": t, "text": v.word("replies.text", SUDLAND)},
        ],
        "decisions": [{
            "at": iso(T0 + 5 * DAY), "person": v.word("decisions.person"), "role": "analyst", "verb": "draft",
            "object": "F1.1.1.1", "reason": v.word("decisions.reason"),
            "params": json.dumps({"note": v.word("decisions.params")}, ensure_ascii=False),
        }],
    }  # fmt: skip


def test_every_field_that_can_hold_a_secret_is_planted() -> None:
    rows, v = planted(1)
    planted_in = {s.where for s in v.secrets}
    for table, kind in KINDS.items():
        if table in OPEN_TABLES:
            continue
        # A source's id is planted where the source is declared, and then stands wherever it is named.
        named = {c.name for c in kind.columns if c.refers == "source"} - ({"source"} if table == "sources" else set())
        missing = [c for c in kind.names if f"{table}.{c}" not in planted_in and c not in CLOSED | named]
        assert not missing, f"{table}: {missing} hold no secret, and no reason is named"
    assert all(any(s.text in str(row) for row in rows[s.where.split(".")[0]]) for s in v.secrets)


@dataclass
class Mission:
    """A planted mission on disk."""

    folder: Path
    secrets: list[Secret]


@pytest.fixture(scope="module")
def mission(tmp_path_factory: pytest.TempPathFactory) -> Mission:
    rows, v = planted(5)
    folder = tmp_path_factory.mktemp("canary") / "m"
    publication = {"never": [], "place_km": 5, "handling_max": "restricted"}  # as wide as a mission can open the gate
    made = make(folder, replace(crowd(5, 6), tables=rows, config={"publication": publication}))
    made.store.close()
    return Mission(made.dir, v.secrets)


def leaving(
    mission: Mission, out: Path, audience: str, capfd: pytest.CaptureFixture[str]
) -> Iterator[tuple[str, bytes]]:
    """Everything that leaves for an audience: files, what is printed, and what --json says."""
    who = ["--audience", audience]
    commands: list[list[str]] = []
    for form in FORMATS:
        commands.append(["export", "all", "--format", form, "-o", str(out / form)])
        commands.append(["export", "all", "--format", form, "-o", str(out / f"{form}-json"), "--json"])
    for table in ("board", "calendar", "claims"):
        commands.append(["export", table])
    for day in DAYS:
        commands.append(["report", "--date", day, "-o", str(out / "pages"), *(["--mirror"] * (audience == PUBLIC))])
    commands.append(["report", "--date", DAYS[1], "-o", str(out / "json"), "--json"])
    if "--pdf" in _options("report"):
        commands.append(["report", "--date", DAYS[1], "-o", str(out / "pdf"), "--pdf"])
    if "--kind" in _options("report"):
        commands.append(["report", "--date", DAYS[1], "-o", str(out / "weekly"), "--kind", "weekly"])
    if "--preview" in _options("report"):
        commands.append(["report", "--date", DAYS[1], "-o", str(out / "preview")])
    for name in ("I1", "I2", "F1.1.1.1", "F1.1.1.2", *(r["claim_id"] for r in _released(mission, audience)[:3])):
        commands += [["explain", name], ["explain", name, "--json"]]
    for form in ("page", "csv", "pdf"):
        commands.append(["register", "--format", form, "-o", str(out / f"register.{form}")])
        commands.append(["register", "--format", form, "-o", str(out / f"register2.{form}"), "--json"])
    for command in commands:
        code = cli.run([command[0], str(mission.folder), *command[1:], *who])
        told = capfd.readouterr()
        assert code == 0 or command[0] == "explain", (command, told.err)
        yield f"what {' '.join(command)} prints", told.out.encode()
        # Standard error speaks to whoever works for the mission; it too names nothing.
        yield f"what {' '.join(command)} notes", told.err.encode()
    for name, data in files(out):
        yield name, _middle_of_rings(data) if name.endswith("-area.geojson") else data


def _middle_of_rings(data: bytes) -> bytes:
    """Areas with the middle of each instead of its corners: among thousands of these any number stands by chance."""
    found_ = json.loads(data)
    for feature in found_["features"]:
        (ring,) = feature["geometry"]["coordinates"]
        feature["geometry"]["coordinates"] = [round(sum(p[k] for p in ring[1:]) / (len(ring) - 1), 4) for k in (0, 1)]
    return json.dumps(found_, ensure_ascii=False).encode()


def _options(command: str) -> set[str]:
    from importlib import import_module

    found_ = import_module(f"trucewatch.cli.{command}").command
    return {o for p in found_.params for o in p.opts}


def _released(mission: Mission, audience: str) -> list[dict[str, str]]:
    from trucewatch.mission.exporting import export
    from trucewatch.mission.folder import Mission as Folder

    text = io.StringIO()
    export(Folder.open(mission.folder), "claims", "csv", stream=text, audience=audience)
    return [r for r in rows_of(text.getvalue()) if r["claim_id"]]


@pytest.mark.parametrize("audience", AUDIENCES)
def test_no_secret_is_in_anything_that_leaves(
    mission: Mission, tmp_path: Path, audience: str, capfd: pytest.CaptureFixture[str]
) -> None:
    told: list[str] = []
    seen = 0
    for name, data in leaving(mission, tmp_path, audience, capfd):
        seen += 1
        told += found(mission.secrets, audience, name.replace(str(mission.folder), "DIR"), data)
    assert seen > 100
    assert not told, f"{len(told)} leaks to {audience}:\n" + "\n".join(sorted(set(told))[:20])


def test_the_mission_itself_sees_every_secret(mission: Mission, tmp_path: Path) -> None:
    assert cli.run(["export", str(mission.folder), "all", "-o", str(tmp_path)]) == 0
    inside = b"".join(data for _, data in files(tmp_path))
    missing = [s.where for s in mission.secrets if s.text.encode() not in inside]
    assert not missing


# ---- negative controls: the harness finds what leaks

WORD, NUMBER = Secret("claims.text", "zqbcdfghkmé"), Secret("claims.lat", "40.0234567")


def _zip(text: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("inner/a.txt", text)
    return out.getvalue()


@pytest.mark.parametrize(
    "leak",
    [
        f"a {WORD.text} b".encode(), WORD.text.encode("utf-16-le"), WORD.text.encode("utf-16-be"),
        base64.b64encode(f"xy{WORD.text}z".encode()), base64.urlsafe_b64encode(f"x{WORD.text}".encode()),
        WORD.text.encode().hex().encode(), WORD.text.encode().hex().upper().encode(), b"zqbcdfghkm%C3%A9",
        b"zqbcdfghkm&#233;", b"zqbcdfghkm&eacute;", b'"zqbcdfghkm\\u00e9"', _zip(f"so {WORD.text}"),
        packed(_zip(WORD.text)), b"<img src='data:text/plain;base64," + base64.b64encode(f"{WORD.text * 4}".encode()),
        WORD.text.encode()[::1] + b"\0", b"\xe9mkhgfdcbqz".decode("latin-1").encode(),
    ],
)  # fmt: skip
def test_a_leaked_word_is_found_however_it_is_written(leak: bytes) -> None:
    assert found([WORD], PUBLIC, "leak", leak)
    assert not found([WORD], PUBLIC, "clean", b"zqbcdfghkn and others, " * 9)


@pytest.mark.parametrize("leak", ["40.0234567", "40.023457", "40.02346", "40.0235", "40.0234", "40,0235", "400234567"])
def test_a_leaked_coordinate_is_found_to_eleven_metres(leak: str) -> None:
    assert found([NUMBER], PUBLIC, "leak", f"at {leak} north".encode())
    assert not found([NUMBER], PUBLIC, "cell", b"at 40.0225 north, 46.0228")


def test_a_leak_in_a_workbook_a_parquet_file_a_pdf_or_a_file_name_is_found(tmp_path: Path) -> None:
    import polars as pl
    import typst
    import xlsxwriter

    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        book.add_worksheet().write_string(3, 3, WORD.text)
    pl.DataFrame({"a": [WORD.text], "b": [float(NUMBER.text)]}).write_parquet(tmp_path / "a.parquet")
    (tmp_path / "a.pdf").write_bytes(typst.compile(f"before {WORD.text} after".encode()))
    told = {name: found([WORD, NUMBER], PUBLIC, name, data) for name, data in files(tmp_path)}
    assert all(told.values()), told
    assert {leak.split(" ")[0] for leak in told["a.parquet"]} == {WORD.where, NUMBER.where}
    assert found([WORD], PUBLIC, f"{WORD.text}.csv", b"")
    assert [n for n, _ in layers("x", b"")] == ["the name of x", "x"]


def test_an_open_gate_is_found_out(mission: Mission, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from trucewatch.mission import exporting
    from trucewatch.publishing.policy import Released

    monkeypatch.setattr(exporting, "release", lambda table, rows, audience, policy: Released(rows))
    assert cli.run(["export", str(mission.folder), "all", "-o", str(tmp_path), "--audience", PUBLIC]) == 0
    told = {leak.split(" ")[0] for name, data in files(tmp_path) for leak in found(mission.secrets, PUBLIC, name, data)}
    assert {s.where for s in mission.secrets if not s.where.endswith("unasked")} <= told
