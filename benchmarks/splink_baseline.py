"""The strong alternative: Splink, used as well as we know how, and then given what no user has, its best threshold.

Levels that know the stated precision, blocking on neighbour cells, m by expectation maximisation without labels among
the pairs of one cell and slot, u from those pairs too or from random ones of the whole theatre, average link over the
pair weights. Of both trainings and all thresholds the one with the best pair F1 is picked by looking at the truth.
"""

from __future__ import annotations

import logging
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage

from trucewatch.exercise.score import Numbers, linking
from trucewatch.model.claims import EARTH_KM
from trucewatch.model.table import Table

CELL_KM, SLOT_S = 20.0, 8 * 3600.0
THRESHOLDS = tuple(np.arange(-30.0, 11.0).tolist())  # match weights, bits
ROUNDS = (8, 60)  # of expectation maximisation; long ones sometimes drift to another mixture
_NOT_COMPARED = -30.0  # bits; a pair outside the neighbour cells, or below; from -20 to -60 the scores are the same


def frame(claims: Table, rows: np.ndarray) -> pd.DataFrame:
    """The claims as Splink's input: flat km, minutes, standard deviations, words."""
    lat, lon = claims["lat"][rows], claims["lon"][rows]
    km = np.pi / 180 * EARTH_KM
    out = pd.DataFrame({
        "unique_id": np.arange(rows.size),
        "x": lon * km * np.cos(np.radians(np.nanmean(lat))), "y": lat * km, "sigma": claims["sigma_km"][rows],
        "t": claims["t"][rows] / 60.0, "sd": claims["t_sd"][rows] / 60.0,
        "act": claims["act"][rows].astype(str), "kind": [str(a).split(".")[0] for a in claims["act"][rows]],
        "accused": claims["accused"][rows], "side": claims["side"][rows], "source": claims["voice_source"][rows],
        "published": claims["published"][rows],
    })  # fmt: skip
    out["cx"] = np.floor(out["x"] / CELL_KM)
    out["cy"] = np.floor(out["y"] / CELL_KM)
    out["slot"] = np.floor(out["t"] * 60 / SLOT_S)
    return out


Pairs = tuple[np.ndarray, np.ndarray, np.ndarray]


def best(claims: Table, rows: np.ndarray, truth: np.ndarray) -> Numbers:
    """The best score of either training, short or long, at any threshold."""
    found: list[Numbers] = []
    for near_u, rounds in product((True, False), ROUNDS):
        for sources in (True, False):
            try:
                found += average_link(pair_weights(claims, rows, near_u, rounds, sources), truth)
                break
            except ValueError as e:  # Splink gives up where a level is never seen in a match: then without sources
                if "probability" not in str(e):
                    raise
    return max(found, key=lambda s: s["pair_f1"] or 0.0)


def pair_weights(claims: Table, rows: np.ndarray, near_u: bool, rounds: int, sources: bool, seed: int = 1) -> Pairs:
    """Pairs of neighbour cells (positions in `rows`) and their match weights in bits, parameters fitted without labels;
    `near_u`: u too is fitted among the pairs of one cell and slot."""
    from splink import DuckDBAPI, Linker, SettingsCreator

    logging.getLogger("splink").setLevel(logging.ERROR)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_space(), _time(), _act(), _accused(), *([_source()] if sources else [])],
        blocking_rules_to_generate_predictions=[
            {"blocking_rule": f"l.cx = r.cx + {a} and l.cy = r.cy + {b} and l.slot = r.slot + {c}"}
            for a, b, c in product((0, -1, 1), repeat=3)
        ],
        retain_matching_columns=False,
        max_iterations=rounds,
    )
    database = DuckDBAPI()
    linker = Linker(database.register(frame(claims, rows)), settings, log_level=logging.ERROR)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=seed)
    linker.training.estimate_parameters_using_expectation_maximisation(
        "l.cx = r.cx and l.cy = r.cy and l.slot = r.slot", fix_u_probabilities=not near_u, record_sample_proportion=1.0
    )
    found = linker.inference.predict(threshold_match_weight=_NOT_COMPARED).as_pandas_dataframe()
    left, right = (found[f"unique_id_{side}"].to_numpy(np.int64) for side in "lr")
    return left, right, found["match_weight"].to_numpy()


def average_link(pairs: Pairs, truth: np.ndarray) -> list[Numbers]:
    """The scores of average link at each of THRESHOLDS."""
    i, j, weight = pairs
    n = truth.size
    top = float(weight.max())
    condensed = np.full(n * (n - 1) // 2, top - _NOT_COMPARED, dtype=np.float64)
    low, high = np.minimum(i, j), np.maximum(i, j)
    condensed[n * low - low * (low + 1) // 2 + high - low - 1] = top - weight
    tree = linkage(condensed, method="average")
    return [linking(truth, fcluster(tree, top - t, criterion="distance")) for t in THRESHOLDS if t < top]


def _levels(name: str, *rules: tuple[str, str], null: str | None = None) -> dict[str, Any]:
    levels: list[dict[str, Any]] = []
    if null:
        levels.append({"sql_condition": null, "label_for_charts": "unknown", "is_null_level": True})
    levels += [{"sql_condition": rule, "label_for_charts": label} for label, rule in rules]
    levels.append({"sql_condition": "ELSE", "label_for_charts": "else"})
    return {"output_column_name": name, "comparison_levels": levels}


def _precision_aware(name: str, distance2: str, variance: str, classes: tuple[float, ...], null: str) -> dict[str, Any]:
    """Levels by how sharp the pair is and by its distance in standard deviations: near means more where it is sharp."""
    rules = []
    for k, top in enumerate((*classes, None)):
        sharp = f"{variance} <= {top**2} and " if top else ""
        for z in (0.7, 1.5, 2.5, 4.0):
            rules.append((f"class {k}, within {z} sd", f"{sharp}{distance2} <= {z**2} * ({variance})"))
    return _levels(name, *rules, null=null)


def _space() -> dict[str, Any]:
    return _precision_aware(
        "space", "(pow(x_l - x_r, 2) + pow(y_l - y_r, 2))", "(pow(sigma_l, 2) + pow(sigma_r, 2) + 0.25)", (1.5, 4.0),
        "x_l is null or x_r is null or sigma_l is null or sigma_r is null or isnan(sigma_l) or isnan(sigma_r)",
    )  # fmt: skip


def _time() -> dict[str, Any]:
    return _precision_aware(
        "time", "pow(t_l - t_r, 2)", "(pow(sd_l, 2) + pow(sd_r, 2) + 4)", (30.0, 120.0), "sd_l is null"
    )


def _act() -> dict[str, Any]:
    covers = "starts_with(act_l, act_r || '.') or starts_with(act_r, act_l || '.')"
    return _levels("act", ("same", "act_l = act_r"), ("one covers the other", covers), ("same kind", "kind_l = kind_r"))


def _accused() -> dict[str, Any]:
    return _levels(
        "accused",
        ("one side, same", "side_l = side_r and accused_l = accused_r"),
        ("one side, other", "side_l = side_r"),
        ("opposite sides, opposite", "side_l >= 0 and side_r >= 0 and accused_l <> accused_r"),
        null="accused_l < 0 or accused_r < 0",
    )


def _source() -> dict[str, Any]:
    return _levels(
        "source",
        ("one bulletin", "source_l = source_r and published_l = published_r"),
        ("one source", "source_l = source_r"),
    )
