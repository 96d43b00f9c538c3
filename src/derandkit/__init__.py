"""Derandomized algorithms that carry a certificate.

Randomized approximation algorithms relax a problem to a Gaussian distribution and sample it; derandkit drives the
distribution to a single solution that is at least as good as the expectation it started from, and proves what it says
about it. Names are resolved on first use, so that importing the package costs next to nothing, and the command line
listens to Ctrl-C (`derandkit.__main__`) before it loads anything else.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # as in `typing`, which is not loaded for it
if TYPE_CHECKING:
    from derandkit.certificates import Verification as Verification
    from derandkit.certificates import VerificationCheck as VerificationCheck
    from derandkit.comparison.run import ComparisonRow as ComparisonRow
    from derandkit.comparison.run import compare as compare
    from derandkit.cuts.constraints import ConstrainedCutResult as ConstrainedCutResult
    from derandkit.cuts.ranking import RankedCutsResult as RankedCutsResult
    from derandkit.cuts.result import MaxCutResult as MaxCutResult
    from derandkit.cuts.solve import maxcut as maxcut
    from derandkit.datasets.instances import as_graph as as_graph
    from derandkit.embeddings.estimator import DerandomizedProjection as DerandomizedProjection
    from derandkit.embeddings.guarantee import johnson_lindenstrauss_min_dim as johnson_lindenstrauss_min_dim
    from derandkit.embeddings.guarantee import min_dim as min_dim
    from derandkit.embeddings.many.moments import RowsMeasured as RowsMeasured
    from derandkit.embeddings.many.moments import measure_rows as measure_rows
    from derandkit.embeddings.many.scan import PairsScanned as PairsScanned
    from derandkit.embeddings.many.scan import scan_pairs as scan_pairs
    from derandkit.embeddings.paths.mean import MeanObjective as MeanObjective
    from derandkit.embeddings.paths.objective import ExponentialObjective as ExponentialObjective
    from derandkit.embeddings.paths.objective import ProbabilityObjective as ProbabilityObjective
    from derandkit.embeddings.result import EmbeddingResult as EmbeddingResult
    from derandkit.embeddings.solve import embed as embed
    from derandkit.engine import ConditionalExpectations as ConditionalExpectations
    from derandkit.engine import Derandomization as Derandomization
    from derandkit.engine import DerandomizationHistory as DerandomizationHistory
    from derandkit.engine import DerandomizationStatus as DerandomizationStatus
    from derandkit.engine import HessianDescent as HessianDescent
    from derandkit.engine import LemmaDescent as LemmaDescent
    from derandkit.engine import PerturbedGradientDescent as PerturbedGradientDescent
    from derandkit.engine import RandomSampling as RandomSampling
    from derandkit.engine import Stationarity as Stationarity
    from derandkit.engine import derandomize as derandomize
    from derandkit.engine.diagnostics import check_objective as check_objective
    from derandkit.engine.law import GaussianSampler as GaussianSampler
    from derandkit.engine.objective import GaussianObjective as GaussianObjective
    from derandkit.engine.objective import QuadratureObjective as QuadratureObjective
    from derandkit.engine.objective import from_jax as from_jax
    from derandkit.errors import ConvergenceError as ConvergenceError
    from derandkit.errors import DerandkitError as DerandkitError
    from derandkit.errors import InputError as InputError
    from derandkit.errors import Interrupted as Interrupted
    from derandkit.errors import MissingDependencyError as MissingDependencyError
    from derandkit.features.estimator import DerandomizedFourierFeatures as DerandomizedFourierFeatures
    from derandkit.features.paths import FourierObjective as FourierObjective
    from derandkit.features.result import FeaturesResult as FeaturesResult
    from derandkit.features.solve import random_features as random_features
    from derandkit.graphs.files import read_graph as read_graph
    from derandkit.graphs.formats import GraphReader as GraphReader
    from derandkit.graphs.graph import WeightedGraph as WeightedGraph
    from derandkit.loading import load as load
    from derandkit.models.arcs import Arcs as Arcs
    from derandkit.models.arcs import SignedGraph as SignedGraph
    from derandkit.models.bilinear import bilinear_model as bilinear_model
    from derandkit.models.bilinear import cut_norm_model as cut_norm_model
    from derandkit.models.cardinality import with_cardinality as with_cardinality
    from derandkit.models.clauses import Clauses as Clauses
    from derandkit.models.clauses import read_clauses as read_clauses
    from derandkit.models.files import read_model as read_model
    from derandkit.models.model import QuadraticModel as QuadraticModel
    from derandkit.plots.cuts import plot_cut as plot_cut
    from derandkit.plots.quadratic import plot_quadratic as plot_quadratic
    from derandkit.points.cloud import PointCloud as PointCloud
    from derandkit.points.files import read_points as read_points
    from derandkit.points.rows import sample_rows as sample_rows
    from derandkit.quadratic.bilinear import CutNorm as CutNorm
    from derandkit.quadratic.bilinear import cut_norm as cut_norm
    from derandkit.quadratic.bilinear import maximize_bilinear as maximize_bilinear
    from derandkit.quadratic.cardinality import CardinalityResult as CardinalityResult
    from derandkit.quadratic.cardinality import optimize_with_cardinality as optimize_with_cardinality
    from derandkit.quadratic.result import QuadraticResult as QuadraticResult
    from derandkit.quadratic.solve import optimize as optimize
    from derandkit.quadratic.verbs import frustration as frustration
    from derandkit.quadratic.verbs import max2sat as max2sat
    from derandkit.quadratic.verbs import maxdicut as maxdicut
    from derandkit.quadratic.verbs import maximize_ising as maximize_ising
    from derandkit.quadratic.verbs import maximize_qubo as maximize_qubo
    from derandkit.quadratic.verbs import minimize_ising as minimize_ising
    from derandkit.quadratic.verbs import minimize_qubo as minimize_qubo
    from derandkit.reports.report import write_report as write_report
    from derandkit.runtime.progress import Progress as Progress
    from derandkit.signs.objective import CutObjective as CutObjective
    from derandkit.signs.proofs.branching.tree import branch_and_bound as branch_and_bound
    from derandkit.signs.proofs.cycles.bound import cycle_bound as cycle_bound
    from derandkit.signs.proofs.triangles.bound import triangle_bound as triangle_bound
    from derandkit.signs.relaxation.semidefinite import CutRelaxation as CutRelaxation
    from derandkit.signs.relaxation.semidefinite import relax_cut as relax_cut
    from derandkit.signs.search.search import SearchEffort as SearchEffort
    from derandkit.signs.search.search import search_cut as search_cut
    from derandkit.status import CutStatus as CutStatus
    from derandkit.status import EmbeddingStatus as EmbeddingStatus
    from derandkit.status import FeaturesStatus as FeaturesStatus
    from derandkit.status import NetworkStatus as NetworkStatus
    from derandkit.status import QuadraticStatus as QuadraticStatus
    from derandkit.status import StructureStatus as StructureStatus
    from derandkit.structure.data import RegressionData as RegressionData
    from derandkit.structure.estimators import StructureClassifier as StructureClassifier
    from derandkit.structure.estimators import StructureRegressor as StructureRegressor
    from derandkit.structure.methods import StochasticGradient as StochasticGradient
    from derandkit.structure.result import StructureResult as StructureResult
    from derandkit.structure.solve import discover_structure as discover_structure
    from derandkit.structure.student import Student as Student
    from derandkit.structure.teacher import Teacher as Teacher
    from derandkit.structure.trained.certify import certify_network as certify_network
    from derandkit.structure.trained.result import NetworkCertificate as NetworkCertificate
    from derandkit.verification import verify as verify

#: Public name -> module that defines it. No public function shares its name with a module of the package: loading
#: that module would hide the function.
_HOMES = {
    "VerificationCheck": "derandkit.certificates",
    "ConditionalExpectations": "derandkit.engine",
    "ConstrainedCutResult": "derandkit.cuts.constraints",
    "ConvergenceError": "derandkit.errors",
    "CutObjective": "derandkit.signs.objective",
    "CutRelaxation": "derandkit.signs.relaxation.semidefinite",
    "CutStatus": "derandkit.status",
    "DerandkitError": "derandkit.errors",
    "Derandomization": "derandkit.engine",
    "DerandomizedProjection": "derandkit.embeddings.estimator",
    "SearchEffort": "derandkit.signs.search.search",
    "EmbeddingResult": "derandkit.embeddings.result",
    "EmbeddingStatus": "derandkit.status",
    "FeaturesResult": "derandkit.features.result",
    "FeaturesStatus": "derandkit.status",
    "FourierObjective": "derandkit.features.paths",
    "DerandomizedFourierFeatures": "derandkit.features.estimator",
    "random_features": "derandkit.features.solve",
    "ExponentialObjective": "derandkit.embeddings.paths.objective",
    "GaussianObjective": "derandkit.engine.objective",
    "GaussianSampler": "derandkit.engine.law",
    "GraphReader": "derandkit.graphs.formats",
    "HessianDescent": "derandkit.engine",
    "DerandomizationHistory": "derandkit.engine",
    "InputError": "derandkit.errors",
    "Interrupted": "derandkit.errors",
    "LemmaDescent": "derandkit.engine",
    "MaxCutResult": "derandkit.cuts.result",
    "MeanObjective": "derandkit.embeddings.paths.mean",
    "MissingDependencyError": "derandkit.errors",
    "PerturbedGradientDescent": "derandkit.engine",
    "PointCloud": "derandkit.points.cloud",
    "Progress": "derandkit.runtime.progress",
    "ProbabilityObjective": "derandkit.embeddings.paths.objective",
    "Arcs": "derandkit.models.arcs",
    "CardinalityResult": "derandkit.quadratic.cardinality",
    "Clauses": "derandkit.models.clauses",
    "CutNorm": "derandkit.quadratic.bilinear",
    "QuadraticModel": "derandkit.models.model",
    "QuadraticResult": "derandkit.quadratic.result",
    "QuadraticStatus": "derandkit.status",
    "SignedGraph": "derandkit.models.arcs",
    "bilinear_model": "derandkit.models.bilinear",
    "cut_norm": "derandkit.quadratic.bilinear",
    "cut_norm_model": "derandkit.models.bilinear",
    "frustration": "derandkit.quadratic.verbs",
    "max2sat": "derandkit.quadratic.verbs",
    "maxdicut": "derandkit.quadratic.verbs",
    "maximize_bilinear": "derandkit.quadratic.bilinear",
    "maximize_ising": "derandkit.quadratic.verbs",
    "maximize_qubo": "derandkit.quadratic.verbs",
    "minimize_ising": "derandkit.quadratic.verbs",
    "minimize_qubo": "derandkit.quadratic.verbs",
    "optimize": "derandkit.quadratic.solve",
    "plot_quadratic": "derandkit.plots.quadratic",
    "optimize_with_cardinality": "derandkit.quadratic.cardinality",
    "with_cardinality": "derandkit.models.cardinality",
    "read_clauses": "derandkit.models.clauses",
    "read_model": "derandkit.models.files",
    "QuadratureObjective": "derandkit.engine.objective",
    "RandomSampling": "derandkit.engine",
    "RankedCutsResult": "derandkit.cuts.ranking",
    "RegressionData": "derandkit.structure.data",
    "ComparisonRow": "derandkit.comparison.run",
    "Stationarity": "derandkit.engine",
    "DerandomizationStatus": "derandkit.engine",
    "StochasticGradient": "derandkit.structure.methods",
    "NetworkCertificate": "derandkit.structure.trained.result",
    "NetworkStatus": "derandkit.status",
    "certify_network": "derandkit.structure.trained.certify",
    "StructureClassifier": "derandkit.structure.estimators",
    "StructureRegressor": "derandkit.structure.estimators",
    "StructureResult": "derandkit.structure.result",
    "StructureStatus": "derandkit.status",
    "Student": "derandkit.structure.student",
    "Teacher": "derandkit.structure.teacher",
    "Verification": "derandkit.certificates",
    "as_graph": "derandkit.datasets.instances",
    "read_graph": "derandkit.graphs.files",
    "WeightedGraph": "derandkit.graphs.graph",
    "branch_and_bound": "derandkit.signs.proofs.branching.tree",
    "check_objective": "derandkit.engine.diagnostics",
    "compare": "derandkit.comparison.run",
    "cycle_bound": "derandkit.signs.proofs.cycles.bound",
    "derandomize": "derandkit.engine",
    "discover_structure": "derandkit.structure.solve",
    "embed": "derandkit.embeddings.solve",
    "RowsMeasured": "derandkit.embeddings.many.moments",
    "measure_rows": "derandkit.embeddings.many.moments",
    "PairsScanned": "derandkit.embeddings.many.scan",
    "scan_pairs": "derandkit.embeddings.many.scan",
    "read_points": "derandkit.points.files",
    "sample_rows": "derandkit.points.rows",
    "from_jax": "derandkit.engine.objective",
    "johnson_lindenstrauss_min_dim": "derandkit.embeddings.guarantee",
    "load": "derandkit.loading",
    "maxcut": "derandkit.cuts.solve",
    "min_dim": "derandkit.embeddings.guarantee",
    "plot_cut": "derandkit.plots.cuts",
    "relax_cut": "derandkit.signs.relaxation.semidefinite",
    "search_cut": "derandkit.signs.search.search",
    "triangle_bound": "derandkit.signs.proofs.triangles.bound",
    "verify": "derandkit.verification",
    "write_report": "derandkit.reports.report",
}

#: Names of version 0.1 that were too general for a package; they work until `derandkit.options.REMOVED_IN`.
_RENAMED = {
    "Check": "VerificationCheck",
    "Effort": "SearchEffort",
    "History": "DerandomizationHistory",
    "Row": "ComparisonRow",
    "Status": "DerandomizationStatus",
    "relax": "relax_cut",
}

#: Schema of a record -> module and function that draw what a notebook shows beside the table. `derandkit.results` looks
#: here: results stand below the pictures and cannot name them.
_PICTURES = dict.fromkeys(
    ("derandkit-constrained-cut", "derandkit-ranked-cuts", "derandkit-maxcut"),
    ("derandkit.plots.cuts", "cut_picture"),
)

__all__ = [*sorted(_HOMES), "__version__"]
__version__ = "0.4.0"


def __getattr__(name: str) -> object:
    if name in _RENAMED:
        from derandkit.options import warn_renamed

        warn_renamed(f"derandkit.{name}", f"derandkit.{_RENAMED[name]}")
        value: object = getattr(import_module(__name__), _RENAMED[name])
        return value
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
