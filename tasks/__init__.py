"""What is asked: a folder a risk area, a folder a task, each a card and its samples.

The rooms of code, in the order in which data pass through them: `card`, `sources`, `dataset`,
`solvers`, `attacks`; beside them `scaffold` (new tasks), `lint` (checks), `importers` (question
sets of other tools).

Modules, in the order in which data pass through them:

- `library`: Finding tasks: the ones beside this file, and those of other installed
  packages.
- `arguments`: The arguments that a card gives a solver or scorer, checked against its own types.
- `parts`: A task's solver and scorer, made of their names and arguments.
- `attached`: Files that go with a sample's text: images, sounds and documents, as Inspect's content
  parts.
- `measure_fit`: Whether a measure means what the scorer gives: labels, or numbers on a scale.
- `fit`: Whether a task's parts fit together: its samples, solver, scorer and measures.
- `build`: From a card to an Inspect task: samples with their prompt, solver and scorer.
"""
