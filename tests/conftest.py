"""Examples of hypothesis are derived from the tests, not drawn: a run that was green stays green.

``HYPOTHESIS_PROFILE=explore`` draws fresh ones, to look for new counterexamples.
"""

import os

from hypothesis import HealthCheck, settings

# no deadlines: the first example of a test may compile a kernel, and machines are shared
STEADY = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("repeatable", derandomize=True, **STEADY)
settings.register_profile("explore", derandomize=False, **STEADY)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
