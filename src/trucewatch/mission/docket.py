"""What is recorded of each complaint, gathered for its road: claims, tasks, replies, decisions, findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from trucewatch.judging.rulings import Ruling, key_of, rulings
from trucewatch.mission.persons import person_bars
from trucewatch.mission.snapshot import Payload, Snapshot
from trucewatch.model.times import HOUR
from trucewatch.procedure.clocks import Limit, limits
from trucewatch.procedure.naming import complaint_named
from trucewatch.procedure.offices import step_of
from trucewatch.procedure.road import Answered, Case
from trucewatch.procedure.spans import Pause

if TYPE_CHECKING:
    from trucewatch.agreement import Agreement
    from trucewatch.mission.claim_table import ClaimTable
    from trucewatch.mission.folder import Mission

Row = Mapping[str, Any]
_ON_FINDINGS = frozenset({"draft", "review", "notify", "reply", "rule", "grant", "refute", "sign", "publish", "reopen"})


class Docket:
    """The complaints of a mission under a cut. `tables`: the derived ones; `table`: the claim table, made when it is
    asked for; `more`: decisions that are not recorded yet, for trying them."""

    def __init__(
        self,
        mission: Mission,
        snap: Snapshot,
        tables: Mapping[str, Sequence[Row]],
        table: Callable[[], ClaimTable],
        more: Sequence[Payload] = (),
    ) -> None:
        self.mission, self.snapshot, self.tables = mission, snap, tables
        self._table = table
        payloads = [*(v.payload for v in snap.tables["decisions"]), *more]
        self.decisions = sorted(payloads, key=lambda p: (p["at"], p["verb"], str(p.get("object", "")), _Words(p)))

    # ---- what is recorded

    @cached_property
    def limits(self) -> tuple[Limit, ...]:
        """The clocks that the chain of agreements sets."""
        return limits(self.mission.agreements)

    @cached_property
    def claims(self) -> dict[str, Payload]:
        """Claims by SOURCE/ID."""
        return {v.id: v.payload for v in self.snapshot.claims}

    @cached_property
    def _bare(self) -> dict[str, list[str]]:
        out: dict[str, list[str]] = defaultdict(list)
        for ref in self.claims:
            out[ref.partition("/")[2]].append(ref)
        return out

    @cached_property
    def _ids(self) -> set[str]:
        return {v.id for v in self.snapshot.tables["complaints"]}

    def _names_complaint(self, payload: Payload) -> bool:
        return complaint_named(str(payload.get("object") or ""), self._ids, self.claims) is not None

    @cached_property
    def by_complaint(self) -> dict[str, list[Payload]]:
        """Decisions on complaints that may be taken by whoever took them, by complaint, in their order."""
        ids, people = self._ids, self.mission.config.people
        out: dict[str, list[Payload]] = defaultdict(list)
        for p in self.decisions:
            complaint = complaint_named(str(p.get("object") or ""), ids, self.claims)
            if complaint is not None and person_bars(p, people, step_of(p["verb"], _params(p))) is None:
                out[complaint].append(p if isinstance(p.get("params"), dict) else {**p, "params": {}})
        return out

    @cached_property
    def pauses(self) -> tuple[Pause, ...]:
        """When all inquiries were suspended: decisions on no object in particular, step suspended and resumed."""
        out: list[Pause] = []
        begun: int | None = None
        for p in self.decisions:
            step = step_of(p["verb"], _params(p)) if not p.get("object") or p["object"] in self._agreements else None
            if person_bars(p, self.mission.config.people, step) is not None:
                continue
            if step == "suspended" and begun is None:
                begun = p["at"]
            elif step == "resumed" and begun is not None:
                out.append((begun, p["at"]))
                begun = None
        return (*out, (begun, None)) if begun is not None else tuple(out)

    @cached_property
    def _agreements(self) -> dict[str, Agreement]:
        return {a.id: a for a in self.mission.agreements}

    def _grouped(self, table: str, key: str) -> dict[str, list[Payload]]:
        out: dict[str, list[Payload]] = defaultdict(list)
        for v in self.snapshot.tables[table]:
            if v.payload.get(key) is not None:
                out[str(v.payload[key])].append(v.payload)
        return out

    @cached_property
    def _tasks(self) -> dict[str, list[Payload]]:
        return self._grouped("tasks", "complaint")

    # ---- incidents and findings

    @cached_property
    def _incident(self) -> dict[str, str]:
        """The incident of each claim, by SOURCE/ID."""
        links = self.tables["links"]
        return {f"{r['source']}/{r['claim_id']}": r["incident_id"] for r in links if r["incident_id"]}

    @cached_property
    def _findings(self) -> dict[str, list[Row]]:
        """Rows of findings by incident."""
        out: dict[str, list[Row]] = defaultdict(list)
        for r in self.tables["findings"]:
            if r["incident_id"] is not None:
                out[r["incident_id"]].append(r)
        return out

    @cached_property
    def _decided(self) -> dict[tuple[int, ...], list[Payload]]:
        """Decisions on findings by the finding's key, in their order, each with whether it is stale."""
        # What links and judges is loaded where there is something to look at: complaints alone need none of it.
        on_findings = [p for p in self.decisions if p["verb"] in _ON_FINDINGS and not self._names_complaint(p)]
        if not on_findings:
            return {}
        from trucewatch.mission.decisions import held, resolve_payloads
        from trucewatch.mission.seen import STANDING

        table = self._table()
        agreements, people = self.mission.agreements, self.mission.config.people
        decided = resolve_payloads(on_findings, self.snapshot, table, agreements, people)
        out: dict[tuple[int, ...], list[Payload]] = defaultdict(list)
        for d in decided.on_findings(held(table, self.tables["links"]), lambda at: at):
            key = key_of(d)
            if key is not None:
                if d.get("object_hash") and d["verb"] in STANDING and d["number"] is not None:
                    d["stale"] = d["object_hash"] != self._hash(key)
                out[key].append(d)
        return out

    @cached_property
    def _shown(self) -> tuple[dict[str, list[tuple[str, str, str]]], dict[str, list[Any]], dict[str, list[list[Any]]]]:
        """What a person sees of each incident and finding, by their ids."""
        from trucewatch.mission.seen import ASSESSED, FOUND

        links: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for r in self.tables["links"]:
            if r["incident_id"]:
                links[r["incident_id"]].append((r["source"], r["claim_id"], r["relation"]))
        assessed = {r["incident_id"]: [r[name] for name in ASSESSED] for r in self.tables["assessments"]}
        found: dict[str, list[list[Any]]] = defaultdict(list)
        for r in self.tables["findings"]:
            found[r["finding_id"]].append([r[name] for name in FOUND])
        return links, assessed, found

    def _hash(self, key: tuple[int, ...]) -> str:
        from trucewatch.mission.seen import seen_hash

        links, assessed, found = self._shown
        incident = f"I{key[0]}"
        return seen_hash(links[incident], assessed.get(incident, []), found["F" + ".".join(map(str, key))])

    def answered(self, row: Row) -> Answered:
        """A finding with what was decided and replied on it."""
        key = tuple(map(int, row["finding_id"].removeprefix("F").split("."))) if self._decided else ()
        decisions = self._decided.get(key, [])
        ruling = next(iter(rulings(decisions).values()), Ruling()) if decisions else Ruling()
        replies = tuple(self._replies.get(row["finding_id"], ()))
        return Answered(row["finding_id"], row["actor"], row["outcome"], tuple(decisions), ruling, replies)

    def published(self) -> list[dict[str, Any]]:
        """Published findings: their row, their kind, and the hours from the first that was said of the incident."""
        rows = {r["finding_id"]: r for r in self.tables["findings"] if r["state"] == "published" and r["incident_id"]}
        if not rows:
            return []
        wanted = {r["incident_id"] for r in rows.values()}
        said: dict[str, list[int]] = defaultdict(list)
        for ref, incident in self._incident.items():
            if incident in wanted:
                said[incident].append(self.claims[ref]["published"])
        kinds = {r["incident_id"]: r["act"] for r in self.tables["incidents"] if r["incident_id"] in wanted}
        out = []
        for r in rows.values():
            decisions = self.answered(r).decisions
            at = max((d["at"] for d in decisions if d["verb"] == "publish" and not d["stale"]), default=None)
            if at is not None:
                hours = round((at - min(said[r["incident_id"]])) / HOUR, 1)
                out.append({**r, "kind": str(kinds[r["incident_id"]]).partition(".")[0], "hours": hours})
        return out

    @cached_property
    def _replies(self) -> dict[str, list[Payload]]:
        """Replies by the finding as it is called now: an incident that was merged keeps its old numbers."""
        numbers = {v.number: v.id for v in self.snapshot.claims} if self.snapshot.tables["replies"] else {}
        out: dict[str, list[Payload]] = defaultdict(list)
        for v in self.snapshot.tables["replies"]:
            name = str(v.payload["finding_id"])
            number, _, rest = name.removeprefix("F").partition(".")
            ref = numbers.get(int(number)) if name.startswith("F") and number.isdigit() else None
            incident = self._incident.get(ref) if ref is not None else None
            out[name if incident is None else f"F{incident[1:]}.{rest}"].append(v.payload)
        return out

    # ---- cases

    def cases(self, only: str | None = None) -> Iterable[Case]:
        """Every complaint (or `only` that one) in the order of intake."""
        for v in self.snapshot.tables["complaints"]:
            if only is None or v.id == only:
                yield self._case(v.id, v.payload)

    def _case(self, id_: str, complaint: Payload) -> Case:
        decisions = self.by_complaint.get(id_, [])
        named = [str(c) for c in complaint.get("claims") or ()]
        named += [str(c) for d in decisions if d["verb"] == "link" for c in _listed(d["params"].get("claims"))]
        refs = [self._ref(c) for c in dict.fromkeys(named)]
        here = [r for r in refs if r is not None]
        agreement = self._agreement(complaint)
        rows = self._rows_of(complaint, here)
        return Case(
            id_, complaint, agreement, tuple(decisions), tuple(self._tasks.get(id_, ())),
            tuple(self.claims[r] for r in here), tuple(n for n, r in zip(named, refs, strict=False) if r is None),
            tuple(self.answered(r) for r in rows), tuple(self._replies.get(id_, ())),
            tuple(dict.fromkeys(i for r in here if (i := self._incident.get(r)) is not None)),
            tuple((r, i) for r in here if (i := self._incident.get(r)) is not None),
        )  # fmt: skip

    def _ref(self, name: str) -> str | None:
        """SOURCE/ID of a claim that is here, also where one source alone has that bare id."""
        if name in self.claims:
            return name
        found = self._bare.get(name, [])
        return found[0] if len(found) == 1 else None

    def _agreement(self, complaint: Payload) -> Agreement | None:
        """The agreement that a complaint falls under: the last of the chain that has its term, else the last."""
        chain = self.mission.agreements
        term = complaint.get("term")
        return next((a for a in reversed(chain) if term is not None and a.term(str(term)) is not None), chain[-1])

    def _rows_of(self, complaint: Payload, refs: Sequence[str]) -> list[Row]:
        """The findings that a complaint is about: of its incidents, on its term, about whom it accuses."""
        term, against = complaint.get("term"), complaint.get("against")
        out: dict[str, Row] = {}
        for incident in dict.fromkeys(self._incident.get(r) for r in refs):
            for r in self._findings.get(incident or "", ()):
                of_term = term is None or r["term"] == str(term)
                if of_term and (against is None or against in {r["actor"], r["answers_for"]}):
                    out.setdefault(r["finding_id"], r)
        return list(out.values())


class _Words:
    """The params of a decision, for ordering those that are alike in all else; their words are made when needed."""

    __slots__ = ("_payload",)

    def __init__(self, payload: Payload) -> None:
        self._payload = payload

    def _told(self) -> str:
        return str(self._payload.get("params", ""))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Words) and self._told() == other._told()

    def __lt__(self, other: _Words) -> bool:
        return self._told() < other._told()

    __hash__ = None  # type: ignore[assignment]


def _params(payload: Payload) -> dict[str, Any]:
    params = payload.get("params")
    return params if isinstance(params, dict) else {}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


__all__ = ["Docket"]
