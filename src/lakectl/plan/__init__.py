"""What a change would do, before it is done: stacks, resources, permissions, datasets. Nothing here writes."""
