"""The command line: one file per family of commands, loaded only when it is asked for."""
