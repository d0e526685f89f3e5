"""Safety evaluations of language models, in English and Japanese, that can be recomputed.

The public surface is `tenken.__all__`; everything in it is loaded when it is first used, so that
`import tenken` stays fast. Other names of the package may change from version to version.

Example:
    >>> tenken.__version__.count(".")
    2
"""

from tenken._version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tenken.api.reading import compare, read_run, read_runs, verify
    from tenken.api.running import run, score
    from tenken.api.trials import calibrate
    from tenken.errors import TenkenError
    from tenken.evals.config import RunConfig
    from tenken.results.frames.calibration import Calibration
    from tenken.results.frames.comparison import Comparison
    from tenken.results.frames.run import Run, Runs
    from tenken.results.frames.verification import Verification

__all__ = [
    "Calibration",
    "Comparison",
    "Run",
    "RunConfig",
    "Runs",
    "TenkenError",
    "Verification",
    "__version__",
    "calibrate",
    "compare",
    "read_run",
    "read_runs",
    "run",
    "score",
    "verify",
]


_PLACES = {
    "Calibration": "results.frames.calibration",
    "Comparison": "results.frames.comparison",
    "Run": "results.frames.run",
    "RunConfig": "evals.config",
    "Runs": "results.frames.run",
    "TenkenError": "errors",
    "Verification": "results.frames.verification",
    "calibrate": "api.trials",
    "compare": "api.reading",
    "read_run": "api.reading",
    "read_runs": "api.reading",
    "run": "api.running",
    "score": "api.running",
    "verify": "api.reading",
}


def __getattr__(name: str) -> object:
    """Load a public name when it is first used."""
    if name not in _PLACES:
        raise AttributeError(f"module 'tenken' has no attribute '{name}'")
    from importlib import import_module

    found: object = getattr(import_module(f"tenken.{_PLACES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Return the public names, those that are not loaded yet among them."""
    return sorted({*globals(), *__all__})
