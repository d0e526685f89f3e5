"""The same for programs: JSON under `/api/v1`, with a token of an account.

Modules, in the order in which data pass through them:

- `v1`: The addresses.
- `document`: The OpenAPI document of them, and its page.
"""
