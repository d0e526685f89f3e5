"""From a form to the arguments of `tenken plan` and `tenken run`.

Nothing of a form becomes a path or a variable's name: suites are those of the package, endpoints
are files that whoever runs the server has put into a folder, and a key is named there alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tenken.errors import InputError, UnknownNameError
from tenken.schema.record import LANGUAGES

_MODEL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@+/-]{0,199}")
_MOST_MODELS: Final = 8
_PROFILE: Final = "profile:"


@dataclass(frozen=True)
class Offer:
    """What a form may choose from.

    Attributes:
        suites: Tasks of each suite by its name.
        profiles: Names of endpoint files.
    """

    suites: Mapping[str, Sequence[str]]
    profiles: Sequence[str]


@dataclass(frozen=True)
class RunRequest:
    """What one run is to do.

    Attributes:
        model: Model string, or `profile:` and the name of an endpoint file.
        options: Options beyond suite and model, as the command line takes them.
    """

    suite: str
    model: str
    options: tuple[str, ...]

    def arguments(self, command: str, endpoints: Path | None) -> list[str]:
        """Return the arguments of `plan` or `run`.

        Args:
            command: `plan` or `run`; options that only a run takes are left out of a plan.
            endpoints: Folder of endpoint files; None where the console has none.
        """
        if self.model.startswith(_PROFILE) and endpoints is not None:
            name = self.model.removeprefix(_PROFILE)
            model = f"--endpoint-file={endpoints / name}.yaml"
        else:
            model = f"--model={self.model}"
        own = self.options
        if command == "plan":
            own = tuple(
                o for o in own if not o.startswith(("--max-cost", "--max-tokens", "--lang="))
            )
        return [command, model, *own, "--", self.suite]


def offer(endpoints: Path | None) -> Offer:
    """Return what there is to choose from."""
    from tenken.evals.suite import suite_outlines

    suites = {each.name: list(each.tasks) for each in suite_outlines()}
    files = sorted(endpoints.glob("*.yaml")) if endpoints else []
    return Offer(suites, [path.stem for path in files if path.is_file() and not path.is_symlink()])


def read_form(
    form: Mapping[str, str], fields: Mapping[str, Sequence[str]], offered: Offer
) -> list[RunRequest]:
    """Return one request for each model of a form.

    Args:
        form: The last value of each field.
        fields: All values of each field, for those that may be given more than once.
        offered: What the form may choose from; anything else is refused.

    Raises:
        UnknownNameError: A suite, task or language that is not offered.
        InputError: A field has an invalid value; the message names the field.
    """
    suite = form.get("suite", "")
    if suite not in offered.suites:
        raise UnknownNameError("suite", suite[:80], offered.suites)
    options: list[str] = []
    for task in fields.get("task", ()):
        if task not in offered.suites[suite]:
            raise UnknownNameError("task", task[:80], offered.suites[suite])
        options.append(f"--task={task}")
    for language in fields.get("language", ()):
        if language not in LANGUAGES:
            raise UnknownNameError("language", language[:20], LANGUAGES)
        options.append(f"--language={language}")
    for name, most in (("limit", 10**6), ("epochs", 1000), ("max_tokens", 10**12)):
        options += _whole(form, name, most)
    options += _money(form)
    if form.get("no_gates") == "1":
        options.append("--no-gates")
    options.append(f"--lang={'ja' if form.get('report_language') == 'ja' else 'en'}")
    return [RunRequest(suite, model, tuple(options)) for model in _models(form, fields, offered)]


def _models(
    form: Mapping[str, str], fields: Mapping[str, Sequence[str]], offered: Offer
) -> list[str]:
    found = []
    for name in fields.get("profile", ()):
        if name not in offered.profiles:
            raise UnknownNameError("endpoint file", name[:80], offered.profiles)
        found.append(f"{_PROFILE}{name}")
    for line in form.get("models", "").splitlines():
        model = line.strip()
        if model and not _MODEL.fullmatch(model):
            raise InputError("'{model}' is not the name of a model.", model=model[:80])
        if model:
            found.append(model)
    if not 0 < len(set(found)) <= _MOST_MODELS or len(set(found)) != len(found):
        raise InputError("name 1 to {most_models} different models.", most_models=_MOST_MODELS)
    return found


def _whole(form: Mapping[str, str], name: str, most: int) -> list[str]:
    given = form.get(name, "").strip()
    if not given:
        return []
    if not (given.isascii() and given.isdigit() and 0 < int(given[:13]) <= most):
        raise InputError("{name}: expected a whole number from 1 to {most}.", name=name, most=most)
    return [f"--{name.replace('_', '-')}={int(given)}"]


def _money(form: Mapping[str, str]) -> list[str]:
    given = form.get("max_cost", "").strip()
    if not given:
        return []
    if not re.fullmatch(r"[0-9]{1,7}(\.[0-9]{1,4})?", given):
        raise InputError("max_cost: expected US dollars, such as 2.50.")
    return [f"--max-cost={given}"]
