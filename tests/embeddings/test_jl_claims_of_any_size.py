"""Figures far below 1, pairs far nearer than others, dimensions far flatter: what is called proven is true of them."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from tests.mutations import sealed_again
from tests.second import second_report

import derandkit as dk
from derandkit.certificates.embeddings import exact
from derandkit.certificates.embeddings.cloud import centred
from derandkit.certificates.embeddings.figures import scaled_within
from derandkit.certificates.embeddings.form import FLATTER
from derandkit.certificates.embeddings.mean import _tail
from derandkit.certificates.embeddings.pairs import Pairs
from derandkit.certificates.embeddings.spectrum import Spectrum, stretch
from derandkit.certificates.embeddings.written import Output
from derandkit.certificates.extremes import greatest, least
from derandkit.embeddings.bound import mean_lower_bound
from derandkit.records import decode_array, encode_array

WAVES = np.sin(np.arange(60.0) ** 2).reshape(12, 5)
MARGIN = 2.0**-27
#: Two points at the centre that are nearer than any number beside the others.
AT_THE_CENTRE = np.array([[3.0, 0], [-3, 0], [0, 2], [0, -2], [0, 0], [5e-324, 0]])


@functools.cache
def waves(objective="max"):
    return dk.embed(WAVES, n_components=2, objective=objective, holdout=False)


@np.errstate(all="ignore")
def of_another_map(points, A, **changes):
    """Return the record of these points with another map, whose figures are those of the check."""
    own = waves() if points is WAVES else dk.embed(points, n_components=len(A), holdout=False)
    record = own.to_dict()
    cloud, side = (
        centred(points),
        lambda s: {"smallest": s[0][0] * (1 - 1e-6), "largest": s[1][1] * (1 + 1e-6)},
    )
    found = Pairs(cloud, A, output=Output(decode_array(record["centre"]), single=False))
    pairs = [(i, j) for j in range(len(points)) for i in range(j)]
    worst = max(pairs, key=lambda pair: Pairs(centred(points[list(pair)]), A).high)
    space = stretch(A)
    span = Spectrum(cloud.centred).span_stretch(A, record["points"]["rank"]) or space
    low, high = scaled_within(found.largest, found.smallest)
    record.update(
        matrix=encode_array(A, "<f8"),
        distortion=found.distortion,
        scaled_distortion=(low + high) / 2,
        margin=MARGIN,
        worst_pair=list(worst),
        quantiles={name: edge[1] for name, edge in found.edges.items()} | {"mean": found.mean},
        stretch={"space": side(space), "span": side((span[0], (0.0, min(span[1][1], space[1][1]))))},
        output={"dtype": "float64", "certified_distortion": found.written.most},
    )
    record.update(changes)
    record["chain"] = {
        "lower_bound": record["lower_bound"],
        "distortion": record["distortion"],
        "certified_distortion": record["distortion"] + record["margin"],
    }
    return sealed_again(record)


def failed(record, points):
    """Return what fails; both verifiers say the same of whether something does."""
    names = dk.verify(record, points).failed
    assert second_report(record, points).ok is not bool(names)
    return names


def of(name, record, points):
    return next(check for check in dk.verify(record, points).checks if check.name == name)


@pytest.mark.parametrize("affordable", [True, False])
@pytest.mark.parametrize("size", [1.0, 2.0**-28, 2.0**-90])
def test_the_scaled_distortion_of_a_map_of_any_size_is_that_of_its_ratios(size, affordable, monkeypatch):
    """Ratios were known to 2^-51 beside 1, so that any figure passed of a map which makes all distances tiny."""
    if not affordable:
        monkeypatch.setattr(exact, "MOST_STEPS", 0)
    A = np.eye(5)[:2] * size
    assert failed(of_another_map(WAVES, A), WAVES) == ()
    for claim in (0.0, 1.0):
        assert dk.verify(of_another_map(WAVES, A, scaled_distortion=claim), WAVES).failed == ("ratios",)


def test_the_scaled_distortion_is_not_proven_where_nothing_is_known_of_it(monkeypatch):
    monkeypatch.setattr(exact, "MOST_STEPS", 0)
    record = of_another_map(WAVES, np.eye(5)[:2] * 2.0**-480, scaled_distortion=0.0)
    check = of("ratios", record, WAVES)
    assert (check.passed, check.detail) == (False, "the scaled distortion is known to 1 only")


@pytest.mark.parametrize(
    ("points", "A"),
    [
        (AT_THE_CENTRE, np.array([[2.0, 0.0]])),
        (np.where(AT_THE_CENTRE == 5e-324, 5e-324, AT_THE_CENTRE / 5), np.array([[0.6, 0.1]])),
        (np.where(AT_THE_CENTRE == 5e-324, 2.0**-1000, AT_THE_CENTRE), np.array([[2.0, 0.0]])),
    ],
)
def test_a_pair_too_near_to_be_written_hides_no_other(points, A):
    """Steps of 0 over a distance of 0 are no number, and the greatest of a block with one was passed over."""
    nothing = {"dtype": "float64", "certified_distortion": None}
    centre = encode_array(np.zeros(2), "<f8")
    honest = of_another_map(points, A, centre=centre, output=nothing)
    assert failed(honest, points) == ()
    assert "so near each other" in of("output", honest, points).detail
    for stated in (0.0, 3.0, 1e200):
        output = {"dtype": "float64", "certified_distortion": stated}
        forged = of_another_map(points, A, centre=centre, output=output)
        assert dk.verify(forged, points).failed == ("output",)


def test_nothing_is_stated_of_written_images_of_points_at_the_centre():
    """Its own record failed."""
    result = dk.embed(AT_THE_CENTRE, n_components=1)
    assert result.output.certified_distortion is None
    assert failed(result.to_dict(), AT_THE_CENTRE) == ()


def test_why_nothing_is_stated_of_written_images_is_true():
    """Points that are near each other were said to leave the range of float64."""
    points = np.array([[3e300, 0], [-3e300, 0], [0, 2e300], [0, -1e300], [1e300, 0], [1e300, 1]])
    record = dk.embed(points, n_components=1).to_dict()
    assert "so near each other" in of("output", record, points).detail
    assert failed(record, points) == ()
    large = np.array([[3e38, 0], [-3e38, 0], [0, 2e38], [0, -1e38], [2e38, 1e38]], dtype=np.float32)
    record = dk.embed(large, n_components=1).to_dict()
    if record["output"]["certified_distortion"] is None:
        assert "range of float32" in of("output", record, large).detail


def test_a_lower_bound_is_at_most_the_distortion():
    """Within its margin the distortion was stated as 0, and the chain as "lower_bound 3.7e-10 <= distortion 0"."""
    a = 2 * np.pi * np.arange(7) / 7
    points = np.c_[np.cos(a), np.sin(a), 3e-5 * np.cos(3 * a)]
    record = dk.embed(points, n_components=2).to_dict()
    assert failed(record, points) == ()
    record.update(distortion=0.0, margin=MARGIN)
    record["chain"] |= {"distortion": 0.0, "certified_distortion": MARGIN}
    assert failed(sealed_again(record), points) == ("chain",)
    record["lower_bound"] = record["chain"]["lower_bound"] = 0.0
    assert failed(sealed_again(record), points) == ()


def test_a_lower_bound_of_the_mean_is_at_most_the_mean():
    record = waves("mean").to_dict()
    assert failed(record, WAVES) == ()
    record["mean"]["lower_bound"] = record["mean"]["certified"]
    assert "mean" in failed(sealed_again(record), WAVES)


@pytest.mark.parametrize("flat", [1e-20, 1e-310])
def test_the_span_has_the_dimensions_of_the_points_however_flat(flat):
    """A direction of 1e-20 of the others was stretched by 1e12, and the span recomputed "from 0 to 1"."""
    points = np.sin(np.arange(48.0) ** 2).reshape(12, 4) * [1, 1, 1, flat]
    A = np.array([[1.0, 0, 0, 1e6], [0, 1.0, 0, 0]])
    check = of("span_stretch", of_another_map(points, A), points)
    assert check.verdict.value == "not checked"
    exactly = points.copy()
    exactly[:, 3] = exactly[:, 2] * 2  # these do have three
    assert exact.dimensions_at_most(exactly, 3) == 3
    assert (
        of("span_stretch", dk.embed(exactly, n_components=2).to_dict(), exactly).verdict.value == "recomputed"
    )


def test_a_curvature_holds_in_flat_directions_too():
    """Nothing curves there, and a positive curvature was recomputed."""
    points = np.random.default_rng(1).standard_normal((30, 3)) * [1, 1, 1e-20]
    record = dk.embed(points, n_components=1, objective="mean", holdout=False).to_dict()
    record["mean"]["curvature"] = None
    verdict = of(
        "stationary", dk.embed(points, n_components=1, objective="mean").to_dict(), points
    ).verdict.value
    assert verdict in ("recomputed", "not checked")
    assert exact.dimensions_at_most(points, 2) == 3


def test_the_first_version_says_no_more_of_flat_points_than_the_later_ones():
    """Its message about dimensions was read as today's, which allows 1e-9 of their size."""
    points = np.sin(np.arange(1, 37.0) ** 2).reshape(12, 3) * [1, 1, 5e-10]
    record = dk.embed(points, n_components=2, holdout=False).to_dict()
    record["points"]["rank"], record["status"] = 2, "isometry"
    first = {
        k: v
        for k, v in record.items()
        if k not in ("centre", "output", "ridge", "stretch", "objective", "mean")
    }
    first["points"] = {k: v for k, v in record["points"].items() if k not in ("columns", "reading")}
    first["schema_version"] = 1
    first["message"] = (
        "isometry: the points span no more dimensions than the map has, so distances are kept to rounding"
    )
    record["message"] = FLATTER
    for claim in (first, record):
        assert failed(sealed_again(claim), points) == ("status",)


