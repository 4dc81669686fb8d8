"""The transport: everything difficult about talking to the server. Private."""
