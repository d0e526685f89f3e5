"""From a suite and an endpoint to a plan.

Modules, in the order in which data pass through them:

- `own`: A task of a card, ours or an evaluator's, as a run plans and asks it.
- `resolve`: What a suite's entry names: a task of ours, a public benchmark, or any Inspect task.
- `gates`: A suite's gates: that each is on something measured, and which of them a run decides.
- `cards`: The calibration cards there are, and which of them a plan holds.
- `graders`: Which models a scorer or a solver asks beside the tested one, each bound to another.
- `software`: The versions of the software that decides a run's numbers.
- `plan`: From a suite and an endpoint to a plan: every digest that decides what a run is.
- `single`: The suite that a command names: a suite, or a task alone, for which one is made.
- `request`: From a configuration to a request: every name looked up before anything is sent.
- `attackers`: What attacks that adapt take of the models in roles: calls, tokens, money, at most.
- `forecast`: What a run would do, before it does: calls, tokens, money, time.
- `meeting`: What a suite will meet at an endpoint that was examined: what differs, what fails.
"""
