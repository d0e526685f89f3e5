"""Pages for people, in English and Japanese.

Modules, in the order in which data pass through them:

- `environment`: What every page of results is rendered with: one guarded environment, pictures and
  digests.
- `words`: All words of the report's page, in English and in Japanese, and how figures are written.
- `attack_words`: The words of the report's page about attacks, in English and in Japanese.
- `calibration_words`: The words of the report's page about the scorers' own error, in English and
  in Japanese.
- `compare_words`: The words of a comparison of runs, in English and in Japanese.
- `coverage_words`: The words of the report's section on coverage, in English and in Japanese.
- `rescoring_words`: The words of the report's page about other scorers of the same answers, in
  both languages.
- `review_words`: The words about people's labels, on the page for reviewers and in the report.
- `charts`: Charts as SVG: rates and differences with intervals, outcomes, and bias scores.
- `report`: The report as one page for people: no network, no script, and nothing of a model's text
  trusted.
- `compare`: A comparison of runs as one page for people: no network, no script, nothing of a run
  trusted.
- `review`: What reviewers get: a file of lines, and one page that needs no server. Both are blind.
"""
