"""One file a verb of the command line: what it does with a call, apart from how the call is spelled."""
