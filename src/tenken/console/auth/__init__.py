"""Who is there, what they may do, and what they did.

Modules, in the order in which data pass through them:

- `roles`: Roles and the rights that each has.
- `accounts`: Accounts and their passwords.
- `limits`: How often somebody may try to sign in.
- `sessions`: Sessions of browsers, tokens of programs, and the one-time link.
- `oidc`: Signing in at an OpenID provider.
- `acts`: The log of all that changed or uncovered something.
"""
