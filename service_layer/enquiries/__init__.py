"""Answers to people outside of the platform: public enquiries, and source systems."""
