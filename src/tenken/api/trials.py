"""Put a scorer on trial."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from tenken.api.arguments import mapping_of, models_of, names_of, path_of, refusal
from tenken.api.loop import outside_a_loop
from tenken.errors import InputError
from tenken.results.frames.calibration import Calibration

if TYPE_CHECKING:
    import pandas as pd

_FRAME: Final = Path("dataframe")
"""What messages call a DataFrame; the number behind it is the row's, from 1."""


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
        scorer: Name of the scorer, such as `refusal` or `my_scorer.py@mine`.
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
    from tenken.evals.models.roles import endpoints_of

    if not isinstance(scorer, (str, os.PathLike)) or not str(scorer):
        raise refusal("scorer", "the name of one scorer, such as 'refusal'", scorer)
    name = str(scorer)
    given, roles = mapping_of("args", args, "{'threshold': 0.5}"), models_of(model_roles)
    labels = names_of("positive", positive, "full_refusal")
    for key, value in (("split", split or ""), ("kind", kind), ("source", source)):
        if not isinstance(value, str):
            raise refusal(key, "a text", value)
    paths, held = _gold_files(gold)

    def work() -> Calibration:
        options = (("--model-role", f"{role}={model}") for role, model in roles.items())
        request = trial_request(
            name,
            gold=paths,
            held=held,
            split=split,
            kind=kind,
            source=source,
            positive=labels,
            args=given,
            roles=endpoints_of(roles),
            extra=[*argument_options(given), *options],
        )
        trial = Trial(request)
        return Calibration(trial.cards(), trial.summary())

    return outside_a_loop(work)


def _gold_files(
    gold: pd.DataFrame | str | Path | Sequence[str | Path],
) -> tuple[list[Path], dict[Path, bytes]]:
    """Return the gold answers' files, and the bytes of those that are not on disk: DataFrames."""
    import pandas as pd

    if isinstance(gold, pd.DataFrame):
        return [_FRAME], {_FRAME: _lines_of(gold)}
    if isinstance(gold, (str, Path)):
        gold = [gold]
    if not isinstance(gold, (list, tuple)) or not gold:
        raise refusal("gold", "a DataFrame, a file or a list of files, such as 'gold.csv'", gold)
    return [path for each in gold if (path := path_of("gold", each)) is not None], {}


def _lines_of(gold: pd.DataFrame) -> bytes:
    named = [name for name in gold.index.names if name is not None and name not in gold.columns]
    table = gold.reset_index(named) if named else gold
    twice = table.columns[table.columns.duplicated()]
    if len(twice):
        raise InputError(
            "gold: the column '{twice}' is there twice; rename or drop one.", twice=twice[0]
        )
    try:
        lines = table.to_json(orient="records", lines=True, force_ascii=False, date_format="iso")
    except (ValueError, OverflowError, UnicodeDecodeError) as error:
        raise InputError(
            "gold: a value is neither a text nor a number: {error}.", error=error
        ) from None
    return str(lines).encode("utf-8", "surrogatepass")
