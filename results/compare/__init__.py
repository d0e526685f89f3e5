"""Comparing runs on the samples that they share.

Modules, in the order in which data pass through them:

- `runs`: Reading a run for a comparison, and checking first that it is the one that was sealed.
- `match`: Which samples of two runs are the same question, judged in the same way, and why others
  are not.
- `corrected`: The difference of two runs on the same items, corrected for the error of their
  common scorer.
- `findings`: What a comparison finds: two families of tests, and no whole that its parts
  contradict.
- `overview`: Up to six runs at a glance: each one's own rates, and which can be told from which.
- `pooled`: Differences of two runs for which tasks lend each other strength: model-based, no
  finding.
- `compare`: Comparing runs on the items that they share: paired differences, two families of tests.
"""
