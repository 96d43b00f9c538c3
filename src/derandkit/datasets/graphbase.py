"""The random numbers of Knuth's Stanford GraphBase, a block at a time.

The generator is the subtractive lagged Fibonacci generator x[n] = x[n-55] - x[n-24] (mod 2^31). It
refreshes 55 numbers at once and hands each refreshed array out backwards. Because 2^31 divides 2^32, the
recurrence may run in wrapping 32-bit arithmetic and be reduced at the end, 24 numbers per array operation
(the shorter lag is how far it can be vectorised); reversing the runs of 55 then gives the order of the
original.

Everything here is a fixed function of the seed: these are the numbers a recipe names, not a source of chance.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from derandkit.numerics.typing import IntArray

MODULUS = 2**31
LONG_LAG = 55
SHORT_LAG = 24
_MASK = np.uint32(MODULUS - 1)
_WINDOW = 8192  # draws looked at together in `uniform_each`; one rejection costs at most one window


class GraphBaseStream:
    """The stream of numbers that one seed stands for.

    Parameters
    ----------
    seed : int
        Any integer; it is taken modulo 2^31, so negative seeds wrap as two's complement words do.

    Attributes
    ----------
    consumed : int
        How many raw numbers have been handed out, rejected ones included.

    References
    ----------
    D. E. Knuth, *The Stanford GraphBase*, ACM Press 1993 (module GB_FLIP); *The Art of Computer Programming*,
    volume 2, sections 3.2.2 and 3.6.

    Examples
    --------
    >>> GraphBaseStream(-314159).raw(3).tolist()
    [119318998, 1301097714, 451151173]
    >>> GraphBaseStream(8001).uniform(10, 6).tolist()
    [3, 6, 3, 4, 9, 0]
    """

    def __init__(self, seed: int) -> None:
        self._state = _initial_state(seed)
        # The top entry of the last warm-up refresh is never handed out.
        self._ready: NDArray[np.uint32] = self._state[-2::-1] & _MASK
        self._position = 0
        self.consumed = 0

    def peek(self, count: int) -> NDArray[np.uint32]:
        """Return the next `count` raw numbers without consuming them.

        Parameters
        ----------
        count : int
            How many.

        Returns
        -------
        ndarray of uint32, shape (count,)
            Values in [0, 2^31), read-only in spirit: a view of the buffer.
        """
        missing = count - (len(self._ready) - self._position)
        if missing > 0:
            fresh = self._refresh(-(-missing // LONG_LAG))
            self._ready = np.concatenate((self._ready[self._position :], fresh))
            self._position = 0
        return self._ready[self._position : self._position + count]

    def skip(self, count: int) -> None:
        """Consume `count` numbers that `peek` has shown."""
        self._position += count
        self.consumed += count

    def raw(self, count: int) -> NDArray[np.uint32]:
        """Consume and return the next `count` raw numbers."""
        values = self.peek(count)
        self.skip(count)
        return values

    def uniform(self, m: int, count: int) -> IntArray:
        """Draw `count` integers from [0, m).

        Raw numbers in the incomplete last run of length `m` below 2^31 are rejected (and consumed); the
        others are reduced modulo `m`. ``m = 1`` consumes numbers too, although every answer is 0.

        Parameters
        ----------
        m : int
            The range, 1 <= m <= 2^31.
        count : int
            How many integers.

        Returns
        -------
        ndarray of int64, shape (count,)
        """
        limit = acceptance_limit(m)
        out = np.empty(count, dtype=np.int64)
        done = 0
        # Taking exactly what is still missing means that the last number taken is always an accepted one.
        while done < count:
            values = self.raw(count - done)
            if limit < MODULUS:
                values = values[values < limit]
            out[done : done + len(values)] = values % np.uint32(m)
            done += len(values)
        return out

    def uniform_each(self, moduli: IntArray) -> IntArray:
        """Draw one integer from [0, m) for every m of `moduli`, in order.

        Parameters
        ----------
        moduli : ndarray of int64, shape (count,)
            The ranges, each between 1 and 2^31.

        Returns
        -------
        ndarray of int64, shape (count,)
        """
        limits = MODULUS - MODULUS % moduli
        out = np.empty(len(moduli), dtype=np.int64)
        done = 0
        while done < len(moduli):
            window = slice(done, done + _WINDOW)
            values = self.peek(len(moduli[window])).astype(np.int64)
            rejected = np.flatnonzero(values >= limits[window])
            # A rejection shifts every later number by one place: accept up to it and look again from there.
            good = int(rejected[0]) if len(rejected) else len(values)
            out[done : done + good] = values[:good] % moduli[done : done + good]
            self.skip(good + (1 if len(rejected) else 0))
            done += good
        return out

    def _refresh(self, times: int) -> NDArray[np.uint32]:
        """Run `times` refreshes and return what they hand out."""
        sequence = np.empty((times + 1) * LONG_LAG, dtype=np.uint32)
        sequence[:LONG_LAG] = self._state
        end = len(sequence)
        for start in range(LONG_LAG, end, SHORT_LAG):
            stop = min(start + SHORT_LAG, end)
            np.subtract(
                sequence[start - LONG_LAG : stop - LONG_LAG],
                sequence[start - SHORT_LAG : stop - SHORT_LAG],
                out=sequence[start:stop],
            )
        self._state = sequence[-LONG_LAG:].copy()
        out: NDArray[np.uint32] = sequence[LONG_LAG:].reshape(times, LONG_LAG)[:, ::-1].ravel()
        out &= _MASK
        return out


def acceptance_limit(m: int) -> int:
    """Return the largest multiple of `m` up to 2^31: raw numbers from there on are rejected by U(m).

    Examples
    --------
    >>> acceptance_limit(800)
    2147483200
    """
    return MODULUS - MODULUS % m


def _initial_state(seed: int) -> NDArray[np.uint32]:
    """Return the array of 55 numbers after the seeding and its five warm-up refreshes."""
    word = seed % MODULUS
    state = [0] * (LONG_LAG + 1)
    previous, current = word, 1
    state[LONG_LAG] = previous
    state[21] = current
    for k in range(1, LONG_LAG - 1):
        word = (word >> 1) | ((word & 1) << 30)
        previous, current = current, (previous - current - word) % MODULUS
        state[21 * (k + 1) % LONG_LAG] = current
    for _ in range(5):
        for i in range(1, LONG_LAG + 1):
            lag = i + LONG_LAG - SHORT_LAG if i <= SHORT_LAG else i - SHORT_LAG
            state[i] = (state[i] - state[lag]) % MODULUS
    return np.array(state[1:], dtype=np.uint32)
