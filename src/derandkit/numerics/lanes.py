"""Vectors of 256 bits inside kernels, which one machine instruction treats as a whole where there are such registers.

A kernel that does the same for many bits, or for many numbers, gains severalfold from wide registers, but numba's own
types end at 64 bits, and its compiler seldom finds the lanes in a loop over an array. `words`, four ``uint64``, and
`floats`, eight ``float32``, are types of local variables for that. ``load(rows, k)`` and ``store(rows, k, value)`` move
row k of a C-contiguous array of shape (n, 4) or (n, 8), ``splat(x)`` repeats a number; ``& | ^ << >>`` act on words and
``+ *`` on floats, lane by lane. Processors without such registers get the same bits from several instructions.
"""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, register_model


class _Vector(types.Type):  # type: ignore[misc, unused-ignore]
    """The type of a vector of equal numbers."""

    def __init__(self, element: Any, shape: Any) -> None:
        super().__init__(name=f"vector of {element}")  # type: ignore[no-untyped-call, unused-ignore]
        self.element, self.shape = element, shape


class _VectorModel(models.PrimitiveModel):  # type: ignore[misc, unused-ignore]
    """A register."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, kind.shape)  # type: ignore[no-untyped-call, unused-ignore]


register_model(_Vector)(_VectorModel)

words: Any = _Vector(types.uint64, ir.VectorType(ir.IntType(64), 4))
floats: Any = _Vector(types.float32, ir.VectorType(ir.FloatType(), 8))
_VECTORS = {vector.element: vector for vector in (words, floats)}


def _place(context: Any, builder: Any, signature: Any, arguments: Any, vector: Any) -> Any:
    """Return the address of a row."""
    tools: Any = cgutils
    rows = context.make_array(signature.args[0])(context, builder, arguments[0])
    row = context.cast(builder, arguments[1], signature.args[1], types.intp)
    stride = tools.unpack_tuple(builder, rows.strides)[0]
    byte = ir.IntType(8).as_pointer()
    address = builder.gep(builder.bitcast(rows.data, byte), [builder.mul(row, stride)])
    return builder.bitcast(address, vector.shape.as_pointer())


def _emit_load(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    found = builder.load(_place(context, builder, signature, arguments, signature.return_type))
    found.align = 4  # numpy promises no more
    return found


def _emit_store(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    place = _place(context, builder, signature, arguments, signature.args[2])
    builder.store(arguments[2], place).align = 4
    return context.get_dummy_value()


def _emit_splat(_context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    shape = signature.return_type.shape
    empty, index = ir.Constant(shape, ir.Undefined), ir.IntType(32)
    first = builder.insert_element(empty, arguments[0], ir.Constant(index, 0))
    everywhere = ir.Constant(ir.VectorType(index, shape.count), [0] * shape.count)
    return builder.shuffle_vector(first, empty, everywhere)


def _emit_turned(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
    own, gain, least = arguments
    return builder.select(builder.fcmp_ordered(">=", gain, least), builder.fneg(own), own)


def _load(_typing: Any, rows: Any, row: Any) -> Any:
    return _VECTORS[rows.dtype](rows, row), _emit_load


def _store(_typing: Any, rows: Any, row: Any, value: Any) -> Any:
    return types.void(rows, row, value), _emit_store


def _splat(_typing: Any, number: Any) -> Any:
    return _VECTORS[number](number), _emit_splat


def _turned(_typing: Any, own: Any, gain: Any, least: Any) -> Any:
    return floats(own, gain, least), _emit_turned


load: Any = intrinsic(_load)
store: Any = intrinsic(_store)
splat: Any = intrinsic(_splat)
#: ``turned(own, gain, least)``: minus `own` in the lanes where `gain` is at least `least`, else `own`.
turned: Any = intrinsic(_turned)


def _lane_by_lane(operation: Any, vector: Any, instruction: str) -> None:
    """Let `operation` between two such vectors be this instruction."""

    def emit(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return getattr(builder, instruction)(*arguments)

    def both(_typing: Any, left: Any, right: Any) -> Any:
        return vector(left, right), emit

    compute: Any = intrinsic(both)

    def apply(left: Any, right: Any) -> Any:  # numba compares this signature with the next one
        return compute(left, right)

    def choose(left: Any, right: Any) -> Any:
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
