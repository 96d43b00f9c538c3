"""Proofs over weights of very different size: what a record cannot hold is not written, and no cast loses it."""

from __future__ import annotations

import derandkit as dk

#: Weights between 1e-301 and 1e186; the multipliers of triangles leave the range of 64-bit integers on it.
EDGES = [
    (0, 1, 1.0367388734492173e-11), (0, 2, -1.1322373069956688e26), (0, 3, -1.0561857023373118e-26),
    (0, 4, 1.0138311235100217e22), (0, 6, -7.650277946808242e-101), (0, 7, 1.1494040962507708e-287),
    (1, 2, -7.7971137970235785e-25), (1, 3, 4.045974212025813e84), (1, 4, -9.78455367464823e162),
    (1, 5, -6.723564327184955e-33), (1, 6, 1.284339665500774e133), (1, 7, 1.4773773290204494e87),
    (2, 3, 3.2623121263042223e-55), (2, 4, 4.755707668969005e-231), (2, 5, 5.068640131127972e-243),
    (2, 6, -1.5394347334800622e-14), (2, 7, -7.863111183172597e186), (3, 4, -1.067358068234501e-97),
    (3, 5, 2.619216972040506e-149), (3, 6, -2.3710808122237954e-301), (3, 7, 9.776663163985347e168),
    (4, 5, 2.458324709433556e-286), (4, 6, 4.907218090267695e-156), (4, 7, -3.8182602405540486e-268),
    (5, 7, -1.8515374894759424e-58), (6, 7, -9.546246022334942e-67),
]  # fmt: skip


def test_a_proof_that_its_integers_cannot_hold_is_not_written():
    result = dk.maxcut(EDGES)
    assert dk.verify(result, EDGES).ok
