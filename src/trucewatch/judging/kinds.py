"""Which acts fall under a term, by its kind, and where the place counts.

What the text names wins; where it names no act, the kind implies some: an exclusion zone is broken by what it excludes
being there, a freeze by an advance, a duty to let pass by a refusal.
"""

from __future__ import annotations

from collections.abc import Hashable

from trucewatch.agreement import Term
from trucewatch.agreement.model import FORCES
from trucewatch.judging.scope import Atom, covered, required_km, under_rules

WEAPONS_SEEN = ("movement.weapons_in_zone",)
FIRED = ("fire",)
FORCES_SEEN = (
    "movement.position", "movement.withdrawal_missed", "movement.advance", "movement.incursion", "movement.patrol",
    "movement.massing", "movement.reinforcement", "movement.checkpoint", "fortification",
)  # fmt: skip
AIR = ("movement.overflight", "movement.uav_flight")
# What a text may name in `excludes` and `what`, in words, and what shows it; other words are for people.
_WEAPONS = frozenset({"weapons", "heavy_weapons", "heavy_equipment", "military_equipment", "equipment"})
_IN_WORDS = {"aircraft": AIR, "uav": ("movement.uav_flight",), "infrastructure": ("fortification",),
             "fortifications": ("fortification",), "mines": ("mines",), "vessels": ("movement.vessel",)}  # fmt: skip
_ACCESS = {
    "mechanism": ("obstruction_of_monitors",), "monitors": ("obstruction_of_monitors",),
    "aid": ("humanitarian_access", "access_denied"), "humanitarian": ("humanitarian_access", "access_denied"),
    "medical": ("humanitarian_access", "access_denied"), "icrc": ("humanitarian_access", "access_denied"),
}  # fmt: skip
# Acts that say themselves who or what suffers. Of all others nobody knows whether it was whom a ban protects.
_HARM = (
    "harm_to_civilians", "protected_object", "humanitarian_access", "obstruction_of_monitors", "recruitment.children",
    "looting.levy",
)  # fmt: skip
Sure = tuple[bool, bool]  # surely, maybe
Fit = tuple[Hashable, Sure]  # where the place counts, and whether act and weapon fall under the term
NO: Sure = (False, False)


def codes(term: Term) -> tuple[str, ...]:
    """The acts by which a term can be broken where something was seen, or happened."""
    if term.kind == "withdrawal" and term.weapons:
        forces = FORCES_SEEN if _names_no_weapon(term) else ()
        return tuple(dict.fromkeys((*forces, *WEAPONS_SEEN, *term.acts)))
    if term.acts:
        return term.acts
    if term.kind == "withdrawal":
        return (*FORCES_SEEN, *WEAPONS_SEEN)
    if term.kind == "exclusion_zone":
        return _excluded_codes(term)
    if term.kind == "freeze":
        return ("movement.advance",)
    if term.kind == "access":
        return tuple(dict.fromkeys(c for whom in term.for_ for c in _let_pass(term, whom))) or ("access_denied",)
    return ()


def _let_pass(term: Term, whom: str) -> tuple[str, ...]:
    """The refusals that break a duty to let somebody pass; who is a mechanism sends monitors."""
    return _ACCESS["monitors"] if whom in term.monitors else _ACCESS.get(whom, ("access_denied",))


def by_fire(term: Term) -> bool:
    """Whether fire from a known place counts too: who fires from there is there."""
    if term.kind == "withdrawal":
        return bool(term.weapons) or not term.acts
    return term.kind == "exclusion_zone" and not term.acts and (_names_forces(term.excludes) or bool(term.excluded))


def fits(term: Term, actor: str, atom: Atom) -> list[Fit]:
    """Whether an act with a weapon falls under a term, and where the place counts."""
    if term.kind == "withdrawal":
        found = _withdrawal(term, atom)
    elif term.kind == "exclusion_zone":
        found = [("where", _excluded(term, atom, codes(term)))]
        if by_fire(term):
            found.append(("fired", _excluded(term, atom, FIRED)))
    else:
        sure = covered(atom.act, codes(term))
        if term.weapons:
            weapon = under_rules(atom, term.weapons)
            sure = sure[0] and weapon[0], sure[1] and weapon[1]
        found = [("freeze" if term.kind == "freeze" else "where", sure)]
    certain = _against(term, actor) and _suffers(term, atom) and not _counted(term, atom)
    return [(place, (sure[0] and certain, sure[1])) for place, sure in found if sure[1]]


