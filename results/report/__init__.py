"""The figures of a report, as data.

Modules, in the order in which data pass through them:

- `figures`: From records to the figures of a report: a rate with interval, bounds and outcomes.
- `attacks`: What attacks did to a request task: success of each, what it adds, and success of any
  of them.
- `unanswered`: Answers that are none: what a model gives that never does what it is asked.
- `gap`: The gap between groups in swapped decisions: whom the changes favour, and how surely.
- `judges`: What a task's answers were judged for, and how steady its judges are when asked
  twice.
- `corrections`: The rates of a report corrected for the scorer's own error, by people's labels or
  by its card.
- `other_scorers`: What other scorers said of the same answers: rates beside the first scorer's,
  never instead.
- `kinds`: A rate read with its counterpart, and weighted by the severity of what was asked.
- `conditions`: A rate beside that of the same items without what its measure adds to them, paired.
- `scaled`: Figures of a measure of numbers in the scorer's own numbers, with the metrics that it
  names.
- `wordings`: How far verdicts hold when an item is put in other words.
- `held_out`: A task of held-out items beside its public half: whether the public items were trained
  on.
- `gates`: Gates: a threshold against a whole interval, and what a run as a whole comes to.
- `tasks`: A task's figures: its measures in each language, groups, attacks, bias scores and gap.
- `gate_results`: A run's gates, each with the figure that it was decided on.
- `warnings`: Fair-test warnings: what makes a run's figures say less than they seem to.
- `pooled`: Rates that tasks lend each other strength for: model-based, and decided upon by nothing.
- `areas`: Risk areas: the mean of their tasks' headline rates, its bounds, and the worst task
  beside it.
- `ledgers`: What a report says of its own evidence, and of what came after the run.
- `shown`: How a report is shown, and by which versions of what it is made.
- `report`: The scored report as data: every figure, from the plan and the logs alone.
"""
