"""What a trial says about a scorer, and where that holds.

Modules, in the order in which data pass through them:

- `readings`: From true labels and labels given to the figures of a calibration card.
- `fit`: Which calibration card speaks for a measure in a language, and how far a scorer has any.
"""
