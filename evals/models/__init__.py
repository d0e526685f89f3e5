"""The models that are asked: the one under test, and those in roles beside it.

The room `embedded` holds the small model that comes with Tenken.

Modules, in the order in which data pass through them:

- `endpoint`: The model under test: how it is addressed, with which parameters, at which price.
- `roles`: Models in roles beside the one under test: graders, attackers; each named, none by
  default.
- `preflight`: One short question to an endpoint before any sample is sent, and what its failure
  means.
"""
