"""Who is calling: tokens, and the actor that a token stands for."""
