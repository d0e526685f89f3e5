"""Commands that start a server or speak with one.

Modules, in the order in which data pass through them:

- `serve`: `tenken serve`, the console in a browser.
"""
