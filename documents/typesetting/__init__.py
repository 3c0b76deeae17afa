"""How an official paper looks (GB/T 9704-2012), in Word: fonts, page, text and tables."""
