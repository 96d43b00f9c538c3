"""The instance: people with whole numbers, and the Ising model whose energy is the imbalance of two groups."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import derandkit as dk

#: One standard deviation of a trait counts as so many units.
UNIT = 100

#: What counts as a number in a table: Python's own ``float`` also reads 1_0 and digits of other scripts.
NUMBER = re.compile(r"\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*")


@dataclass(frozen=True)
class Trial:
    """People who are to be divided, each with a whole number for every trait.

    Whole numbers make everything below exact: the imbalance, the model, and the check of a record.

    Examples
    --------
    >>> trial = Trial(("Ann", "Bob", "Cem"), {"age": (30, 50, 20)})
    >>> trial.imbalance({"Ann": 1, "Bob": -1, "Cem": 1})
    0
    >>> trial.coins
    3800
    """

    people: tuple[str, ...]
    traits: Mapping[str, tuple[int, ...]]

    def __post_init__(self) -> None:
        if len(set(self.people)) < len(self.people):
            raise dk.InputError("two people have the same name")
        if len(self.people) < 2 or not self.traits:
            raise dk.InputError("a trial needs two people and a trait")
        for trait, numbers in self.traits.items():
            if len(numbers) != len(self.people):
                raise dk.InputError(
                    f"trait {trait!r} has {len(numbers)} numbers for {len(self.people)} people"
                )
            if any(type(x) is not int or abs(x) > 10**6 for x in numbers):
                raise dk.InputError(
                    f"trait {trait!r} needs whole numbers of up to a million; see Trial.standardized"
                )

    @classmethod
    def standardized(
        cls, people: Sequence[str], traits: Mapping[str, Sequence[float]], *, sizes: bool = True
    ) -> Trial:
        """Measure every trait from its mean in hundredths of its standard deviation, rounded to whole numbers.

        With `sizes`, everybody has the trait "size" with the number 100, so that groups of equal size are alike.

        Examples
        --------
        >>> Trial.standardized(["Ann", "Bob"], {"age": [30.5, 50.5]}).traits
        {'age': (-100, 100), 'size': (100, 100)}
        """
        if sizes and "size" in traits:
            raise dk.InputError(
                "a trait is called 'size', as the trait that counts people: rename it, or sizes=False"
            )
        whole: dict[str, tuple[int, ...]] = {}
        for trait, values in traits.items():
            if not all(map(math.isfinite, values)):
                raise dk.InputError(f"trait {trait!r} has an entry that is no finite number")
            if len(set(values)) < 2:  # a trait that all people share cannot differ between groups
                continue
            try:
                mean = math.fsum(values) / len(values)
                deviation = math.sqrt(math.fsum((x - mean) ** 2 for x in values) / len(values))
            except OverflowError:
                deviation = math.inf
            if not 0 < deviation < math.inf:
                raise dk.InputError(
                    f"the numbers of trait {trait!r} are too small or too large to be squared: scale them"
                )
            whole[trait] = tuple(round(UNIT * (x - mean) / deviation) for x in values)
        if sizes:
            whole["size"] = (UNIT,) * len(people)
        return cls(tuple(people), whole)

    @classmethod
    def from_csv(cls, path: str | Path) -> Trial:
        """Read a table with a header: the first column is the name, the others are numbers."""
        try:
            rows = list(csv.reader(io.StringIO(Path(path).read_text(encoding="utf-8-sig")), strict=True))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise dk.InputError(f"cannot be read: {error}", path=str(path)) from None
        header, *body = [row for row in rows if row] or [[]]
        if any(map(NUMBER.fullmatch, header[1:])):
            raise dk.InputError("the first line has a number where names of columns belong", path=str(path))
        twice = next((trait for trait in header if header.count(trait) > 1), None)
        if twice is not None:
            raise dk.InputError(f"two columns are called {twice!r}", path=str(path))
        for number, row in enumerate(body, 2):
            if len(row) != len(header):
                raise dk.InputError(
                    f"line {number} has {len(row)} fields, the header {len(header)}", path=str(path)
                )
            wrong = next((field for field in row[1:] if not NUMBER.fullmatch(field)), None)
            if wrong is not None:
                raise dk.InputError(
                    f"line {number} has {wrong[:40]!r}; every column but the first holds numbers",
                    path=str(path),
                )
        traits = {trait: [float(row[k]) for row in body] for k, trait in enumerate(header) if k > 0}
        return cls.standardized([row[0] for row in body], traits)

    @property
    def digest(self) -> str:
        """SHA-256 of people and numbers: equal exactly if the trials are."""
        text = json.dumps(
            [self.people, sorted(self.traits.items())], ensure_ascii=True, separators=(",", ":")
        )
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    @property
    def coins(self) -> int:
        """The imbalance that fair coins give on average: the sum of all squares."""
        return sum(x * x for numbers in self.traits.values() for x in numbers)

    def imbalance(self, groups: Mapping[str, int]) -> int:
        """Return the squared length of the difference of the two groups' sums, exactly."""
        if set(groups) != set(self.people) or any(
            type(sign) is not int or sign not in (-1, 1) for sign in groups.values()
        ):
            raise dk.InputError("groups name every person once, with 1 or -1")
        return sum(
            sum(groups[person] * x for person, x in zip(self.people, numbers)) ** 2
            for numbers in self.traits.values()
        )

    def model(self) -> dk.QuadraticModel:
        """Return the Ising model whose energy is the imbalance."""
        columns = list(zip(*self.traits.values()))  # one tuple of numbers a person
        couplings: dict[tuple[Hashable, Hashable], float] = {
            (self.people[i], self.people[j]): 2 * sum(a * b for a, b in zip(columns[i], columns[j]))
            for i, j in combinations(range(len(self.people)), 2)
        }
        return dk.QuadraticModel.from_ising(dict.fromkeys(self.people, 0), couplings, offset=self.coins)
