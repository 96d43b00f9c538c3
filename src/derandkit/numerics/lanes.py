"""Vectors of 256 bits inside kernels, which one machine instruction treats as a whole where there are such registers.

A kernel that does the same for many bits, or for many numbers, gains severalfold from wide registers, but numba's own
types end at 64 bits, and its compiler seldom finds the lanes in a loop over an array. `words`, four ``uint64``, and
`floats`, eight ``float32``, are types of local variables for that. ``load(rows, k)`` and ``store(rows, k, value)`` move
row k of a C-contiguous array of shape (n, 4) or (n, 8), ``splat(x)`` repeats a number; ``& | ^ << >>`` act on words and
``+ *`` on floats, lane by lane. Processors without such registers get the same bits from several instructions.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias, cast

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core.datamodel.manager import DataModelManager
from numba.core.typing.context import BaseContext as TypingContext
from numba.core.typing.templates import Signature
from numba.extending import intrinsic, models, overload, register_model

from derandkit.numerics.jit import Lowering, Typed, tools
from derandkit.numerics.typing import SingleArray, WordArray


class Lanes(Protocol):
    """A vector as a kernel sees it; the operators act lane by lane on two of one kind."""

    def __add__(self, other: Lanes, /) -> Lanes: ...

    def __mul__(self, other: Lanes, /) -> Lanes: ...

    def __and__(self, other: Lanes, /) -> Lanes: ...

    def __or__(self, other: Lanes, /) -> Lanes: ...

    def __xor__(self, other: Lanes, /) -> Lanes: ...

    def __lshift__(self, other: Lanes, /) -> Lanes: ...

    def __rshift__(self, other: Lanes, /) -> Lanes: ...


#: Row numbers and lane values: what a kernel computes with.
Scalar: TypeAlias = int | float | np.integer | np.floating
Rows: TypeAlias = WordArray | SingleArray


class _Vector(types.Type):  # type: ignore[misc, unused-ignore]
    """The type of a vector of equal numbers."""

    def __init__(self, element: types.Type, shape: ir.VectorType) -> None:
        super().__init__(name=f"vector of {element}")  # type: ignore[no-untyped-call, unused-ignore]
        self.element, self.shape = element, shape


class _VectorModel(models.PrimitiveModel):  # type: ignore[misc, unused-ignore]
    """A register."""

    def __init__(self, manager: DataModelManager, kind: _Vector) -> None:
        super().__init__(manager, kind, kind.shape)  # type: ignore[no-untyped-call, unused-ignore]


register_model(_Vector)(_VectorModel)

words = _Vector(types.uint64, ir.VectorType(ir.IntType(64), 4))
floats = _Vector(types.float32, ir.VectorType(ir.FloatType(), 8))
_VECTORS = {vector.element: vector for vector in (words, floats)}


def _place(
    context: Lowering,
    builder: ir.IRBuilder,
    signature: Signature,
    arguments: Sequence[ir.Value],
    vector: _Vector,
) -> ir.Value:
    """Return the address of a row."""
    rows = context.make_array(signature.args[0])(context, builder, arguments[0])
    row = context.cast(builder, arguments[1], signature.args[1], types.intp)
    stride = tools.unpack_tuple(builder, rows.strides)[0]
    byte = ir.IntType(8).as_pointer()
    address = builder.gep(builder.bitcast(rows.data, byte), [builder.mul(row, stride)])
    return builder.bitcast(address, vector.shape.as_pointer())


def _emit_load(
    context: Lowering, builder: ir.IRBuilder, signature: Signature, arguments: Sequence[ir.Value]
) -> ir.Value:
    found = builder.load(_place(context, builder, signature, arguments, signature.return_type))
    found.align = 4  # numpy promises no more
    return found


def _emit_store(
    context: Lowering, builder: ir.IRBuilder, signature: Signature, arguments: Sequence[ir.Value]
) -> ir.Value:
    place = _place(context, builder, signature, arguments, signature.args[2])
    builder.store(arguments[2], place).align = 4
    return context.get_dummy_value()


def _emit_splat(
    _context: Lowering, builder: ir.IRBuilder, signature: Signature, arguments: Sequence[ir.Value]
) -> ir.Value:
    shape = signature.return_type.shape
    empty, index = ir.Constant(shape, ir.Undefined), ir.IntType(32)
    first = builder.insert_element(empty, arguments[0], ir.Constant(index, 0))
    everywhere = ir.Constant(ir.VectorType(index, shape.count), [0] * shape.count)
    return builder.shuffle_vector(first, empty, everywhere)


def _emit_flipped(
    _context: Lowering, builder: ir.IRBuilder, _signature: Signature, arguments: Sequence[ir.Value]
) -> ir.Value:
    own, gain, least = arguments
    return builder.select(builder.fcmp_ordered(">=", gain, least), builder.fneg(own), own)


def _load(_typing: TypingContext, rows: types.Array, row: types.Type) -> Typed:
    return _VECTORS[rows.dtype](rows, row), _emit_load


def _store(_typing: TypingContext, rows: types.Array, row: types.Type, value: types.Type) -> Typed:
    return types.void(rows, row, value), _emit_store


def _splat(_typing: TypingContext, number: types.Type) -> Typed:
    return _VECTORS[number](number), _emit_splat


def _flipped(_typing: TypingContext, own: types.Type, gain: types.Type, least: types.Type) -> Typed:
    return floats(own, gain, least), _emit_flipped


def _plain_load(rows: Rows, row: int) -> Rows:
    found: Rows = rows[row].copy()
    return found


def _plain_store(rows: Rows, row: int, value: Rows) -> None:
    rows[row] = value


def _plain_splat(number: Scalar) -> Scalar:
    return number


def _plain_flipped(own: SingleArray, gain: SingleArray, least: SingleArray) -> SingleArray:
    return np.where(gain >= least, -own, own)


#: Without compilation (``NUMBA_DISABLE_JIT=1``) lanes are rows of numpy.
_PLAIN = bool(getattr(numba.config, "DISABLE_JIT", False))

load = cast("Callable[[Rows, Scalar], Lanes]", _plain_load if _PLAIN else intrinsic(_load))
store = cast("Callable[[Rows, Scalar, Lanes], None]", _plain_store if _PLAIN else intrinsic(_store))
splat = cast("Callable[[Scalar], Lanes]", _plain_splat if _PLAIN else intrinsic(_splat))
#: ``flipped(own, gain, least)``: minus `own` in the lanes where `gain` is at least `least`, else `own`.
flipped = cast("Callable[[Lanes, Lanes, Lanes], Lanes]", _plain_flipped if _PLAIN else intrinsic(_flipped))


def _lane_by_lane(operation: Callable[[object, object], object], vector: _Vector, instruction: str) -> None:
    """Let `operation` between two such vectors be this instruction."""

    def emit(
        _context: Lowering, builder: ir.IRBuilder, _signature: Signature, arguments: Sequence[ir.Value]
    ) -> ir.Value:
        return getattr(builder, instruction)(*arguments)

    def both(_typing: TypingContext, left: types.Type, right: types.Type) -> Typed:
        return vector(left, right), emit

    compute = cast("Callable[[object, object], object]", intrinsic(both))

    def apply(left: object, right: object) -> object:  # numba compares this signature with the next one
        return compute(left, right)

    def choose(left: object, right: object) -> Callable[[object, object], object] | None:
        return apply if left is vector and right is vector else None

    overload(operation)(choose)


for _operation, _vector, _instruction in (
    (operator.and_, words, "and_"),
    (operator.or_, words, "or_"),
    (operator.xor, words, "xor"),
    (operator.lshift, words, "shl"),
    (operator.rshift, words, "lshr"),
    (operator.add, floats, "fadd"),
    (operator.mul, floats, "fmul"),
):
    _lane_by_lane(_operation, _vector, _instruction)
