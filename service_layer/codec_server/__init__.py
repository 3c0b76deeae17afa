"""What the Temporal UI asks of us: payloads in the clear, and payloads that an administrator types."""
