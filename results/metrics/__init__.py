"""Statistics: every estimator, its interval and its test.

Modules, in the order in which data pass through them:

- `settings`: What all intervals of a report share, and how their numbers are rounded.
- `interval`: An interval, and a number with its interval and its denominators.
- `means`: The mean of bounded values in clusters: one interval and one test at every number of
  clusters.
- `rates`: Rates with intervals that respect clusters, and the bounds that undecided samples allow.
- `paired`: Two models, or two languages, on the same items: the difference, its interval and its
  tests.
- `power`: What a sample can show: the cost of clustering, and the smallest difference it can
  detect.
- `bbq`: Bias scores of question answering with ambiguous and disambiguated contexts, as in BBQ.
- `pooled`: Rates of tasks that lend each other strength: a beta-binomial model over tasks and
  areas.
- `reweighted`: Intervals of figures that are no means, by every set of weights that clusters may
  have.
- `agreement`: How far a scorer agrees with the truth, and several raters with each other.
- `rogan_gladen`: A rate corrected for the errors of its scorer, as far as a trial of that scorer
  allows.
- `bivariate`: Sensitivity and specificity carried over to a model that the scorer was not tried on.
- `ppi`: A rate from human labels on a part of a run, sharpened by the scorer's verdicts on all of
  it.
- `labels`: How many labels of a run's answers a corrected rate takes.
- `irt`: Item response theory: the two-parameter logistic model of items and answerers.
- `values`: A metric over numbers that is no mean, with an interval by leaving out one cluster at a
  time.
- `items`: How well items work: facility, discrimination, reliability, and what makes one suspect.
"""
