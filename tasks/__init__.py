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
- `examples`: The example items and the card that every task laid out by `tenken new` begins with.
- `texts`: Texts that are not what their row says: in another language, left to be filled in, or
  still the example's.
- `reversal`: Measures that the worst answer cannot raise: labels of the wrong end count as unsafe.
- `measure_fit`: Whether a measure means what the scorer gives: labels, or numbers on a scale.
- `fit`: Whether a task's parts fit together: its samples, solver, scorer and measures.
- `build`: From a card to an Inspect task: samples with their prompt, solver and scorer.
"""
