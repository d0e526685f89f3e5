"""What the command line does about a sealed bundle.

Modules, in the order in which data pass through them:

- `publish`: `tenken publish RUN --output DIR`: a run's bundle without its texts.
- `disclose`: `tenken disclose RUN --sample ID`: open single samples of a published bundle.
- `attest`: `tenken attest RUN`: verify a bundle and sign what was found, in a role.
- `export`: `tenken export RUN --format FORMAT`: a run's results in a form that others read.
"""
