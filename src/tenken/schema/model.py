"""The model that a run asks, as its plan holds it: its address, and what decides its answers."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from tenken.schema.base import Frozen


class EmbeddedModel(Frozen):
    """What decides the answers of the model that comes with the package.

    Attributes:
        model: Its name.
        file: File of the weights.
        sha256: SHA-256 of that file.
        quantisation: How the weights were rounded.
        licence: Licence of the weights.
        packages: Versions of the packages that bring and run it.
        settings: Settings of the server, by name.
        reproducible: Whether the same prompt gets the same answer under these settings.
        processor: Features of the processor, on which rounding depends.
    """

    model: str
    file: str
    sha256: str
    quantisation: str
    licence: str
    packages: dict[str, str]
    settings: dict[str, bool | int]
    reproducible: bool
    processor: str


class PlannedModel(Frozen):
    """The endpoint as it was addressed; secrets are named by their variable, never held.

    Attributes:
        name: Name of the model as the endpoint knows it.
        base_url: Address of the endpoint, null for the provider's own.
        api_key_env: Environment variable that held the key, null for none.
        args: Further arguments of the provider, by name.
        parameters: Generation parameters that were sent, by name.
        reasoning: Effort, and tokens beside those of the answer; empty for a model that does not
            reason.
        accepts: What the endpoint takes of the limit's name, a temperature, and system messages.
        blocked: Statuses and patterns that mean that a filter withheld the answer.
        system_prompt_sha256: SHA-256 of the system prompt, null for none.
        embedded: Digests and versions of the model that comes with the package, null for any
            other.
    """

    name: str
    base_url: str | None = None
    api_key_env: str | None = None
    args: dict[str, Any] = Field(default_factory=dict)
    parameters: dict[str, Any] = Field(default_factory=dict)
    reasoning: dict[str, Any] = Field(default_factory=dict)
    accepts: dict[str, Any] = Field(default_factory=dict)
    blocked: list[dict[str, Any]] = Field(default_factory=list)
    system_prompt_sha256: str | None = None
    embedded: EmbeddedModel | None = None

    def identity(self) -> dict[str, Any]:
        """Return what decides the model's answers; empty parts do not."""
        found = self.model_dump(exclude={"api_key_env"})
        return {k: v for k, v in found.items() if v or k not in ("reasoning", "accepts", "blocked")}
