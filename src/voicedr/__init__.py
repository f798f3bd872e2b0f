"""Voice disaster recovery for teams that run on Twilio Voice."""

__version__ = "0.1.0"
