"""Rules about templates and state machines that neither cfn-lint nor the local cloud enforces, one a file."""
