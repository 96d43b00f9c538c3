"""A linear map that keeps the distances of chosen pairs: an example of a package on top of derandkit."""

from kept_pairs.fit import KeptMap, check, fit
from kept_pairs.objective import PairMean
from kept_pairs.reader import PAIRS

__all__ = ["PAIRS", "KeptMap", "PairMean", "check", "fit"]
