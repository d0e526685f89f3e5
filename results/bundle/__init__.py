"""Writing a run's bundle.

Modules, in the order in which data pass through them:

- `made`: The files of a bundle that are made from its evidence, and reading its report back.
- `staging`: A change of a sealed bundle made ready beside it, so that a kill leaves the bundle as
  it was.
- `leaks`: Looking for secrets in a bundle before it is sealed, inside of its logs and tables too.
- `kept`: What this installation remembers of the bundles that it sealed: a page is then made again
  fast.
- `write`: Writing a bundle: report, tables and seal, from the logs, the same bytes each time.
- `again`: A sealed bundle's page or records again, without reading its logs.
- `publish`: A bundle without its texts: what is in it, what stands for what was left out, and a
  scan.
- `share`: A run as one file to send: its published twin, packed.
"""
