"""From a file or call to the city's log: gateway, readers, submissions, chunks, client."""
