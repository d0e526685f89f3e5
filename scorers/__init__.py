"""How answers are judged: a file a scorer, with what is known about each one's own error."""
