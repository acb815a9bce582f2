"""What the files mean together: names that refer to one another, columns that flow from step to step."""
