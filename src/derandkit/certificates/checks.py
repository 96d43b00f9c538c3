"""What a verification is: named checks, each with the figures it compared."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One thing that was recomputed.

    Parameters
    ----------
    name : str
        The claim that was checked, for example ``"cut_value"``.
    passed : bool
        Whether the recomputation agrees with the claim.
    detail : str
        The figures that were compared, or why the claim could not be checked.
    """

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True)
class Verification:
    """The outcome of `derandkit.verify`.

    Parameters
    ----------
    checks : tuple of Check
        Every check that was made, in order.

    Examples
    --------
    >>> v = Verification((Check("digest", True, "same graph"), Check("cut_value", False, "10 claimed, 9 found")))
    >>> v.ok, v.failed
    (False, ('cut_value',))
    """

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether every check passed (and at least one was made)."""
        return bool(self.checks) and all(check.passed for check in self.checks)

    @property
    def failed(self) -> tuple[str, ...]:
        """Names of the checks that did not pass."""
        return tuple(check.name for check in self.checks if not check.passed)

    def __str__(self) -> str:
        width = max((len(check.name) for check in self.checks), default=0)
        return "\n".join(
            f"{'ok    ' if check.passed else 'FAILED'}  {check.name:<{width}}  {check.detail}"
            for check in self.checks
        )
