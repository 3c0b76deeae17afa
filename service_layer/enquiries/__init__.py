"""What is told to those outside of the platform: public enquiries, and source systems."""
