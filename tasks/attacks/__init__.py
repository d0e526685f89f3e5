"""Requests under attack: published ways of asking so that a model does not decline.

Modules, in the order in which data pass through them:

- `spelling`: Odd spellings of a text: leet, full width, zero width, kana swapped, Latin letters.
- `transforms`: The attacks: published ways of wrapping or spelling a request so that a model does
  not decline.
- `adaptive`: The attacks that adapt to the model's answers, and what a run sets for an attack.
- `apply`: A request task under attack: which tasks can be, and its samples once for each attack.
"""
