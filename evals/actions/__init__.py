"""What commands do, for the command line and for `import tenken` alike: from options to a bundle.

Modules, in the order in which data pass through them:

- `keys`: Where the key that seals bundles is looked for.
- `gates`: What a suite's gates can show at the planned size: refused where no model could pass.
- `earlier`: Earlier runs of a results folder whose answers a run may take over.
- `attempts`: The register of attempts beside the runs, and what another plan changes.
- `witness`: Witnesses of a commitment: an authority's time stamp, and a line in a transparency
  log.
- `commit`: Committing to a plan before anything is asked, and the register of attempts.
- `score`: Scoring a finished run again, next to the old scores.
- `also`: The further scorers that a suite names, over a run's answers once the run is sealed.
- `ending`: The end of a run: its report, its seal and its suite's further scorers.
- `run`: A run from its configuration to its sealed bundle.
- `many`: Several models, one after the other: a bundle each, one comparison, one leaderboard.
- `trial_request`: From what a user names to a trial: gold files or public sets, and the scorer.
- `trial`: One trial of a scorer on gold answers, and the calibration cards and figures of it.
- `items`: How well the items of runs work, and what answering without reading would come to.
- `held_out`: Public items beside held-out ones, over runs of one model or several.
- `item_reviews`: Readings of a task's items: what readers are given, and what they send back.
- `runs`: The runs of a results folder: found, listed, put away, removed.
"""
