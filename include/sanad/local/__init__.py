"""Everything that runs on one machine: the embedded server, the loopback publisher, the demo stack."""
