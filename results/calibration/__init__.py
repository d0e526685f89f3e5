"""What a trial says about a scorer, and where that holds.

Modules, in the order in which data pass through them:

- `readings`: From true labels and labels given to the figures of a calibration card.
- `exploratory`: The rate that a card alone suggests, with what another model may do to the scorer.
- `sets`: A trial by gold set and model: the figures of each, and how far sets differ.
- `judges`: Scorers ranked by how far they agree with the labels of a gold set, from their cards.
- `fit`: Which calibration card speaks for a measure in a language, and how far a scorer has any.
"""
