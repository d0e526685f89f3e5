"""Scorers that give numbers, for measures with `value`.

Modules:

- `confidence`: A chosen letter and how sure the model says it is.
- `rating`: A grader's rating by a criterion of the card's.
- `preference`: Whether a grader prefers an answer to a reference, asked in both orders.
- `strong_reject`: StrongREJECT's rubric, as a number or, from a threshold on, as labels.
"""
