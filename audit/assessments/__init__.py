"""Published editions, made again from histories alone (R62)."""
