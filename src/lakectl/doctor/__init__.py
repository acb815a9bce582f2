"""`lake doctor`: whether everything is there, and how to get what is not."""
