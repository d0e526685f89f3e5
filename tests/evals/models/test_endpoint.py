"""The endpoint: how it is written down, what is refused, and that no secret gets in."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenken.errors import EndpointError, InputError, SuiteError
from tenken.evals.models.endpoint import Endpoint, read_endpoint
from tenken.evals.models.make import generate_config, make_model

URL = "http://127.0.0.1:9/v1"


def _file(folder: Path, text: str) -> Path:
    path = folder / "endpoint.yaml"
    path.write_text(text, "utf-8")
    return path


def test_the_default_is_greedy_decoding() -> None:
    endpoint = read_endpoint(None, model="mockllm/model")
    assert endpoint.planned().parameters == {"temperature": 0.0}
    config = generate_config(endpoint)
    assert (config.temperature, config.max_retries, config.system_message) == (0.0, 4, None)


def test_the_command_line_adds_to_the_file(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        "model: a/b\nsystem_prompt: Be brief.\nparameters: {temperature: 0.7, top_p: 0.9}\n"
        "model_args: {x: 1, y: 2}\nconnections: {max_retries: 0}\nprice: {input: 1, output: 2}\n",
    )
    found = read_endpoint(
        path, model="c/d", base_url=None, parameters={"temperature": 1.0}, model_args={"y": 3}
    )
    assert found.model == "c/d" and found.model_args == {"x": 1, "y": 3}
    assert (found.parameters.temperature, found.parameters.top_p) == (1.0, 0.9)
    assert generate_config(found).system_message == "Be brief."
    planned = found.planned()
    assert planned.system_prompt_sha256 and "Be brief" not in planned.model_dump_json()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("modle: a/b\nmodel: a/b\n", "unknown key 'modle'. Did you mean 'model'?"),
        ("model: a/b\nparameters: {temprature: 1}\n", "Did you mean 'temperature'?"),
        ("model: a/b\nparameters: {temperature: -1}\n", "parameters.temperature: "),
        ("model: a/b\nprice: {input: 1}\n", "the key 'price.output' is missing"),
        ("model: ''\n", "model: "),
        ('model: "a/\\e[2Jb"\n', "model: only printable characters"),
        ("model: a/b\nbase_url: ftp://x\n", "base_url: a base URL begins with http"),
        ("model: a/b\nbase_url: 'http://[::1'\n", "base_url: Invalid IPv6 URL"),
        ("model: a/b\nbase_url: 'http://x:99999/'\n", "base_url: Port out of range"),
        ("model: a/b\napi_key_env: sk-abc\n", "api_key_env: expected the form"),
        ("model: a/b\napi_key_env: KEY\n", "api_key_env goes with base_url"),
        ("model: a\n\tb: 1\n", "not valid YAML"),
        ("[1]\n", "must be a mapping"),
    ],
)
def test_a_wrong_file_is_named_with_its_key(tmp_path: Path, text: str, message: str) -> None:
    path = _file(tmp_path, text)
    with pytest.raises(SuiteError) as caught:
        read_endpoint(path)
    assert message in str(caught.value) and str(caught.value).startswith(str(path))


@pytest.mark.parametrize(
    "changes",
    [
        {"base_url": "https://user:hunter2@host/v1"},
        {"base_url": "https://hunter2@host/v1"},
        {"base_url": "https://host/v1?key=hunter2"},
        {"model_args": {"api_key": "hunter2"}},
        {"model_args": {"default_headers": {"Authorization": "hunter2"}}},
        {"parameters": {"extra_body": {"auth": [{"access_token": "hunter2"}]}}},
    ],
)
def test_what_looks_like_a_secret_is_refused_and_not_repeated(changes: dict[str, Any]) -> None:
    with pytest.raises(SuiteError) as caught:
        read_endpoint(None, model="a/b", **changes)
    assert "secret" in str(caught.value) and "hunter2" not in str(caught.value)


def test_what_only_sounds_like_a_secret_is_taken() -> None:
    args = {"tokenizer": "x", "max_new_tokens": 3, "keyboard": True}
    assert read_endpoint(None, model="a/b", model_args=args).model_args == args


def test_no_model_and_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no model is named: give --model"):
        read_endpoint(None)
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_endpoint(tmp_path / "none.yaml")


def test_a_key_is_read_from_its_variable_and_goes_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = Endpoint(model="m", base_url=URL, api_key_env="MY_KEY")
    with pytest.raises(EndpointError, match="the environment variable MY_KEY is not set"):
        endpoint.secret()
    monkeypatch.setenv("MY_KEY", "hunter2")
    assert endpoint.secret() == "hunter2"
    assert "hunter2" not in endpoint.planned().model_dump_json() + repr(endpoint)
    assert Endpoint(model="m").secret() is None


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("opnai/gpt", "unknown provider 'opnai' in the model 'opnai/gpt'. Did you mean 'openai'?"),
        ("zzzzzz/gpt", "Known: anthropic, "),
        ("gpt", "names no provider: write PROVIDER/gpt, or give the --base-url"),
        ("openai/gpt", "OPENAI_API_KEY"),
        ("tenken/smollm3", "There is: tenken/smollm2"),
    ],
)
def test_a_model_that_cannot_be_set_up_is_said_in_one_line(model: str, message: str) -> None:
    with pytest.raises(EndpointError) as caught:
        make_model(Endpoint(model=model))
    assert message in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("provider", "module", "package"),
    [
        ("anthropic", "anthropic", "anthropic"),
        ("mistral", "mistralai", "mistralai"),
        ("groq", "groq", "groq"),
        ("google", "google.genai", "google-genai"),
    ],
)
def test_a_provider_without_its_package_says_what_to_install(
    provider: str, module: str, package: str
) -> None:
    if find_spec(module.split(".", maxsplit=1)[0]) is not None:
        pytest.skip(f"{package} is installed here")
    with pytest.raises(EndpointError) as caught:
        make_model(Endpoint(model=f"{provider}/model"))
    assert f"pip install {package}" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["gpt-oss", "org/model-7b"])
def test_a_name_without_a_provider_goes_to_the_base_url(name: str) -> None:
    model = make_model(Endpoint(model=name, base_url=URL))
    assert model.api.base_url == URL and model.name.endswith(name)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(url=st.text(max_size=20).map(lambda rest: f"http://{rest}"), model=st.text(max_size=10))
def test_any_url_and_name_are_taken_or_refused(url: str, model: str) -> None:
    try:
        found = read_endpoint(None, model=model, base_url=url)
    except InputError:
        return
    assert found.planned().model_dump_json()
