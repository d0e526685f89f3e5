"""The commands on a task's own items.

Modules, in the order in which data pass through them:

- `review`: `tenken review-items TASK`: have items read by somebody who did not write them.
"""
