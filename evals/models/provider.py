"""Inspect's provider `endpoint`, registered without importing what it needs to ask."""

from __future__ import annotations

from inspect_ai.model import ModelAPI, modelapi


def _provider_class() -> type[ModelAPI]:
    from tenken.evals.models.chat import ChatAPI

    return ChatAPI


EndpointAPI = modelapi(name="endpoint")(_provider_class)
"""Called with a model's name it gives the API of that model."""
