"""`verify`: check a package, or a mission's own ledger, and say what was checked and by which trust roots.

Nothing is written but in a temporary folder. What does not hold is one sentence: which check failed, what it means.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trucewatch.ledger import stamps
from trucewatch.ledger.audit import audit
from trucewatch.ledger.errors import LedgerError, NotVerified
from trucewatch.ledger.policy import Opened, Policy
from trucewatch.ledger.policy_file import read_policy
from trucewatch.ledger.stamps import CERTIFICATES, MOST_BYTES, SUFFIX
from trucewatch.ledger.tree import Tree
from trucewatch.mission.folder import Mission
from trucewatch.mission.sealed import Sealed, check_records, note_of, unseal
from trucewatch.model.errors import Fault, Refusal
from trucewatch.model.times import format_instant
from trucewatch.publishing.package.names import POLICY, STAMPS
from trucewatch.publishing.package.reading import Bag, NotAPackage, open_bag
from trucewatch.store.checks import faults

_MOST = 20  # faults of records that are told one by one


@dataclass
class Verdict:
    """What was checked, in words by the name of the check; what failed; by which trust roots; what to consider."""

    what: str
    checked: dict[str, str] = field(default_factory=dict)
    trust: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    errors: list[Fault] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether all that was checked holds."""
        return not self.errors


def verify(path: Path, keys: Path | None = None, ca: Path | None = None, *, recomputing: bool = True) -> Verdict:
    """Check the package or mission at `path`, by the policy or keys in `keys`, else by those it brings itself.

    `Refusal` where nothing could be tried.
    """
    policy = None if keys is None else policy_of(keys)
    if (path / "mission.yaml").is_file():
        return verify_mission(path, policy, keys)
    return verify_package(path, policy, keys, ca, recomputing=recomputing)


def policy_of(path: Path) -> Policy:
    """The policy in a file; `Refusal` where it is none."""
    try:
        return read_policy(path.read_bytes())
    except OSError as e:
        raise Refusal(
            Fault(f"the keys cannot be read: {e.strerror}", "Name a file of keys or a policy", str(path))
        ) from e
    except LedgerError as e:
        raise Refusal(Fault(e.what, "Name a file of keys or a policy", str(path))) from e


# ---- a package


def verify_package(
    path: Path, policy: Policy | None, keys: Path | None, ca: Path | None = None, *, recomputing: bool = True
) -> Verdict:
    """Check a package step by step; the first step that fails ends it. `Refusal` where there is no package."""
    out = Verdict(f"the package {path.name}")
    try:
        bag = open_bag(path)
        _check(bag, policy, keys, ca, out, recomputing)
    except NotAPackage as e:
        raise Refusal(Fault(e.what, e.remedy or "Name a package or a mission folder")) from e
    except LedgerError as e:
        out.errors.append(_fault(e))
    return out


def _check(
    bag: Bag, policy: Policy | None, keys: Path | None, ca: Path | None, out: Verdict, recomputing: bool
) -> None:
    files, size = bag.check()
    out.counts["files"] = files
    out.checked["files"] = f"{files:,} files, {size:,} bytes: all are listed, none is missing, added or changed"
    note = note_of(bag)
    trusted = read_policy(bag.read(POLICY)) if policy is None else policy
    sealed = unseal(bag, trusted, note)
    _believed(sealed.opened, trusted, keys, out)
    _stamped(bag, note, ca, out)
    body = sealed.body
    when = format_instant(sealed.recorded_at)
    out.checked["publication"] = (
        f"record {sealed.number:,} of the ledger, of {when}, names every file of this package: "
        f"the report of {body['day']} for the audience {body['audience']}"
    )
    check_records(sealed, note)
    out.counts["records"] = sealed.shown
    out.checked["records"] = _told_records(sealed)
    if not recomputing:
        out.notes.append("nothing was recomputed: that was asked for")
        return
    from trucewatch.mission.recomputing import recompute  # all stages: only where they are needed

    found = recompute(sealed)
    out.counts |= found.counts
    out.checked |= found.checked
    out.notes += found.notes


def _stamped(bag: Bag, note: bytes, ca: Path | None, out: Verdict) -> None:
    """Check every time stamp of the checkpoint, by the certificates given, else by those that came with it."""
    names = [n.removeprefix(STAMPS).removesuffix(SUFFIX) for n in bag.names(STAMPS) if n.endswith(SUFFIX)]
    found = []
    for name in names:
        roots = ca.read_bytes() if ca is not None else bag.read(f"{STAMPS}{name}{CERTIFICATES}", MOST_BYTES)
        stamp = stamps.verify(bag.read(f"{STAMPS}{name}{SUFFIX}", MOST_BYTES), note.decode("utf-8"), roots)
        found.append(f"{name}, {stamp.at:%Y-%m-%d %H:%M:%S} UTC (checked by {stamp.by})")
    for path in bag.names(STAMPS):
        if path.removeprefix(STAMPS).rpartition(".")[0] not in names or not path.endswith((SUFFIX, CERTIFICATES)):
            raise NotVerified(
                f"the package holds {path!r}, which no package has: somebody added it", check="unlisted file"
            )
    if found:
        out.counts["stamps"] = len(found)
        out.checked["stamps"] = "the ledger was so no later than this, by outside authorities: " + "; ".join(found)
        if ca is None:
            out.notes.append("the time stamps' certificates came with the package: give those that you trust with --ca")
        else:
            out.trust.append(f"the certificates of time stamps in {ca.name}, which you gave")