def _counted(term: Term, atom: Atom) -> bool:
    """Whether a term lets pass what stays below a number: one incident then tells nothing for sure. A zone's limits are
    looked at where it says what it excludes."""
    if term.quantity is not None and term.quantity.max:
        return True
    return term.kind != "exclusion_zone" and any(
        limit.max > 0 and (limit.rule is None or under_rules(atom, (limit.rule,))[1]) for limit in term.limits
    )


def _suffers(term: Term, atom: Atom) -> bool:
    """Whether an act tells itself that it was done to whom a ban protects, where it protects somebody. An incident
    tells of nobody who suffered; what a zone keeps out or a line keeps back is told by its place."""
    return not term.protects or term.kind != "prohibition" or covered(atom.act, _HARM)[0]


def _against(term: Term, actor: str) -> bool:
    """Whether whom an act of the actor was against makes no difference: the term names all others whom it binds."""
    return not term.against or set(term.binds) - {actor} <= set(term.against)


def _without_weapons(term: Term) -> bool:
    """Whether a withdrawal gives a distance alone, and names no weapon that must keep it."""
    return bool(term.weapons) and not any(r.classes or r.calibre or r.models for r in term.weapons)


def _names_no_weapon(term: Term) -> bool:
    """Whether a withdrawal to a distance is one of men: in its rules and in its words it names no weapon."""
    return _without_weapons(term) and (term.of_forces or not set(term.what) <= _WEAPONS)


def _withdrawal(term: Term, atom: Atom) -> list[Fit]:
    if not term.weapons:
        acts = codes(term)
        places = [(False, covered(atom.act, acts))] + ([(True, covered(atom.act, FIRED))] if not term.acts else [])
        return [(("left", fired), sure) for fired, sure in places]
    if not any(covered(atom.act, c)[1] for c in (codes(term), FIRED)):
        return []
    km = required_km(term, atom.weapon_class, atom.weapon)
    if km[1] <= 0:
        return []
    seen = tuple(code for code in codes(term) if not covered(code, FIRED)[0])  # where fire fell is no place of a gun
    named = under_rules(atom, term.weapons)[0]  # what may not be a weapon of the rules may lie inside for all they say
    if _without_weapons(term) and not term.of_forces:  # "heavy" weapons, foreign fighters: people say
        named = "weapons" in term.what
    found = [(fired, covered(atom.act, acts)) for fired, acts in ((False, seen), (True, FIRED)) if acts]
    of_area = required_km(term, atom.weapon_class, atom.weapon, untold=0.0)
    return [(("nearer", fired, km, of_area), (sure and named, maybe)) for fired, (sure, maybe) in found]


def _excluded(term: Term, atom: Atom, acts: tuple[str, ...]) -> Sure:
    """Whether what was seen is excluded from a zone: as act, and as forces, weapons or things that the text names.
    What is allowed up to a number is not excluded by being seen once: how many there were is for people to say."""
    sure, maybe = covered(atom.act, acts)
    if not maybe:
        return NO
    for limit in term.limits:
        fits_it = (False, True) if limit.rule is None else under_rules(atom, (limit.rule,))
        if limit.what is not None and limit.rule is None:
            fits_it = (False, limit.what in FORCES or not term.excludes)
        if limit.max == 0 and limit.rule is not None:
            continue  # of these not one is allowed
        if fits_it[0]:
            return False, True
        sure = sure and not fits_it[1]
    if not term.excludes:  # a zone of limits alone may let pass what none of them names
        none_of = any(x.max == 0 and x.rule is not None and under_rules(atom, (x.rule,))[0] for x in term.limits)
        return sure and (bool(term.acts) or not term.limits or none_of), maybe
    found = [_word(term, word, atom) for word in term.excludes]
    return sure and any(f[0] for f in found), any(f[1] for f in found)


def _word(term: Term, word: str, atom: Atom) -> Sure:
    """Whether one word of `excludes` names what was seen."""
    armed = covered(atom.act, (*WEAPONS_SEEN, *FIRED))
    if _names_forces((word,)):
        return True, True
    if word in _IN_WORDS:
        return covered(atom.act, _IN_WORDS[word])
    if not armed[1]:
        return NO
    if word == "weapons":
        return armed
    if term.excluded and word not in _WEAPONS:
        weapon = under_rules(atom, term.excluded)
        return armed[0] and weapon[0], weapon[1]
    return False, True  # "heavy" weapons without a definition, and other words: people decide


def _excluded_codes(term: Term) -> tuple[str, ...]:
    out = list(WEAPONS_SEEN)
    for word in term.excludes:
        out += FORCES_SEEN if word in FORCES else _IN_WORDS.get(word, ())
    return tuple(dict.fromkeys(out))


def _names_forces(words: tuple[str, ...]) -> bool:
    return any(w.removeprefix("definition:") in FORCES for w in words)
