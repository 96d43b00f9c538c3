"""The command line: one verb a question, data on stdout, narration on stderr.

Exit codes: 0 solved and verified; 1 ran but not verified; 2 bad usage or input, with one line saying what is wrong;
130 interrupted, after the best answer so far was written. Nothing heavy is imported before a verb needs it.
"""

from __future__ import annotations

from derandkit.cli import comparison, cuts, features, generate, points, quadratic, records, structure
from derandkit.cli.group import main

__all__ = [
    "comparison",
    "cuts",
    "features",
    "generate",
    "main",
    "points",
    "quadratic",
    "records",
    "structure",
]
