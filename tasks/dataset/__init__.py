"""The samples of a task.

Modules, in the order in which data pass through them:

- `sample`: A task's sample, and which of its card's measures it belongs to.
- `line`: From a line of `samples.jsonl` to a sample, or to what is wrong with the line.
- `read`: A task's samples, read from its file and checked against its card and one another.
- `reviews`: Who read the items and what they found: the records of `reviews.jsonl`.
- `choose`: Which samples a limited run asks: whole pairs, in balance.
"""
