"""Facts: snapshots of real IBM devices as compressed data, and the functions that read them."""
