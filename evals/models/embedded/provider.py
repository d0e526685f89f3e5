"""The embedded model `tenken/smollm2`: a small real model that needs no network and no key.

It is there to try a suite from end to end, and for tests. It is far too small (135 million
parameters, English) for its results to say anything about models in use.
"""

from __future__ import annotations

import importlib
from dataclasses import asdict
from typing import Any

from inspect_ai.model import ModelAPI, modelapi

from tenken.schema.model import EmbeddedModel


def _provider_class() -> type[ModelAPI]:
    # The class brings the OpenAI client along; only a run that uses the model waits for that.
    from tenken.evals.models.embedded.api import SmolLM2API as Provider

    return Provider


SmolLM2API = modelapi(name="tenken")(_provider_class)
"""Inspect's provider `tenken`: called with a model's name it gives the API of that model."""


def embedded_model_info(fast: bool = False) -> EmbeddedModel:
    """Return what decides the embedded model's answers, for the provenance of a run.

    Args:
        fast: Whether the run used the faster settings (`-M fast=true`).

    Returns:
        Names, digest and licence of the weights, versions, settings, whether these settings are
        reproducible, and the processor's features, on which rounding depends.

    Raises:
        PrerequisiteError: Weights or runtime are missing.
    """
    from tenken.evals.models.embedded import server as llama_server

    llama_server.check_installed()
    xllamacpp: Any = importlib.import_module("xllamacpp")

    path = llama_server.weights_path()
    settings = llama_server.fast_settings() if fast else llama_server.ServerSettings()
    return EmbeddedModel(
        model="HuggingFaceTB/SmolLM2-135M-Instruct",
        file=path.name,
        sha256=llama_server.weights_sha256(path),
        quantisation=path.stem.rsplit(".", 1)[-1],
        licence="Apache-2.0",
        packages=llama_server.package_versions(),
        settings=asdict(settings),
        reproducible=settings.reproducible,
        processor=xllamacpp.get_system_info().strip(),
    )
