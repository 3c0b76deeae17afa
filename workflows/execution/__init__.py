"""How workflows reach the engine: inbox, timers, recorder, background tasks, signals."""
