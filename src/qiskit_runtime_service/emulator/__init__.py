"""The cloud as a value: a world, and one total function that answers a request with a new world."""
