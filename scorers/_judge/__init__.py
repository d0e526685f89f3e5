"""The parts of scorers that ask a grader model.

Modules, in the order in which data pass through them:

- `graders`: Which model grades: by role, always named, never the tested model by accident.
- `reasoning`: What a model thought before it answered; shown to a judge where that is asked for.
- `ask`: Asking a grader model for a verdict in a fixed form, and taking nothing else for one.
- `repeat`: Asking a judge twice about a few answers: how often its verdict is another the second
  time.
- `label`: A grader's one label as a score: asked twice where the answer is drawn, `unclear` no
  verdict.
"""
