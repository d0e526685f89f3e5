"""Commands that start a server or speak with one.

Modules, in the order in which data pass through them:

- `remote`: Speaking with a console: what `--server` does for `runs`, `compare` and `review`.
- `serve`: `tenken serve`, the console in a browser.
"""
