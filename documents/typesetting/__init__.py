"""The layout of official papers in Word (GB/T 9704-2012): fonts, page, text and tables."""
