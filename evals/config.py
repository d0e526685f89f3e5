"""What one command runs: a YAML file, flags that go before it, or both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from tenken.errors import InputError, RuleError, Sentence, SuiteError, said_by
from tenken.io.documents import DocumentError, read_mapping
from tenken.io.faults import explain

RESULTS_DIR = Path("results/runs")

_PLACES = ("endpoint_file", "key", "profile", "results_dir")
_SUITE_ENDS = (".yaml", ".yml")


def _listed(value: Any) -> Any:
    if isinstance(value, (str, Path)):
        return (value,)
    if not isinstance(value, (list, tuple)):
        raise RuleError("expected a name or a list of names, such as [one, two]")
    return value


class SettingError(SuiteError):
    """A key or value that breaks a rule, apart from where it was given."""

    def __init__(self, why: Sentence) -> None:
        super().__init__("the run", why)
        self.why = why


def _joined(base: Path, place: str | Path) -> str:
    return str(base / Path(place).expanduser())


class RunConfig(BaseModel):
    """All that decides a run; every flag of `tenken run` has a key of the same meaning here.

    Attributes:
        suite: Name of a suite or task, path of a suite's file or a task's folder, or
            `file.py@task` for one of Inspect's tasks.
        area: The risk area that an Inspect task named as `suite` counts in.
        model: Models to test, one run each: Inspect's model strings, or, with `base_url`, names
            that the endpoint knows.
        endpoint_file: YAML files of endpoints, one run each; with one file, `model` may name
            several models at it.
        base_url: Base URL of an OpenAI-compatible endpoint.
        api_key_env: NAME of the environment variable that holds the key.
        model_args: Arguments of Inspect's provider.
        temperature: Temperature of generation; the endpoint file's, else 0, where left out.
        reasoning_effort: How hard a model that reasons is to think.
        reasoning_tokens: Tokens for reasoning beside those of each answer.
        max_connections: Requests under way at once.
        limit: Most samples of each task over its languages, chosen in balance.
        languages: Ask in these languages alone.
        tasks: Run these tasks of the suite alone.
        epochs: How often each sample is asked.
        scorers: By task, another scorer than the card's; `*` stands for every task.
        model_roles: By role, a model string or an endpoint file.
        attacks: Ask every sample under these attacks.
        data: By name of a public benchmark, where its data are.
        accept_licence: Whether the terms of data that may not be used for everything are accepted.
        gates: Whether the suite's gates are decided.
        fresh: Ask everything, whatever answers earlier runs of the results folder have.
        results_dir: Where the folders of runs are.
        max_cost: Stop when this many US dollars are spent.
        max_tokens: Stop when this many tokens are used, in and out.
        report_language: Language of report.html.
        with_text: Show text that may be harmful in the report.
        key: Private key to sign the seal with.
        profile: YAML file that says who evaluates.
        workers: Processes of this machine that ask.
        cluster: Dask scheduler whose workers ask: its address, its scheduler file, or a YAML file
            for dask-jobqueue.
        journal: Where workers write answers, a path or fsspec URL that all of them reach.
        quiet: Show no progress.

    Example:
        >>> config = tenken.RunConfig(suite="smoke", endpoint_file=ENDPOINT, limit=2)
        >>> config.with_settings(limit=1).limit
        1
        >>> [each.model for each in config.with_settings(model=["a", "b"]).each()]
        [('a',), ('b',)]
        >>> tenken.run(config, results_dir=RUNS, quiet=True).report["suite"]["name"]
        'smoke'
        >>> tenken.RunConfig(suite="smoke", limitt=2)
        Traceback (most recent call last):
        tenken.evals.config.SettingError: the run: unknown key 'limitt'. Did you mean 'limit'?
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        defer_build=True,
        protected_namespaces=(),
        allow_inf_nan=False,
    )

    suite: Annotated[str, BeforeValidator(lambda v: str(v) if isinstance(v, Path) else v)]
    area: str | None = None
    model: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    endpoint_file: Annotated[tuple[Path, ...], BeforeValidator(_listed)] = ()
    base_url: str | None = None
    api_key_env: str | None = None
    model_args: dict[str, Any] = {}
    temperature: float | None = None
    reasoning_effort: str | None = None
    reasoning_tokens: int | None = None
    max_connections: Annotated[int, Field(ge=1)] | None = None
    limit: int | None = None
    languages: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    tasks: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    epochs: Annotated[int, Field(ge=1, le=1000)] | None = None
    scorers: dict[str, str] = {}
    model_roles: dict[str, str] = {}
    attacks: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    data: dict[str, Path] = {}
    accept_licence: bool = False
    gates: bool = True
    fresh: bool = False
    results_dir: Path = RESULTS_DIR
    max_cost: Annotated[float, Field(ge=0)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    report_language: Literal["en", "ja"] = "en"
    with_text: bool = False
    key: Path | None = None
    profile: Path | None = None
    workers: Annotated[int, Field(ge=0, le=1000)] = 0
    cluster: str | None = None
    journal: str | None = None
    quiet: bool = False

    if not TYPE_CHECKING:  # type checkers know the keys

        def __init__(self, **settings: Any) -> None:
            """Fill the keys.

            Args:
                **settings: Values by key.

            Raises:
                SettingError: A key or value breaks a rule.
            """
            for key, value in settings.items():
                field = RunConfig.model_fields.get(key)
                if isinstance(value, bool) and field is not None and field.annotation is not bool:
                    words = "{key}: expected a number or a text, not {value}"
                    raise SettingError(Sentence(words, key=key, value=value))
            try:
                super().__init__(**settings)
            except ValidationError as error:
                raise SettingError(explain(error, RunConfig)) from None

    @classmethod
    def of(cls, file: str | Path | None = None, **settings: Any) -> RunConfig:
        """Return the configuration of a file, with the settings that go before it.

        Args:
            file: A YAML file with keys of this class; its paths are relative to its folder.
            **settings: Values by key; None and empty ones are not given.

        Returns:
            The configuration.

        Raises:
            SuiteError: The file is not YAML, or a key or value breaks a rule.
            InputError: No suite is named, or the file cannot be read.
        """
        raw = {**(_read(Path(file)) if file else {}), **_given(settings)}
        if "suite" not in raw:
            raise InputError("no suite is named: give a suite, a task or a task's folder.")
        try:
            return cls(**raw)
        except SettingError as error:
            raise SuiteError(file or "the run", error.why) from None

    def with_settings(self, **settings: Any) -> RunConfig:
        """Return the configuration with the settings that go before it.

        Args:
            **settings: Values by key; None and empty ones are not given.

        Returns:
            Another configuration; this one stays as it is.

        Raises:
            SuiteError: A key or value breaks a rule.
        """
        own = {key: getattr(self, key) for key in self.model_fields_set}
        return type(self).of(None, **{**own, **_given(settings)})

    def each(self) -> Iterator[RunConfig]:
        """Yield a configuration for each model that is to be tested.

        Returns:
            The configurations, in the order in which the models are named.

        Raises:
            InputError: Several models and several endpoint files, or one of them twice.
        """
        files, models = self.endpoint_file, self.model
        if len(files) > 1 and len(models) > 1:
            raise InputError(
                "several models and several endpoint files: name each model in its endpoint file, "
                "or give one endpoint file."
            )
        for name, given in (("--model", models), ("--endpoint-file", files)):
            twice = next((each for each in given if given.count(each) > 1), None)
            if twice is not None:
                raise InputError(
                    "{name} '{twice}' is given twice; give it once.", name=name, twice=twice
                )
        if len(files) > 1:
            yield from (self.model_copy(update={"endpoint_file": (file,)}) for file in files)
        elif len(models) > 1:
            yield from (self.model_copy(update={"model": (model,)}) for model in models)
        else:
            yield self


def _given(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in settings.items() if value not in (None, (), [], {})}


def _read(file: Path) -> dict[str, Any]:
    """Return the keys of a file, with its paths made independent of the working directory."""
    try:
        raw: dict[str, Any] = read_mapping(file.read_bytes())
    except OSError as error:
        raise InputError("{file}: cannot be read: {error}.", file=file, error=error) from None
    except DocumentError as error:
        place = f"{file}:{error.line}" if error.line is not None else file
        raise SuiteError(place, said_by(error)) from None
    base = file.parent
    for key in _PLACES:
        if isinstance(raw.get(key), str):
            raw[key] = _joined(base, raw[key])
        elif isinstance(raw.get(key), list):
            raw[key] = [_joined(base, each) for each in raw[key] if isinstance(each, str)]
    if isinstance(raw.get("data"), dict):
        raw["data"] = {k: _joined(base, v) for k, v in raw["data"].items() if isinstance(v, str)}
    if isinstance(roles := raw.get("model_roles"), Mapping):
        raw["model_roles"] = {
            role: _joined(base, each) if str(each).endswith(_SUITE_ENDS) else each
            for role, each in roles.items()
        }
    suite = raw.get("suite")
    if isinstance(suite, str) and (suite.startswith(("./", "../")) or suite.endswith(_SUITE_ENDS)):
        raw["suite"] = _joined(base, suite)
    return raw
