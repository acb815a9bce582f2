"""One Lambda function a file: environment and wiring, nothing else."""
