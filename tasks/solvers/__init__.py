"""How a sample is put to the model.

Modules, in the order in which data pass through them:

- `ask`: The solver that puts one prompt to the model.
- `converse`: Solvers of several turns: a scripted conversation, pressure on an answer, a swapped
  case.
- `budget`: How much an attack that adapts may use up, from what a suite sets.
- `adapt`: The solver of attacks that adapt: a model in the role `attacker` writes what is asked
  next.
- `tries`: What an attack that adapts has tried, and what a scorer makes of all tries together.
- `act`: The solver that lets the model act: a few tools on a small world that is only in memory.
"""
