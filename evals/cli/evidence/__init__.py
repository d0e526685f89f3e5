"""What the command line does about a run's evidence.

Modules, in the order in which data pass through them:

- `attempts`: The register of attempts beside the runs, and what another plan changes.
- `witness`: Witnesses of a commitment: an authority's time stamp, and a line in a transparency
  log.
- `commit`: Committing to a plan before anything is asked, and the register of attempts.
- `publish`: `tenken publish RUN --to DIR`: a run's bundle without its texts.
- `disclose`: `tenken disclose RUN --sample ID`: open single samples of a published bundle.
- `attest`: `tenken attest RUN`: verify a bundle and sign what was found, in a role.
- `export`: `tenken export RUN --to FORMAT`: a run's results in a form that others read.
"""
