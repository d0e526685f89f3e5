"""What is asked: a folder a risk area, a folder a task, each a card and its samples."""
