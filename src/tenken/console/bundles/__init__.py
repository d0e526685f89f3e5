"""The bundles in the results folder, and what the console has made of them to find things quickly.

Modules, in the order in which data pass through them:

- `folder`: Which folders are runs; the only way from an address to a file.
- `commands`: Commands of Tenken as processes of their own, for all that is heavy or hostile.
- `index`: What the table of runs shows of each run.
- `filters`: The table of runs as an address asks for it.
- `indexing`: The samples of a run, written to the database by a process of its own.
- `samples`: The samples of a run as an address asks for them.
- `sample`: One sample as its log has it.
- `journal`: What a run's journal says happened, counted.
- `downloads`: What may be taken away of a run: all its files, an export, or its published twin.
- `verifications`: What `tenken verify` found, kept until the seal changes.
- `standings`: Models side by side, those together that cannot be told apart.
"""
