"""Scorers that ask a moderation service over HTTP.

Modules, in the order in which data pass through them:

- `mapping`: What a service is sent and how its reply is read, from a file of YAML.
- `asking`: One request to a service, tried again where it is busy.
- `moderation`: The scorer: OpenAI's moderation, Perspective, and any service by a mapping.
"""
