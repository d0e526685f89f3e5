"""What every page and every address shares: who asks, in which language, and what goes out.

Modules, in the order in which data pass through them:

- `guard`: What holds for every request and answer: hosts, sizes, headers.
- `call`: One request with all that a page needs of it, and the guard of forms.
- `render`: Templates and answers.
- `routes`: From a function to an address with the right that it takes.
"""
