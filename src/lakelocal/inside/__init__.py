"""The host process of the local cloud: MiniStack, with what it lacks registered into it."""
