"""What each row of a result's table means, in words for a reader who sees it for the first time."""

from __future__ import annotations

_BOUND = (
    "A statement about all solutions at once. Certified: proven, rounding errors included. Tested: a false one passes "
    "the check with a tiny probability. Estimated: not proven."
)
_STATUS = "How the run ended."

#: Name of a row -> what it means. A row whose name is not here has its own words, or continues the row above.
CUT = {
    "cut": "The weight of all edges between the two sides, added up exactly.",
    "upper bound": f"No cut weighs more. {_BOUND}",
    "gap": "The distance between cut and bound, relative to the greater of their absolute values: how far the cut can "
    "be from the best.",
    "best known": "The greatest cut of this graph that has been published.",
    "graph": "What was cut.",
    "sides": "How many vertices are on each side.",
    "cuts": "How many different cuts the record holds.",
    "constraints": "What every cut had to obey.",
    "status": _STATUS,
    "bound by": "Where the bound comes from.",
    "chain": "The inequalities that the record states, from the bound down to what the theory promises. The expected "
    "cut of a random hyperplane is what the randomized algorithm gives on average.",
}
QUADRATIC = {
    "energy": "The value of the solution, by the definition of the problem.",
    "value": "The value of the solution, by the definition of the problem.",
    "satisfied weight": "The weight of the clauses that the solution satisfies.",
    "weight of arcs out": "The weight of the arcs that leave the chosen vertices.",
    "frustrated weight": "The weight of the frustrated edges: positive between the camps, negative inside them.",
    "no solution is below": _BOUND,
    "no solution is above": _BOUND,
    "bound": "An estimate of what a solution can reach at best. Nothing proves it.",
    "gap": "The distance between value and bound: how far the solution can be from the best.",
    "violated": "Clauses that the solution does not satisfy, by their number, the first clause being 0.",
    "hard clauses": "Clauses that have to be satisfied.",
    "camps": "Where no edge is negative, nothing is frustrated with all vertices in one camp.",
    "frustrated": "Positive edges between the camps, and negative edges inside them.",
    "arcs out": "How many arcs leave the chosen vertices.",
    "problem": "What was solved.",
    "status": _STATUS,
    "method": "The problem was solved as a cut of a graph, which has one more vertex where there are linear terms.",
}
EMBEDDING = {
    "points": "How many points, of how many coordinates; the dimension that they span.",
    "dimension": "How many coordinates the images have.",
    "distortion": "The squared distance of every pair is kept up to a factor between 1 - d and 1 + d. All pairs were "
    "measured.",
    "rounding margin": "The exact distortion is within this of that in the record (the table has six digits of it).",
    "mean, 99 %": "The same for the average pair, and for all but one pair of a hundred.",
    "lower bound": "No map of these points into so few dimensions has a smaller distortion.",
    "guarantee": "What so many dimensions promise for any points, before anything is computed.",
    "off the span": "What the map does to directions in which the given points do not differ.",
    "any new point": "How far any vector can be stretched, squared.",
    "in the span": "The same for vectors between the given points and their combinations.",
    "new points": "The distortion of points that took no part in the fit, estimated from pairs that were held out.",
    "as float32": "The distortion of the images in single precision.",
    "as float64": "The images leave the range of double precision: divide the points by a power of two.",
    "status": _STATUS,
}
FEATURES = {
    "points": "How many points, of how many coordinates.",
    "kernel": "What inner products of the features stand for.",
    "features": "A cosine and a sine for each frequency.",
    "root mean square": "Over all pairs of different points, of the inner product of features minus the kernel.",
    "greatest": "The same for the worst pair.",
    "rounding margin": "The exact errors are within this of those in the record (the table has six digits of them).",
    "promise": "The root of the mean square error of random frequencies for these points, before anything is tried.",
    "lower bound": "No features of this number whose vectors have length 1 have a smaller root mean square.",
    "as float32": "The root mean square of the features in single precision.",
    "status": _STATUS,
}
STRUCTURE = {
    "problem": "What was learned.",
    "left out": "Inputs that vary so little beside their size, or beside other columns, that they count as constant.",
    "status": _STATUS,
    "loss": "On data that took no part in training; beside it the loss of two simple predictions.",
    "explained": "Which share of the loss of the mean the network removes, on data that took no part in training; "
    "the gain is the difference of the two losses, with its standard error.",
    "stability": "How much the directions agree between parts of the data.",
    "student": "The network and how it was trained.",
    "penalties": "Coefficients of the squared weights.",
    "|W_perp|": "What is left of the first layer in directions that do not matter: small is what the theorem promises.",
    "|W_par|": "What is left in directions that matter.",
    "lemma's bound": "What the theorem allows at the point that was reached.",
    "along its rows": "The same bound from the curvature along the rows of the first layer that are left, in place of "
    "the smallest curvature.",
    "Stein's identity": "The same quantity computed in another way, from gradients.",
    "recovery": "How well the directions of the teacher were found.",
    "gradient": "How stationary the point is.",
    "curvature in b": "The lemma needs it not to be negative.",
    "control": "What is left without the mechanism.",
    "shrinkage": "Which part of the effect is weight decay, and which is curvature.",
}
#: A direction is numbered: this stands for all of them.
DIRECTION = (
    "A combination of the inputs on which the target depends, with its strength; the inputs are standardised."
)

NETWORK = {
    **{
        name: STRUCTURE[name]
        for name in (
            "|W_perp|",
            "lemma's bound",
            "along its rows",
            "Stein's identity",
            "gradient",
            "curvature in b",
        )
    },
    "network": "The trained network, the loss and the rows that everything below is about.",
    "classes": "What the outputs stand for, in their order; one output is the logit of the second of two classes.",
    "directions": "How many combinations of the inputs the first layer rests on, and where they are from.",
    "risk": "The mean loss over the rows, with its standard error.",
    "penalty": "The coefficient of the squared weights in training.",
    "control": "What weight decay alone would have left.",
    "status": _STATUS,
}
ENGINE = {
    "method": "What removed the spread of the solution sampler.",
    "value": "The expected value of the objective where the run ended; without spread it is the value of one solution.",
    "at the start": "The expected value of the objective under the distribution of the start, which the randomized "
    "algorithm has on average.",
    "slack": "How far the value may lie above that of the start, for what a search of a line may have missed.",
    "spread left": "The size of the randomness that is left; 0 is a deterministic solution.",
    "lemma's bound": "The most spread that the lemma allows at the point that was reached.",
    "curvature": "The smallest curvature of the objective there; the lemma's bound rests on it.",
    "status": _STATUS,
}
WORDS = {
    "derandkit-derandomization": ENGINE,
    "derandkit-network": NETWORK,
    "derandkit-maxcut": CUT,
    "derandkit-constrained-cut": CUT,
    "derandkit-ranked-cuts": CUT,
    "derandkit-quadratic": QUADRATIC,
    "derandkit-embedding": EMBEDDING,
    "derandkit-features": FEATURES,
    "derandkit-structure": STRUCTURE,
}


def meaning(schema: str, name: str) -> str:
    """Return what a row means; nothing for one that continues the row above.

    Examples
    --------
    >>> meaning("derandkit-structure", "direction 2")[:32]
    'A combination of the inputs on w'
    >>> meaning("derandkit-maxcut", "")
    ''
    """
    if schema in ("derandkit-structure", "derandkit-network") and name.startswith("direction "):
        return DIRECTION
    return WORDS[schema].get(name, "")
