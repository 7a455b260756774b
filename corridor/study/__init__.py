"""A study and its questions: scenarios run, edited, compared, reviewed and ranked."""
