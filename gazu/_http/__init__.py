"""The engine room: everything hard about talking to the server. Private."""
