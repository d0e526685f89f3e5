"""The pages of the console.

Modules, in the order in which data pass through them:

- `sign_in`: Signing in and out.
- `runs`: The table of all runs.
- `run`: One run: its worst figure, its grades, its tasks, and the report.
- `samples`: The samples of a run, and one of them.
- `review`: Reviewing: who is asked, one answer a screen, handing in.
"""
