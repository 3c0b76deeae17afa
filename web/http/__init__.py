"""Sessions, forms, rendering and error pages: what every page needs."""
