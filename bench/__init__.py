"""The speed of the product beside its physical floor: `make bench`, `SIZE=1m DB=pg make bench`."""
