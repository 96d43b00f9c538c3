"""Types of arrays, named once."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

#: Real numbers in double precision.
FloatArray: TypeAlias = NDArray[np.float64]
#: Real numbers in single precision.
SingleArray: TypeAlias = NDArray[np.float32]
#: Counts and positions.
IntArray: TypeAlias = NDArray[np.int64]
#: Vertices of a graph, as compressed rows store them.
IndexArray: TypeAlias = NDArray[np.int32]
#: Sides, +1 and -1.
SignArray: TypeAlias = NDArray[np.int8]
#: Yes or no.
BoolArray: TypeAlias = NDArray[np.bool_]
#: Bits, 64 to a number, and the states of number streams.
WordArray: TypeAlias = NDArray[np.uint64]
