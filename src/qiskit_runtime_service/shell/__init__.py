"""Effects: files, environment, clock, threads and the classes that users hold."""
