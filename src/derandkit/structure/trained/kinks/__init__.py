"""Whether a network has second derivatives, by the operations that it runs and where they have poles."""

from derandkit.structure.trained.kinks.operations import torch_is_smooth
from derandkit.structure.trained.kinks.programs import jax_is_smooth

__all__ = ["jax_is_smooth", "torch_is_smooth"]
