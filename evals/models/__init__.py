"""The models that are asked: the one under test, and those in roles beside it.

The room `embedded` holds the small model that comes with Tenken, the room `doctor` what finds out
all there is to know of an endpoint.

Modules, in the order in which data pass through them:

- `endpoint`: The model under test: how it is addressed, with which parameters, at which price.
- `roles`: Models in roles beside the one under test: graders, attackers; each named, none by
  default.
- `make`: Inspect's model of an endpoint, made once for all that is asked of it.
- `provider`: Inspect's provider `endpoint`, registered without importing what it needs to ask.
- `chat`: That provider: one request to an OpenAI-compatible endpoint, and what came of it.
- `wire`: The form of chat completions: from messages to a request, from a body to an answer.
- `told`: What an endpoint says of itself beside an answer: its model, ids, and who it is on the
  wire.
- `faults`: What an endpoint's failure was, told from its status and its own words.
- `outputs`: What a model returned, made fit for scoring: reasoning apart, bounded length.
- `explain`: What an endpoint's error means, in one line, and what can be done.
- `preflight`: One short question to an endpoint before any sample is sent: does it answer, and
  what it takes.
"""