def _told_records(sealed: Sealed) -> str:
    if sealed.whole:
        return f"all {sealed.shown:,} records are as they were committed to, in the order of the ledger, none left out"
    size = sealed.opened.checkpoint.size
    return f"{sealed.shown:,} of the ledger's {size:,} records are shown, and each stands in it as it is shown"


def _believed(opened: Opened, policy: Policy, keys: Path | None, out: Verdict) -> None:
    """Tell who signed, who is missing, and why those keys are believed."""
    log, checkpoint = opened.log_key, opened.checkpoint
    out.counts["ledger"] = checkpoint.size
    seen = [
        f"{s.witness.key.name} ({_whose(s.witness.neutral)}), {format_instant(s.time_s * 1_000_000)}"
        for s in opened.seen
    ]
    out.checked["signature"] = f"{log.name} signed its ledger of {checkpoint.size:,} records"
    if seen:
        out.checked["witnesses"] = f"{len(seen)} saw the same ledger, and none that contradicts it: " + "; ".join(seen)
    out.notes += [f"a witness is missing: {w.key.name} ({_whose(w.neutral)})" for w in opened.missing]
    if not policy.quorum:
        out.notes.append(
            "no quorum of witnesses is asked for: that everybody was shown the same ledger is the mission's own word"
        )
    out.trust.append(f"the log's key {log.name}+{log.id.hex()}")
    out.trust += [f"the witness's key {w.key.name}+{w.key.id.hex()}" for w in policy.witnesses]
    out.trust.append(f"a quorum of {policy.quorum} of {len(policy.witnesses)} witnesses")
    if keys is None:
        out.notes.append(
            "the keys came with what was checked: who forges it brings keys too. Compare the key "
            f"{log.id.hex()} with the one that the mission gave you before, or give that with --keys"
        )
    else:
        out.trust.append(f"all of them as in {keys.name}, which you gave")


def _whose(neutral: bool) -> str:
    return "of no party" if neutral else "a party's or nobody said whose"


def _fault(e: LedgerError) -> Fault:
    return Fault(e.what, e.remedy or "Do not rely on it; ask who gave it to you, and keep it", field=e.check or None)


# ---- a mission's own ledger


def verify_mission(path: Path, policy: Policy | None = None, keys: Path | None = None) -> Verdict:
    """Check a mission's records against its ledger, and that against its signatures. Nothing is mended."""
    mission = Mission.open(path)
    if not mission.database.exists():
        raise Refusal(Fault(f"{str(path)!r} has no records", "Ingest something first"))
    out = Verdict(f"the mission {mission.config.id}")
    try:
        trusted = policy or mission.ledger.policy()
        found = audit(mission.ledger.files, trusted)
    except LedgerError as e:
        out.errors.append(_fault(e))
        return out
    _believed(found.opened, trusted, keys, out)
    out.checked["files"] = f"{found.tiles:,} tiles and {found.entries:,} entries are what was signed"
    bad = dict(faults(mission.store.rows()))
    size = found.opened.checkpoint.size
    if not bad:
        bad = _moved(mission.store.leaf_hashes(upto=size), found.tree)
    remedy = "Somebody changed it, or the disk did: trucewatch check --deep says how to mend it"
    out.errors += [Fault(f"record {seq}: {what}", remedy, field="record") for seq, what in sorted(bad.items())[:_MOST]]
    if len(bad) > _MOST:
        out.errors.append(Fault(f"and {len(bad) - _MOST:,} more records", remedy, field="record"))
    out.counts["records"] = mission.store.last_seq()
    if not bad:
        out.checked["records"] = f"all {size:,} records are those that were signed for"
    later = mission.store.last_seq() - size
    if later > 0:
        out.notes.append(f"{later:,} records came after the last signature: the next command signs for them")
    return out


def _moved(own: Iterable[bytes], signed: Tree) -> dict[int, str]:
    """Records whose row and leaf were changed together, or are missing at the end. One tree in memory is enough."""
    differs: dict[int, str] = {}
    count = 0
    for count, leaf in enumerate(own, 1):
        if leaf != signed.node(0, count - 1):
            differs[count] = "it is not the record that was signed for: row and leaf were changed together"
    return differs | dict.fromkeys(range(count + 1, signed.size + 1), "it was signed for and is not there")


def as_dict(verdict: Verdict) -> dict[str, Any]:
    """The keys of --json besides those of every command."""
    return {"what": verdict.what, "checked": verdict.checked, "trust": verdict.trust}
