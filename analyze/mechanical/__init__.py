"""Programs run over a series: what they say is passed on as mechanical findings (docs/mechanical.md)."""
