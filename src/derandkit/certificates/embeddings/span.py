"""Check what a record says of the stretch on the span of its points, as far as the span is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derandkit.certificates.checks import Verdict
from derandkit.certificates.embeddings.exact import dimensions_at_most
from derandkit.certificates.embeddings.spectrum import STEEPEST, is_outward

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from derandkit.certificates.embeddings.cloud import Cloud
    from derandkit.certificates.embeddings.pairs import Pairs
    from derandkit.certificates.embeddings.spectrum import Interval, Spectrum
    from derandkit.numerics.typing import FloatArray
    from derandkit.records import JsonMapping


def check_span_stretch(
    record: JsonMapping,
    spectrum: Spectrum,
    A: FloatArray,
    whole: Callable[[], tuple[Interval, Interval]],
    pairs: Pairs,
    cloud: Cloud,
) -> tuple[bool | Verdict, str]:
    """Compare the stretch on the span with that of the pairs, of the directions that are known, and of the whole span.

    Every pair lies in the span, and so does every direction that is known. What is claimed of the span has to hold of
    them, also where the span itself is not known.
    """
    found = spectrum.span_stretch(A, record["points"]["rank"])
    claimed = record["stretch"]["span"]
    if claimed["largest"] > record["stretch"]["space"]["largest"]:
        return Verdict.FAILED, "larger on the span than in the space"
    sure, possible = spectrum.rank
    steep = min(spectrum.dimensions(1.0 / STEEPEST), record["points"]["rank"])
    parts = {
        "pairs": (pairs.smallest, pairs.largest),
        "directions that are known": found or spectrum.span_stretch(A, steep),
    }
    for name, part in parts.items():
        if part is not None and refuted(claimed, part):
            return (
                Verdict.FAILED,
                f"from {part[0][1]:.6g} to {part[1][0]:.6g} on {name}, which the span holds",
            )
    if found is None or sure < possible:  # the directions that may be missing may be stretched by anything
        return (
            Verdict.NOT_CHECKED,
            "the span is too flat for its directions to be known; the claim holds of every pair, "
            "and of the directions that are known",
        )
    if (
        pairs.smallest[1] < found[0][0] or pairs.largest[0] > found[1][1]
    ):  # the difference of a pair is in the span
        return (
            Verdict.NOT_CHECKED,
            "the stretch of a pair is outside: by rounding, the points span more dimensions",
        )
    (least, _), (_, most) = whole()  # the span is a part of the space
    beyond = claimed["smallest"] > least or claimed["largest"] < most
    rank = record["points"]["rank"]
    if beyond and dimensions_at_most(cloud.given, rank) > rank:
        return (
            Verdict.NOT_CHECKED,
            f"the points may span more than {rank} dimensions, by less than rounding shows",
        )
    found = found[0], (min(found[1][0], most), min(found[1][1], most))
    width = max(found[0][1] - found[0][0], found[1][1] - found[1][0])
    spare = 1e-9 * found[1][1] + 8.0 * width
    text = f"from {found[0][0]:.6g} to {found[1][1]:.6g} on the span of the points"
    good = is_outward(claimed, found, spare)
    # of wide tables the stretch is known to fewer digits than are stated: what may be true is no fault
    open_ends = (found[0][1],) * 2, (found[1][0],) * 2
    if not good and is_outward(claimed, open_ends, spare):
        return Verdict.NOT_CHECKED, f"{text}, which is known to {width:.1g} only"
    return good, text


def refuted(claimed: Mapping[str, float], part: tuple[Interval, Interval]) -> bool:
    """Whether a claimed stretch surely leaves out that of a part of its directions; what is no number refutes nothing.

    Examples
    --------
    >>> part = (0.5, 0.6), (1.9, 2.0)
    >>> [refuted({"smallest": low, "largest": top}, part) for low, top in ((0.6, 1.9), (0.7, 2.0), (0.5, 1.8))]
    [False, True, True]
    """
    return claimed["smallest"] > part[0][1] or claimed["largest"] < part[1][0]
