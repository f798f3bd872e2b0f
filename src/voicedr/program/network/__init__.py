"""The network between a customer and the provider: published addresses, firewalls, session border controllers."""
