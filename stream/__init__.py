"""The fold over a city's log: Faust app, city agent, cube, ledger, recovery."""
