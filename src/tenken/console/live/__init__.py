"""Runs that are started in the browser: each is `tenken run` in a process of its own.

Modules, in the order in which data pass through them:

- `request`: From a form to the arguments of `tenken plan` and `tenken run`.
- `runner`: The process of one run, which leaves its exit status in a file.
- `jobs`: Starting, looking at, pausing and going on.
"""
