"""What calls cost: rate sheets as carriers send them, and how long money lasts.

Pure: bytes in, values out; which price is in force is asked with a moment. Money is an integer of
millionths of the currency's unit, and never a float.
"""
