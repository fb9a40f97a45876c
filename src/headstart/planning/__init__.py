"""How to transfer: probes that foretell each strategy, a plan that weighs them, a file that is executed."""
