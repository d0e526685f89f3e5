"""The question files of J-AISI's aisev.

Modules, in the order in which data pass through them:

- `rows`: The rows of question files of J-AISI's tool aisev, read strictly and with their lines.
- `choices`: The answers to choose from, and the right one, of a multiple-choice question written
  as text.
- `tasks`: From question files of J-AISI's aisev to tasks: one for each perspective and kind of
  scoring.
"""
