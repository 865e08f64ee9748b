"""The words of claims: invented plain sentences, a few for each form, filled with what the claim tells."""

from __future__ import annotations

from collections.abc import Sequence

from trucewatch.exercise import codes as c
from trucewatch.exercise.pile import Rows

_ACT_WORDS = (
    "small-arms fire", "heavy machine-gun fire", "grenade-launcher fire", "mortar fire", "artillery fire", "tank fire",
    "rocket fire", "a drone strike", "an explosion", "fire", "a fire", "a drone flight", "heavy weapons",
    "harm to civilians",
)  # fmt: skip
# By form: 0 bulletin, 1 administration, 2 denial, 3 admission, 4 reworded, 5 patrol, 6 post, 7 traces, 8 examined,
# 9 none found, 10 reporter, 11 investigator, 12 caller, 13 withdrawn, 14 running total.
_SENTENCES: tuple[tuple[str, ...], ...] = (
    (
        "EXERCISE. {time} our positions and the area {place} came under {act} by the forces of {accused}.{harm}",
        "EXERCISE. The forces of {accused} broke the truce {time} with {act} {place}.{harm}",
        "EXERCISE. {act} by {accused} was registered {place} {time}. Our side did not answer.{harm}",
    ),
    (
        "EXERCISE. People {place} report {act} {time}.{harm} The administration counts the damage.",
        "EXERCISE. {time} there was {act} {place}, the district office says.{harm}",
    ),
    (
        "EXERCISE. What is told about {act} {place} {time} does not correspond to the facts.",
        "EXERCISE. Our forces keep the truce; no {act} {place} {time} came from our side.",
    ),
    ("EXERCISE. An inquiry found that a unit of ours opened {act} {place} {time} without an order.",),
    (
        "EXERCISE. Again shelling {place}: {accused} is said to be behind {act} seen {time}.{harm}",
        "EXERCISE. Residents awake to {act} {place}; military sources name {accused}, the hour {time}.{harm}",
        "EXERCISE. New breach {place}. As it became known, {time} {accused} used {act}.{harm}",
    ),
    ("EXERCISE. The patrol observed {act} {place} {time}.", "EXERCISE. {time} the team perceived {act} {place}."),
    ("EXERCISE. The post heard {act} {time}.",),
    ("EXERCISE. The team saw fresh traces of {act} {place}; people dated it {time}.",),
    ("EXERCISE. The team examined craters and remains of {act} {place}, dated {time}.",),
    ("EXERCISE. The team went {place} and found no traces of {act} said to have been {time}.",),
    ("EXERCISE. Our reporter {place}: {act} {time}.{harm}",
        "EXERCISE. {act} {place} {time}, a reporter of ours writes.{harm}"),
    ("EXERCISE. Interviews and pictures establish {act} {place} {time}.{harm}",),
    ("EXERCISE. Caller: {act} {place} {time}.",),
    ("EXERCISE. The earlier report on {act} {place} {time} is withdrawn.",),
    ("EXERCISE. Since the truce began {killed} persons have been killed on our side.",),
)  # fmt: skip


def sentences(rows: Rows, names: Sequence[Sequence[str]]) -> list[str]:
    """One sentence a claim, in the order of rows ("" where it has no words). `names`: what each side calls each place.

    A copy word for word has the sentence of its origin (`text_of`); which sentence, its number says.
    """
    order = {int(u): k for k, u in enumerate(rows["uid"].tolist())}
    out = [""] * len(order)
    lists = {
        k: rows[k].tolist()
        for k in ("form", "act", "accused", "place", "namer", "uid", "text_of", "killed_low", "injured_low")
    }
    times = [_time_words(s, e) for s, e in zip(rows["start"].tolist(), rows["end"].tolist(), strict=True)]
    columns = zip(*lists.values(), times, strict=True)
    for k, (form, act, accused, place, namer, uid, text_of, killed, injured, when) in enumerate(columns):
        if form < 0 or text_of != uid:
            continue
        options = _SENTENCES[form]
        where = f"near {names[max(namer, 0)][place]}" if place >= 0 else "at the line"
        text = options[uid * 2654435761 % 4294967296 % len(options)].format(
            time=when, act=_ACT_WORDS[act], place=where,
            accused=c.ACTOR_NAMES[accused] if accused >= 0 else "the other side",
            harm=_harm(killed, injured), killed=0 if killed != killed else int(killed),
        )  # fmt: skip
        out[k] = text
    for k, (uid, text_of) in enumerate(zip(lists["uid"], lists["text_of"], strict=True)):
        if text_of != uid:
            out[k] = out[order[text_of]]
    return out


def _harm(killed: float, injured: float) -> str:
    if killed != killed and injured != injured:
        return ""
    return f" Killed: {0 if killed != killed else int(killed)}, injured: {0 if injured != injured else int(injured)}."


def _time_words(start: float, end: float) -> str:
    day, minute = divmod(int(start) // 60, 1440)
    clock = f"{minute // 60:02d}:{minute % 60:02d}"
    if end != end:
        return f"at {clock} on day {day + 1}"
    if end - start >= 86_000:
        return f"on day {day + 1}"
    until = int(end) // 60 % 1440
    return f"between {clock} and {until // 60:02d}:{until % 60:02d} on day {day + 1}"


__all__ = ["sentences"]
