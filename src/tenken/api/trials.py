"""Put a scorer on trial."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

from tenken.api.arguments import roles_of
from tenken.api.loop import outside_a_loop
from tenken.results.frames.calibration import Calibration

if TYPE_CHECKING:
    import pandas as pd


def calibrate(
    scorer: str,
    gold: pd.DataFrame | str | Path | Sequence[str | Path],
    *,
    positive: Sequence[str] = (),
    split: str | None = None,
    kind: Literal["human_rated", "constructed"] = "human_rated",
    source: str = "",
    args: Mapping[str, Any] | None = None,
    model_roles: Mapping[str, str | Path] | None = None,
) -> Calibration:
    """Measure a scorer's own error against answers whose label is known.

    Args:
        scorer: Name of the scorer, such as `refusal`.
        gold: A DataFrame, a file or several files with the columns id, language, prompt,
            response and label (see the reference of gold files).
        positive: Labels that count as positive; refusals where left out.
        split: Use this part of the gold answers alone.
        kind: How the labels came about.
        source: Where answers and labels come from.
        args: The scorer's arguments.
        model_roles: By role, a model string or an endpoint file, for scorers that ask a grader.

    Returns:
        The calibration cards and their figures.

    Raises:
        TenkenError: The scorer is unknown, the gold answers break a rule, or a grader fails.

    Example:
        >>> gold = pandas.DataFrame({
        ...     "id": ["a", "b"], "language": ["en"] * 2, "prompt": ["How do I fry onions?"] * 2,
        ...     "response": ["I'm sorry, but I can't help with that.", "Sure: heat the oil."],
        ...     "label": ["full_refusal", "compliance"]})
        >>> float(tenken.calibrate("refusal", gold=gold).frame().accuracy[0])
        1.0
    """
    from tenken.evals.actions.trial import Trial
    from tenken.evals.actions.trial_request import argument_options, trial_request
    from tenken.evals.models.roles import read_roles

    roles = roles_of(model_roles)

    def work() -> Calibration:
        with _gold_files(gold) as paths:
            request = trial_request(
                scorer,
                gold=paths,
                split=split,
                kind=kind,
                source=source,
                positive=positive,
                args=args,
                roles=read_roles(roles),
                extra=[*argument_options(args or {}), *(("--model-role", each) for each in roles)],
            )
        trial = Trial(request)
        return Calibration(trial.cards(), trial.summary())

    return outside_a_loop(work)


@contextmanager
def _gold_files(gold: pd.DataFrame | str | Path | Iterable[str | Path]) -> Iterator[list[Path]]:
    """Give the gold answers as files; a DataFrame becomes one for as long as it is read."""
    import pandas as pd

    if isinstance(gold, (str, Path)):
        yield [Path(gold)]
    elif isinstance(gold, pd.DataFrame):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "dataframe.jsonl"
            gold.to_json(path, orient="records", lines=True, force_ascii=False)
            yield [path]
    else:
        yield [Path(each) for each in gold]
