"""Pages for people, in English and Japanese.

What the pages say is in `messages/en.yaml` and `messages/ja.yaml`.

Modules, in the order in which data pass through them:

- `messages`: The message catalogues: what the pages say, by key, in English and in Japanese.
- `numbers`: How numbers are written on the pages, the same in every language.
- `phrases`: One language of the pages: messages with their blanks filled, and how figures are
  written.
- `words`: What the pages say of the parts of reports and comparisons: gates, reasons, findings.
- `sheet`: A sheet that charts are drawn on: marks and words at their places, written as SVG.
- `charts`: Charts as SVG: rates and differences with intervals, outcomes, and bias scores.
- `turns`: A chart of attacks that adapt: the share of requests that had been broken by each turn.
- `grades`: The five grades of a bundle as far as they are known when its page is made.
- `findings`: What a verification found, in words: sentences of the catalogues for codes with
  parameters.
- `environment`: What every page of results is rendered with: one guarded environment, pictures and
  digests.
- `report`: The report as one page for people: no network, no script, and nothing of a model's text
  trusted.
- `items`: A page on the items of tasks: each as a dot, what they tell together, and which are
  suspect.
- `compare`: A comparison of runs as one page for people: no network, no script, nothing of a run
  trusted.
- `director`: The page for whoever decides: the verdict, the areas, the worst finding, and how far
  to trust it.
- `fairness`: The section "Was this a fair test?": signs that scanners and judges see in the
  answers.
- `review_form`: The page on which people read one thing after another and say what they make of
  it.
- `review`: What reviewers get: a file of lines, and one page that needs no server. Both are blind.
- `item_review`: What readers of a task's items get: a file of lines, and one page; both blind to
  the label.
"""
