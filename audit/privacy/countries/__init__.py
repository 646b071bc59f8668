"""One file a country: which numbers identify a person there, their shape, check and price in doubt."""
