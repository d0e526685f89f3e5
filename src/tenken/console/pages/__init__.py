"""The pages of the console.

Modules, in the order in which data pass through them:

- `sign_in`: Signing in and out.
- `runs`: The table of all runs.
- `models`: Models side by side, one over time, and any runs compared sample by sample.
- `run`: One run: its worst figure, its grades, its tasks, and the report.
- `samples`: The samples of a run, and one of them.
- `withdrawals`: Items withdrawn from a run: who, when and why, with the figures before and after.
- `audit`: Auditing: findings, files, the register and the log of acts.
- `jobs`: Starting runs, and looking on.
- `review`: Reviewing: who is asked, one answer a screen, handing in.
- `library`: Tasks with their cards and items, what they cover, and what is due for review.
- `readings`: Reading items of the library: who reads which, one item a screen, handing in.
- `accounts`: Accounts, passwords and tokens.
"""
