"""What takes a server, beside the functions: documentation, command line, sandbox, and what Zou does by itself."""
