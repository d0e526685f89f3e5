"""The commands on a task's own items.

Modules, in the order in which data pass through them:

- `half`: `tenken new TASK --held-out`: a half of a task that is kept from the public, and its
  power.
- `sources`: `tenken check --sources`: the pages that facts rest on, and which have no copy in an
  archive.
- `figures`: `tenken check --deep`: what the items of a task can tell, and which targets are missed.
- `review`: `tenken review-items TASK`: have items read by somebody who did not write them.
- `held_out`: `tenken compare RUN... --held-out`: were the public items trained on? Held-out ones
  beside them.
"""
