"""Who and what the exercise knows by position: actors, sources, acts, weapons and how each weapon is used."""

from __future__ import annotations

from dataclasses import dataclass

TALVENIA, CORRAND, HILL, RIVER = range(4)
ACTORS = ("talvenia", "corrand", "hill_companies", "river_companies")
PARTIES = ACTORS[:2]
ACTOR_NAMES = ("Talvenia", "Corrand", "the Hill Companies", "the River Companies")

STANCES = ("alleges", "observes", "admits", "denies", "reports")
ALLEGES, OBSERVES, ADMITS, DENIES, REPORTS = range(5)
MEANS = ("saw", "heard", "aftermath", "camera", "uav", "sensor", "satellite", "forensic", "told")
SAW, HEARD, AFTERMATH, CAMERA, UAV, SENSOR, SATELLITE, FORENSIC, TOLD = range(9)
PLACE_OF = ("impact", "origin", "presence")
IMPACT, ORIGIN, PRESENCE = range(3)
UNITS = ("round", "burst", "explosion", "weapon", "person", "incident")
ROUND, BURST, EXPLOSION, WEAPON, PERSON, INCIDENT = range(6)
WHO = ("civilian", "combatant", "unknown")

ACTS = (
    "fire.small_arms", "fire.heavy_mg", "fire.grenade_launcher", "fire.mortar", "fire.artillery", "fire.tank",
    "fire.mlrs", "fire.uav_strike", "fire.explosion_undetermined", "fire", "burning", "movement.uav_flight",
    "movement.weapons_in_zone", "harm_to_civilians",
)  # fmt: skip
ACT = {code: k for k, code in enumerate(ACTS)}
EXPLOSION_UNKNOWN, FIRE, BURNING = (ACT[a] for a in ("fire.explosion_undetermined", "fire", "burning"))
UAV_FLIGHT, WEAPONS_SEEN = ACT["movement.uav_flight"], ACT["movement.weapons_in_zone"]
SMALL_ARMS = ACT["fire.small_arms"]

WEAPONS = (
    "small_arms", "heavy_mg.dshk", "heavy_mg.zu23", "grenade_launcher.spg9", "grenade_launcher.ags17", "mortar.60mm",
    "mortar.82mm", "mortar.120mm", "artillery.122mm", "artillery.152mm", "artillery.d30", "tank.t72", "mlrs.bm21",
    "mlrs.uragan", "uav",
)  # fmt: skip
WEAPON_AT = {code: k for k, code in enumerate(WEAPONS)}


@dataclass(frozen=True)
class Manner:
    """How an act of firing is done: share of incidents, weapons, where it comes from and falls (km from the line),
    whether it goes off (heard as an explosion), heard how far, chance of a fire and of casualties."""

    act: int
    share: float
    weapons: tuple[str, ...]
    origin_km: tuple[float, float]
    impact_km: tuple[float, float]
    explodes: bool
    heard_km: float
    burns: float
    harms: float


MANNERS = (
    Manner(ACT["fire.small_arms"], 0.34, ("small_arms",), (0.15, 0.9), (0.1, 0.7), False, 3.0, 0.0, 0.05),
    Manner(ACT["fire.heavy_mg"], 0.13, ("heavy_mg.dshk", "heavy_mg.zu23"), (0.2, 1.2), (0.2, 1.2), False, 4.5, 0.0,
        0.05),
    Manner(ACT["fire.grenade_launcher"], 0.12, ("grenade_launcher.spg9", "grenade_launcher.ags17"), (0.2, 1.5),
        (0.2, 1.5), True, 5.0, 0.02, 0.07),
    Manner(ACT["fire.mortar"], 0.22, ("mortar.60mm", "mortar.82mm", "mortar.120mm", "mortar.120mm"), (1.0, 4.0),
        (0.6, 3.5), True, 9.0, 0.06, 0.13),
    Manner(ACT["fire.artillery"], 0.09, ("artillery.122mm", "artillery.152mm", "artillery.d30"), (5.0, 13.0),
        (2.0, 10.0), True, 13.0, 0.12, 0.2),
    Manner(ACT["fire.tank"], 0.03, ("tank.t72",), (0.8, 3.0), (0.5, 2.0), True, 8.0, 0.06, 0.1),
    Manner(ACT["fire.mlrs"], 0.02, ("mlrs.bm21", "mlrs.uragan"), (7.0, 18.0), (3.0, 14.0), True, 15.0, 0.3, 0.35),
    Manner(ACT["fire.uav_strike"], 0.05, ("uav",), (5.0, 15.0), (0.5, 9.0), True, 6.0, 0.1, 0.25),
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """A voice of the exercise; `side` -1 = of no party; `parent`: position of the source that it copies from."""

    id: str
    name: str
    role: str
    side: int = -1
    parent: int = -1
    approved: bool = True
    handling: str = "public"
    habit: str = "ministry"


def _side(side: int, at: int) -> list[Source]:
    """The voices of one side; `at`: position of the first of them."""
    who, initial = ACTOR_NAMES[side], PARTIES[side][0]
    return [
        Source(f"mod_{initial}", f"Defence Ministry of {who}", "party", side),
        Source(f"mfa_{initial}", f"Foreign Ministry of {who}", "party", side),
        Source(f"local_{initial}", f"District administrations of {who}", "party", side, habit="local"),
        Source(f"agency_{initial}", f"State Agency of {who}", "party_media", side, at),
        Source(f"channel_{initial}", f"First Channel of {who}", "party_media", side, at),
        Source(f"daily_{initial}", f"Daily of {who}", "party_media", side),
        Source(f"portal_{initial}", f"Portal of {who}", "party_media", side),
    ]


SOURCES = (
    *_side(0, 0),
    *_side(1, 7),
    Source("mission", "Joint Verification Mission", "monitor", handling="restricted", habit="mission"),
    Source("ears", "Acoustic stations of the Mission", "sensor", handling="restricted", habit="mission"),
    Source("cameras", "Cameras of the Mission", "sensor", handling="restricted", habit="mission"),
    Source("fires", "Fire satellite", "satellite", habit="mission"),
    Source("wire", "Meridian Wire", "independent_media", habit="media"),
    Source("gazette", "Strait Gazette", "independent_media", habit="media"),
    Source("chat", "Line Chat channel", "independent_media", approved=False, habit="media"),
    Source("rights", "Centre for Civilian Records", "ngo", habit="investigator"),
    Source("relief", "Relief Delegation", "international", habit="investigator"),
    Source("hotline", "Callers of the hotline", "witness", approved=False, handling="confidential", habit="witness"),
)
SOURCE = {s.id: k for k, s in enumerate(SOURCES)}
MISSION, EARS, CAMERAS, FIRES = (SOURCE[s] for s in ("mission", "ears", "cameras", "fires"))
HOTLINE, CHAT, RIGHTS, RELIEF = (SOURCE[s] for s in ("hotline", "chat", "rights", "relief"))
REPORTERS = (SOURCE["wire"], SOURCE["gazette"])
MINISTRY, FOREIGN, LOCAL = ((SOURCE[f"{what}_t"], SOURCE[f"{what}_c"]) for what in ("mod", "mfa", "local"))
OUTLETS = tuple(tuple(SOURCE[f"{what}_{i}"] for what in ("agency", "channel", "daily", "portal")) for i in ("t", "c"))
NAMED_PARENT = 2  # the first two outlets of a side are declared to copy from its ministry; the others do not say
