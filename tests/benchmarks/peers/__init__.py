"""How long an application stands still while partitions are made and retired.

One run puts partman beside plain SQL and beside other partition managers, on the same
server, under the same load.
"""
