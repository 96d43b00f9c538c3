"""Divide people into two groups that are alike: an example of a package on top of derandkit."""

from balanced_trial.checker import check
from balanced_trial.problem import Trial
from balanced_trial.solve import balance

__all__ = ["Trial", "balance", "check"]
