"""The clocks of the law counted day by day, without the product's code: what generated tests compare with."""
