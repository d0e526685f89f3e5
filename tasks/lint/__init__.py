"""Checks of tasks and their items: `tenken check`.

Modules, in the order in which data pass through them:

- `subject`: A task under check: its card, its samples with their lines and texts, and what is
  found.
- `structure`: Whether a task is whole: readable lines, pairs, twins, measures.
- `sources`: Where facts can be looked up: what is wrong with a source, and all of them by address.
- `variants`: Whether an item in other words is the same item: same label, same choices, one of each
  kind.
- `text`: What a look at each text shows: language, length, stray characters, blanks, real names.
- `tongue`: Which language a text in Latin letters reads like, where it is not the one that its row
  says.
- `names`: A small screen for names of real persons; it warns, it does not decide.
- `duplicates`: Items that are there twice, or nearly: in one task, and in two.
- `balance`: Whether a model that always answers the same gains by it: targets, positions, tags.
- `files`: The card and the pages against the data: digest, canary, counts, README, what was laid
  out.
- `reviews`: Whether the records of `reviews.jsonl` can be read and are of the task's items.
- `surface`: Whether n-grams or length give a label away, over pairs of twins.
- `constants`: What a model would score that always answers the same.
- `design`: How varied the items are: design tags, lengths, house phrases.
- `deep`: All figures of a task together, and which lie outside the targets.
- `run`: The check of tasks: every finding of every kind, in a fixed order.
"""
