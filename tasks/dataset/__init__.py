"""The samples of a task.

- `sample`: A task's samples: read from JSON Lines, checked line by line, chosen in balance.
"""
