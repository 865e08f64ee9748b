"""The mirror (law L3): the same mission with two parties exchanged in everything that is put in.

Exchanged are the ids of the two in records (who accuses, is accused, holds, restricts, ...) and what the agreement says
of each (who is bound, baselines, who answers for whom). Names stay with ids, and so does the order of the actors;
places, zones and gazetteers know no parties and stay.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from trucewatch.mission.folder import Mission
from trucewatch.model.columns import BY_RECORD_KIND
from trucewatch.model.errors import Fault, Refusal
from trucewatch.store.transaction import Hooks

if TYPE_CHECKING:
    from trucewatch.agreement import Agreement

_FINDING = re.compile(r"(F\d+\.(\d+)\.\d+)\.(\d+)\Z")
_STATE = re.compile(r"\s*(controls|absent|present|released|count|document)\(")  # what a duty is tested by
_NO_ACTORS = frozenset({"file", "feature", "names", "summary", "words", "source", "note", "links", "link"})
_BY_PARTY = ("reliability", "alleged")  # what a fit says of each party
_KEPT_OF_ACTOR = ("id", "names", "aliases")  # who one is; the rest of an entry is what the agreement says of one


class Exchange:
    """The exchange of the actors `a` and `b` over a chain of agreements; done twice it changes nothing."""

    def __init__(self, a: str, b: str, agreements: Sequence[Agreement] = ()) -> None:
        self.a, self.b = a, b
        self._swap = {a: b, b: a}
        # Finding ids hold the position of an actor in its agreement's file.
        self._positions: dict[int, dict[str, str]] = {}
        for i, agreement in enumerate(agreements, 1):
            ids = [actor.id for actor in agreement.actors]
            if a in ids and b in ids:
                pa, pb = str(ids.index(a) + 1), str(ids.index(b) + 1)
                self._positions[i] = {pa: pb, pb: pa}
        self._names = self._name_pairs(agreements)

    def _name_pairs(self, agreements: Sequence[Agreement]) -> dict[str, str]:
        """Names of the two by language, exchanged, for the names of sources that hold them."""
        names: dict[str, dict[str, str]] = {}
        for agreement in agreements:
            for actor in agreement.actors:
                if actor.id in self._swap:
                    names.setdefault(actor.id, {}).update(actor.names)
        mine, theirs = names.get(self.a, {}), names.get(self.b, {})
        pairs = {mine[lang]: theirs[lang] for lang in mine if lang in theirs}
        return {**pairs, **{v: k for k, v in pairs.items()}}

    def actor(self, value: str) -> str:
        """The id of the other for one of the two, any other value as it is."""
        return self._swap.get(value, value)

    def finding_id(self, value: str) -> str:
        """The id of the same finding about the other; an id of something else as it is."""
        match = _FINDING.match(value)
        if match is None:
            return value
        swap = self._positions.get(int(match[2]), {})
        return f"{match[1]}.{swap.get(match[3], match[3])}"

    def payload(self, kind: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """The payload of a record of that kind, exchanged."""
        columns = BY_RECORD_KIND[kind].columns if kind in BY_RECORD_KIND else ()
        actors = {c.name for c in columns if c.refers == "actor"}
        out = dict(payload)
        for name, value in payload.items():
            if name in actors and isinstance(value, str):
                out[name] = self.actor(value)
            elif name in {"object", "finding_id"} and isinstance(value, str):
                out[name] = self.finding_id(value)
            elif name == "params" or (kind == "fit" and name in _BY_PARTY):
                out[name] = self.deep(value)
        if kind == "source" and "name" in out:
            out["name"] = self.words(str(out["name"]))
        return out

    def words(self, text: str) -> str:
        """Whole names of one party in a text, exchanged for those of the other."""
        if not self._names:
            return text
        longest_first = sorted(self._names, key=lambda n: (-len(n), n))
        pattern = re.compile(r"(?<!\w)(" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")
        return pattern.sub(lambda m: self._names[m[1]], text)

    def deep(self, value: Any) -> Any:
        """Keys and strings of a nested value, exchanged; names of shapes in a file and words for people stay."""
        if isinstance(value, Mapping):
            return {self.actor(str(k)): v if k in _NO_ACTORS else self.deep(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [self.deep(v) for v in value]
        if not isinstance(value, str):
            return value
        return self.tested(value) if _STATE.match(value) else self.finding_id(self.actor(value))

    def tested(self, state: str) -> str:
        """What a duty is tested by, exchanged: controls(ACTOR, ZONE) and the like."""
        return re.sub(r"(?<=[(,])(\s*)([^(),]+?)(?=\s*[,)])", lambda m: m[1] + self.actor(m[2]), state)

    def document(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """An agreement file as values, exchanged: terms speak of the other, actors keep id, names and place."""
        out = {k: v if k in {"id", "title"} else self.deep(v) for k, v in document.items() if k != "actors"}
        actors = [dict(a) for a in document.get("actors") or []]
        by_id = {str(a.get("id")): a for a in actors}
        mirrored = []
        for actor in actors:
            told = by_id.get(self.actor(str(actor.get("id"))), actor)
            kept = {k: actor[k] for k in _KEPT_OF_ACTOR if k in actor}
            said = {k: self.deep(v) for k, v in told.items() if k not in _KEPT_OF_ACTOR}
            mirrored.append({**kept, **said})
        return {"id": out.pop("id", None), "title": out.pop("title", None), "actors": mirrored, **out}


def parties_to_exchange(mission: Mission, a: str | None = None, b: str | None = None) -> tuple[str, str]:
    """The two named, else the first two parties of the chain; `Refusal` where there are no two."""
    named = [p for p in (a, b) if p is not None]
    for one in named:
        if one not in mission.actors:
            known = ", ".join(mission.actors)
            raise Refusal(Fault(f"no actor is called {one!r}", f"Name two of: {known}"))
    pair = [*named, *(p for p in mission.parties if p not in named)][:2]
    if len(pair) < 2:
        raise Refusal(Fault("a mirror needs two parties", "The agreements of this mission name fewer"))
    return pair[0], pair[1]


def mirrored(mission: Mission, folder: Path | None = None, a: str | None = None, b: str | None = None) -> Mission:
    """A mission of its own with the two parties exchanged, made in `folder` (else in a temporary one).

    Records keep their order and their two clocks, so the state under any cut is the mirror of the state there.
    """
    exchange = Exchange(*parties_to_exchange(mission, a, b), mission.agreements)
    target = folder or Path(tempfile.mkdtemp(prefix="trucewatch-mirror-"))
    target.mkdir(parents=True, exist_ok=True)
    names = [_write_agreement(mission, name, exchange, target, i) for i, name in enumerate(mission.config.agreements)]
    config = mission.config.model_copy(update={"agreements": tuple(names), "database": None})
    if config.sectors is not None:
        source = mission.dir / config.sectors
        (target / source.name).write_bytes(source.read_bytes())
        config = config.model_copy(update={"sectors": source.name})
    text = yaml.safe_dump(config.model_dump(mode="json"), allow_unicode=True, sort_keys=False)
    (target / "mission.yaml").write_text(text, "utf-8")
    mirror = Mission.open(target)
    copy_records(mission, mirror, exchange)
    return mirror


def _write_agreement(mission: Mission, name: str, exchange: Exchange, target: Path, position: int) -> str:
    source = mission.agreement_path(name)
    folder = target / "agreements" / str(position)
    folder.mkdir(parents=True, exist_ok=True)
    # Scalars stay the strings that were written: the loader reads them, not we.
    document = yaml.load(source.read_text("utf-8-sig"), Loader=yaml.BaseLoader)
    document = _nulls(document, yaml.safe_load(source.read_text("utf-8-sig")))
    for one in document.get("zones") or []:
        if isinstance(one, dict) and one.get("file"):
            zone = folder / str(one["file"])
            zone.parent.mkdir(parents=True, exist_ok=True)
            zone.write_bytes((source.parent / str(one["file"])).read_bytes())
    text = yaml.safe_dump(exchange.document(document), allow_unicode=True, sort_keys=False)
    (folder / source.name).write_text(text, "utf-8")
    return f"agreements/{position}/{source.name}"


def _nulls(written: Any, read: Any) -> Any:
    """`written` with null where the file says null: as strings they would be the word."""
    if isinstance(written, dict):
        values = list(read.values()) if isinstance(read, dict) else []
        return {k: _nulls(v, values[i]) for i, (k, v) in enumerate(written.items())}
    if isinstance(written, list):
        return [_nulls(v, read[i]) for i, v in enumerate(written)]
    return None if read is None else written


def copy_records(mission: Mission, mirror: Mission, exchange: Exchange) -> None:
    """Append every record of `mission` to `mirror`, exchanged, in the same order and with the same two clocks."""
    kinds = [*BY_RECORD_KIND, "fit"]
    records = sorted((r for kind in kinds for r in mission.store.read(kind)), key=lambda r: r.seq)
    mirror.store.hooks = Hooks()  # what nobody keeps is not signed for
    with mirror.store.writing() as tx:
        for (kind, recorded_at), run in groupby(records, key=lambda r: (r.kind, r.recorded_at)):
            rows = [(r.id, exchange.payload(kind, r.payload), r.known_at) for r in run]
            tx.append(kind, rows, recorded_at=recorded_at)
