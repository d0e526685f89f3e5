"""What a trial says about a scorer, and where that holds.

Modules, in the order in which data pass through them:

- `readings`: From true labels and labels given to the figures of a calibration card.
- `exploratory`: The rate that a card alone suggests, with what another model may do to the scorer.
- `fit`: Which calibration card speaks for a measure in a language, and how far a scorer has any.
"""
