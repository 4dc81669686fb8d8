"""What works on which version of the server."""
