"""How workflows run on the engine: the workers' runner, starts, cancellation, the clock, what the Temporal UI shows."""
