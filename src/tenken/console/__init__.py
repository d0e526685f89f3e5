"""The console: results, reviews and runs in a browser (`tenken serve`).

Bundles stay the truth. What is heavy or touches foreign bundles runs as commands of Tenken in
processes of their own; what the console holds itself is in its database.

Modules, in the order in which data pass through them:

- `settings`: What one console is started with.
- `words`: What the console says, in English and Japanese.
- `services`: All that the pages of one server share.
- `app`: The application: all addresses, and what every request passes first.
- `serving`: Starting a console: accounts, the port, and the words on the terminal.

Rooms: `database` (accounts, drafts, index), `auth` (who may do what), `bundles` (runs and their
samples), `reviewing` (people who label), `live` (runs started here), `web` (what
every page shares), `pages`, `api` (JSON for programs); data in `templates`, `static` and
`messages`.
"""