def test_the_bound_on_a_mean_does_not_depend_on_how_near_its_points_are():
    """Squares of a cluster of 2^-512 of the cloud underflow: half of its distances were counted."""
    points, q = np.random.default_rng(2).standard_normal((9, 6)), np.ones(9)
    for factor in (2.0**-512, 2.0**-700, 2.0**600):
        assert _tail(points * factor, q, 2) == _tail(points, q, 2)
        assert mean_lower_bound(points * factor, 2) == mean_lower_bound(points, 2) > 0.0
    far = np.vstack([np.round(points * 2**20) * 2.0**-540, np.ones(6), -np.ones(6)])
    weights = np.append(np.ones(9), [0.0, 0.0])
    record = dk.embed(far, n_components=2, objective="mean", pair_weights=weights, holdout=False).to_dict()
    assert of("mean_bound", record, far).passed
    assert record["mean"]["lower_bound"] > 0.0


def test_the_stretch_of_a_tiny_map_is_not_zero():
    """Squares of its entries underflow, and a largest stretch of 0 was recomputed."""
    assert stretch(np.eye(2) * 1e-170)[1][1] > 0.0
    low, high = stretch(np.eye(2) * 2.0**-500)
    assert 0.0 < low[0] <= 2.0**-1000 <= high[1] < 2.0**-999
    assert stretch(np.zeros((2, 2))) == ((0.0, 0.0), (0.0, 0.0))


def test_what_is_no_number_is_no_extreme_that_can_be_passed_over():
    assert np.isnan(
        [greatest(1.0, np.array([np.nan, 2.0])), least(1.0, np.array([np.nan])), greatest(np.nan, 1.0)]
    ).all()
    assert (greatest(1.0, 3.0), least(1.0, 3.0)) == (3.0, 1.0)


def test_a_figure_says_nothing_within_a_wide_margin():
    """A margin of 1 failed at one line, and others called figures within it recomputed and proven."""
    record = waves("mean").to_dict()
    record["margin"] = 1.0
    names = dk.verify(sealed_again(record), WAVES).failed
    assert {"ratios", "quantiles", "mean"} <= set(names)


def test_the_rounding_of_images_of_wide_tables_has_room():
    """It grows with the columns: of 300000 the written images were held to a margin that fits 40000."""
    points = np.outer([1.0, 2.0], np.ones(300_000))
    result = dk.embed(points, n_components=2, holdout=False)
    assert dk.verify(result, points).ok
