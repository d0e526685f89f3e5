"""How a sample is put to the model.

Modules, in the order in which data pass through them:

- `ask`: The solver that puts one prompt to the model.
- `converse`: Solvers of several turns: a scripted conversation, pressure on an answer, a swapped
  case.
- `act`: The solver that lets the model act: a few tools on a small world that is only in memory.
"""
