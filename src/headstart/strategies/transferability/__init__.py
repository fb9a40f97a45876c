"""How transferable is each layer? Four networks per cut (Yosinski et al., NeurIPS 2014), and a probe at every layer.

Reading order: tasks, blueprint, lessons, networks, finished, experiment, probes, findings, words.
"""
