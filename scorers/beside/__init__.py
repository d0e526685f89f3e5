"""Scorers with a measure of their own: beside what a task measures, and in none of its figures.

Modules, each a scorer:

- `reasoning_leak`: Whether a model's thought says what its answer withholds.
- `fair_test`: Whether an answer shows that its sample was no fair test of the model.
"""
