"""The figures of a report, as data.

Modules, in the order in which data pass through them:

- `figures`: From records to the figures of a report: a rate with interval, bounds and outcomes.
- `attacks`: What attacks did to a request task: success of each, what it adds, and success of any
  of them.
- `gap`: The gap between groups in swapped decisions: whom the changes favour, and how surely.
- `corrections`: The rates of a report corrected for the scorer's own error, by people's labels or
  by its card.
- `other_scorers`: What other scorers said of the same answers: rates beside the first scorer's,
  never instead.
- `gates`: Gates: a threshold against a whole interval, and what a run as a whole comes to.
- `gate_results`: A run's gates, each with the figure that it was decided on.
- `areas`: Risk areas: the mean of their tasks' headline rates, its bounds, and the worst task
  beside it.
- `report`: The scored report as data: every figure, from the plan and the logs alone.
"""
