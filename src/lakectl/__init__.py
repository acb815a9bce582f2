"""The command line and the compiler."""
