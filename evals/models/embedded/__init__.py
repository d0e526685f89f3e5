"""The embedded model `tenken/smollm2`, which needs no network and no key.

Modules, in the order in which data pass through them:

- `provider`: The embedded model `tenken/smollm2`: a small real model that needs no network and no
  key.
- `api`: Inspect's view of the embedded model: OpenAI-compatible APIs that start on first use.
- `server`: The llama.cpp server that runs the embedded model inside this process, on loopback
  only.
"""
