"""Inspect's view of the embedded model: OpenAI-compatible APIs that start on first use."""

from __future__ import annotations

from typing import Any

import anyio
import anyio.to_thread
from inspect_ai.model import ChatMessage, GenerateConfig, ModelOutput
from inspect_ai.tool import ToolChoice, ToolInfo
from typing_extensions import override

from tenken.evals.models.chat import ChatAPI
from tenken.evals.models.embedded.server import (
    MODEL_NAME,
    REQUESTS_IN_FLIGHT,
    ServerSettings,
    check_installed,
    fast_settings,
    server_for,
    side_by_side,
)
from tenken.inspect_private import prerequisite_error

_DEFAULT_MAX_TOKENS = 512
_DEFAULT_SEED = 20240229
_NOT_STARTED = "http://127.0.0.1:9/v1"


class _OneServer(ChatAPI):
    """One server's API."""

    def __init__(
        self, model_name: str, config: GenerateConfig, settings: ServerSettings, number: int
    ) -> None:
        self.server = server_for(settings, number)
        super().__init__(model_name, _NOT_STARTED, self.server.api_key, config)

    @override
    async def generate(
        self,
        input: list[ChatMessage],
        tools: list[ToolInfo],
        tool_choice: ToolChoice,
        config: GenerateConfig,
    ) -> ModelOutput:
        self.base_url = await anyio.to_thread.run_sync(self.server.start)
        output = await super().generate(input, tools, tool_choice, config)
        used = output.usage.total_tokens if output.usage else 0
        if used >= self.server.settings.context:  # a full context, not the limit of the run
            for choice in output.choices:
                if choice.stop_reason == "max_tokens":
                    choice.stop_reason = "model_length"
        return output

    @property
    @override
    def host(self) -> str:
        """The model is in this process: the port of its server says nothing."""
        return "embedded"

    @override
    def adjust(self, body: dict[str, Any]) -> None:
        """Set what makes the answers reproducible, where the run does not say otherwise."""
        if body.setdefault("temperature", 0.0) == 0:
            body.setdefault("seed", _DEFAULT_SEED)
        body.setdefault("cache_prompt", self.server.settings.cache_prompt)


class SmolLM2API(_OneServer):
    """SmolLM2-135M-Instruct, run in this process by one server a core.

    Unless a run sets them, the temperature is 0, the seed is fixed, and an answer has at most
    512 tokens. The same prompt then gets the same answer, in whatever order and however many at
    a time prompts arrive (on one kind of processor: another may round differently).
    With a temperature above 0 the seed is left to the run, else all epochs would be alike.

    Args:
        model_name: `smollm2`.
        base_url: Not accepted: the model is in this process.
        api_key: Not used: the server has a random key of its own.
        config: Generation settings.
        fast: Use spare cores, batches and the prompt cache; answers vary from run to run.
        **model_args: None is known.

    Raises:
        PrerequisiteError: Unknown model or argument, or weights or runtime are missing.
    """

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig | None = None,
        fast: bool = False,
        **model_args: Any,
    ) -> None:
        _check_arguments(model_name, base_url, fast, model_args)
        check_installed()
        settings = fast_settings() if fast else ServerSettings()
        servers = range(1 if fast else side_by_side())
        given = config or GenerateConfig()
        super().__init__(model_name, given, settings, 0)
        self._workers = [_OneServer(model_name, given, settings, number) for number in servers]
        self._idle = self._workers * (REQUESTS_IN_FLIGHT if fast else 1)
        # Inspect's adaptive connections, on by default, do not heed max_connections(): without
        # a limit here, requests would queue in the server until the client gives them up.
        self._in_flight = anyio.CapacityLimiter(len(self._idle))

    @override
    async def generate(
        self,
        input: list[ChatMessage],
        tools: list[ToolInfo],
        tool_choice: ToolChoice,
        config: GenerateConfig,
    ) -> ModelOutput:
        """Start the model if need be, and let it answer.

        Args:
            input: The conversation.
            tools: Tools that the model may call.
            tool_choice: Whether it must.
            config: Generation settings.
        """
        # A token of its own for each call: one task may hold several calls at once.
        borrower = object()
        await self._in_flight.acquire_on_behalf_of(borrower)
        worker = self._idle.pop()
        try:
            return await worker.generate(input, tools, tool_choice, config)
        finally:
            self._idle.append(worker)
            self._in_flight.release_on_behalf_of(borrower)

    @override
    async def aclose(self) -> None:
        """Close the clients; the servers go on for the next user in this process."""
        await super().aclose()
        for worker in self._workers:
            await worker.aclose()

    @override
    def max_tokens(self) -> int | None:
        """Return the longest answer unless a run says otherwise: small models ramble."""
        return _DEFAULT_MAX_TOKENS

    @override
    def max_connections(self) -> int:
        """Return how many requests are of use at once."""
        return int(self._in_flight.total_tokens) + 2

    @override
    def connection_key(self) -> str:
        """Return what shares a pool of connections: the server, never its key."""
        return f"embedded:{self.server.settings}"


def _check_arguments(
    model_name: str, base_url: str | None, fast: object, model_args: dict[str, Any]
) -> None:
    if model_name != MODEL_NAME:
        raise prerequisite_error()(
            f"There is no embedded model '{model_name}'. There is: tenken/{MODEL_NAME}"
        )
    if base_url is not None:
        raise prerequisite_error()(
            f"tenken/{MODEL_NAME} runs in this process: leave the base URL '{base_url}' out."
        )
    if model_args:
        names = ", ".join(sorted(model_args))
        raise prerequisite_error()(f"tenken/{MODEL_NAME} has no argument '{names}'. It has: fast")
    if not isinstance(fast, bool):
        raise prerequisite_error()(f"tenken/{MODEL_NAME}: fast must be true or false, not '{fast}'")
