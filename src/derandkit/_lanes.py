"""Words of 256 bits inside kernels: four 64-bit lanes that one machine instruction treats together where there are any.

A kernel that works on bits alone gains fourfold from wide registers, but numba's own types end at 64 bits, and its
compiler does not find the four lanes in a loop over an array. `lanes` is a type of local variables for that:
``load`` and ``store`` move a row of a C-contiguous ``uint64`` array of shape (n, 4), ``splat`` repeats a 64-bit word,
and ``&``, ``|``, ``^``, ``<<``, ``>>`` act lane by lane. Processors without such registers get the same bits from
several instructions.
"""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, register_model

COUNT = 4
_VECTOR = ir.VectorType(ir.IntType(64), COUNT)
_INDEX = ir.IntType(32)


class _Lanes(types.Type):  # type: ignore[misc, unused-ignore]
    """The type of four 64-bit words."""

    def __init__(self) -> None:
        super().__init__(name="lanes")  # type: ignore[no-untyped-call, unused-ignore]


lanes: Any = _Lanes()


class _LanesModel(models.PrimitiveModel):  # type: ignore[misc, unused-ignore]
    """A vector register."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _VECTOR)  # type: ignore[no-untyped-call, unused-ignore]


register_model(_Lanes)(_LanesModel)


def _place(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Return the address of a row."""
    tools: Any = cgutils
    rows = context.make_array(signature.args[0])(context, builder, arguments[0])
    row = context.cast(builder, arguments[1], signature.args[1], types.intp)
    stride = tools.unpack_tuple(builder, rows.strides)[0]
    byte = ir.IntType(8).as_pointer()
    address = builder.gep(builder.bitcast(rows.data, byte), [builder.mul(row, stride)])
    return builder.bitcast(address, _VECTOR.as_pointer())


def _emit_load(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    found = builder.load(_place(context, builder, signature, arguments))
    found.align = 8  # numpy promises no more
    return found


def _emit_store(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    builder.store(arguments[2], _place(context, builder, signature, arguments)).align = 8
    return context.get_dummy_value()


def _emit_splat(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
    empty = ir.Constant(_VECTOR, ir.Undefined)
    first = builder.insert_element(empty, arguments[0], ir.Constant(_INDEX, 0))
    return builder.shuffle_vector(first, empty, ir.Constant(ir.VectorType(_INDEX, COUNT), [0] * COUNT))


def _load(_typing: Any, rows: Any, row: Any) -> Any:
    return lanes(rows, row), _emit_load


def _store(_typing: Any, rows: Any, row: Any, value: Any) -> Any:
    return types.void(rows, row, value), _emit_store


def _splat(_typing: Any, _word: Any) -> Any:
    return lanes(types.uint64), _emit_splat


load: Any = intrinsic(_load)
store: Any = intrinsic(_store)
splat: Any = intrinsic(_splat)


def _lane_by_lane(operation: Any, instruction: str) -> None:
    """Let `operation` between two values of type `lanes` be this instruction."""

    def emit(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return getattr(builder, instruction)(*arguments)

    def both(_typing: Any, left: Any, right: Any) -> Any:
        return lanes(left, right), emit

    compute: Any = intrinsic(both)

    def apply(left: Any, right: Any) -> Any:  # numba compares this signature with the next one
        return compute(left, right)

    def choose(left: Any, right: Any) -> Any:
        return apply if isinstance(left, _Lanes) and isinstance(right, _Lanes) else None

    overload(operation)(choose)


for _operation, _instruction in (
    (operator.and_, "and_"),
    (operator.or_, "or_"),
    (operator.xor, "xor"),
    (operator.lshift, "shl"),
    (operator.rshift, "lshr"),
):
    _lane_by_lane(_operation, _instruction)
