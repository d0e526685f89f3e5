"""What scorers that read text share.

Modules, in the order in which data pass through them:

- `unicode`: One form for the many ways in which Unicode writes a text.
- `lookalikes`: Letters that stand for Latin ones: Cyrillic and Greek twins, small capitals, marks,
  ornaments.
- `cues`: Tables of cues: named regular expressions that scorers read answers with, kept in YAML.
"""
