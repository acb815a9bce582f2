"""What users write in SQL: parsed, checked by name, completed without changing a word of theirs."""
