"""What the command line does about a run's evidence.

Modules, in the order in which data pass through them:

- `attempts`: The register of attempts beside the runs, and what another plan changes.
- `commit`: Committing to a plan before anything is asked, and the register of attempts.
"""
